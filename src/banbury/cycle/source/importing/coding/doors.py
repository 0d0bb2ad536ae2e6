"""The ways in: what a path holds, and its rows as tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from banbury.cycle.source.importing.coding import functions
from banbury.cycle.source.importing.coding.harbor.reading import harbor_problem
from banbury.cycle.source.importing.coding.swebench_in import swebench_problem
from banbury.cycle.source.importing.coding.taking import Make, Progress, Taken, table, take
from banbury.cycle.source.importing.files import Unfit
from banbury.cycle.source.importing.rows import Broken, Row
from banbury.episode import UNSTATED, Origin, Problem, digest
from banbury.errors import InputError
from banbury.formats.harbor import read_task
from banbury.formats.humaneval import HumanEvalRow, read_row
from banbury.formats.swebench import read_row as read_bug
from banbury.gyms.code_repair.repair import GYM as REPAIR
from banbury.gyms.code_repair.trees import INLINE, MEDIA
from banbury.store import Lab

CODE = ("humaneval", "mbpp", "swebench", "harbor")
"""Formats of code."""
_TABLES = (".jsonl", ".gz", ".parquet", ".json")
_MARKS = {"entry_point": "humaneval", "test_list": "mbpp", "FAIL_TO_PASS": "swebench"}


def code_format(path: Path) -> str:
    """Return the format of code that a path holds, "" if it holds none."""
    if path.is_dir():
        return "harbor" if (path / "task.toml").is_file() or _folders(path) else ""
    if not path.is_file() or path.suffix not in _TABLES:
        return ""
    try:
        with table(path) as rows:
            first = next((row for row in rows if isinstance(row, Row)), None)
    except InputError:
        return ""
    found = (format for mark, format in _MARKS.items() if first and mark in first.values)
    return next(found, "")


def import_code(
    lab: Lab,
    path: Path,
    format: str = "",
    *,
    licence: str = "",
    repository: str = "",
    skip_broken: bool = False,
    broken_file: Path | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take the rows of a file, or a folder of tasks, as tasks of `code_write` or `code_repair`.

    Each is proven before it is taken: in a box, its own reference must get full marks.

    Args:
        lab: where the tasks go.
        path: a file of rows, a Harbor task, or a folder of Harbor tasks.
        format: one of `CODE`, found out if "".
        licence: SPDX id of the content; what a Harbor task says itself, or not stated, if "".
        repository: of SWE-bench rows: a folder or an address, with `{repo}` for each row's own.
        skip_broken: leave broken rows out, with their reasons.
        broken_file: where these are written; `PATH.broken.jsonl` if None.
        progress: called with (rows done, rows in all, phase).

    Raises:
        InputError: there is nothing, nothing that is known here, or rows are broken.
    """
    if not path.exists():
        raise InputError("there is no such file or folder", where=str(path))
    format = format or code_format(path)
    if format not in CODE:
        raise InputError("this holds no code that is known here", do=f"it may be {', '.join(CODE)}")
    said = Taken(str(path), format)
    aside = broken_file or path.with_name(f"{path.name}.broken.jsonl")
    rows, make = _read(lab, path, format, licence, repository)
    return take(
        lab, rows, make, said, skip_broken=skip_broken, broken_file=aside, progress=progress
    )


def _read(
    lab: Lab, path: Path, format: str, licence: str, repository: str
) -> tuple[Sequence[Row | Broken], Make]:
    """Return the rows of a path, and what makes a task of one."""
    if format == "harbor":
        folders = [path] if (path / "task.toml").is_file() else _folders(path)
        return [Row(one.name, {}, (), one) for one in folders], _folder(lab, licence)
    if format == "swebench" and not repository:
        raise InputError(
            "rows of SWE-bench name their repositories and do not hold them",
            where=str(path),
            do="add --repository FOLDER-or-ADDRESS; {repo} in it stands for each row's own",
        )
    with table(path) as found:
        rows = list(found)
    if format == "swebench":
        return rows, _bug(lab, path, licence, repository)
    return rows, _function(path, format, licence)


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        raise InputError("a Harbor task is a folder", where=str(path))
    return sorted(p for p in path.iterdir() if (p / "task.toml").is_file())


def _folder(lab: Lab, licence: str) -> Make:
    known = _known(lab)

    def make(row: Row) -> tuple[str, Callable[[], Problem]]:
        held = read_task(row.root)
        mark = digest(msgspec.msgpack.encode(held, order="deterministic"))
        origin = Origin("imported", f"harbor: {row.root.name}", mark)

        def proven() -> Problem:
            return harbor_problem(held, licence=licence, origin=origin, keep=_keep(lab))

        return known.get(mark, mark), proven

    return make


def _bug(lab: Lab, path: Path, licence: str, repository: str) -> Make:
    known = _known(lab)

    def make(row: Row) -> tuple[str, Callable[[], Problem]]:
        held = read_bug(row.values, row.place)
        mark = digest(msgspec.msgpack.encode(held, order="deterministic"))
        origin = Origin("imported", f"swebench: {path.name}", mark)
        where = repository.replace("{repo}", held.repo)

        def proven() -> Problem:
            return swebench_problem(held, where, licence=licence, origin=origin, keep=_keep(lab))

        return known.get(mark, mark), proven

    return make


def _known(lab: Lab) -> dict[str, str]:
    """Return the ids of the lab's imported repairs by the hash of what they were made of."""
    held = (t for t in lab.tasks(gym=REPAIR) if t.origin.kind == "imported")
    return {task.origin.revision: task.id for task in held}


def _keep(lab: Lab) -> Callable[[bytes], object]:
    return lambda archive: lab.blobs.put(archive, MEDIA) if len(archive) > INLINE else None


def _function(path: Path, format: str, licence: str) -> Make:
    def make(row: Row) -> tuple[str, Callable[[], Problem]]:
        held = read_row(row.values, row.place)
        real = "humaneval" if isinstance(held, HumanEvalRow) else "mbpp"
        if real != format:
            raise Unfit(f"it is a row of {real}, in a file of {format}")
        made = functions.draft(held)
        origin = Origin("imported", f"{format}: {path.name}", made.name)
        spdx = licence or UNSTATED
        return functions.id_of(made), lambda: functions.proven(made, licence=spdx, origin=origin)

    return make
