"""The ways in: what a path holds, and its rows as tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from banbury.cycle.source.importing.coding import functions
from banbury.cycle.source.importing.coding.taking import Progress, Taken, table, take
from banbury.cycle.source.importing.files import Unfit
from banbury.cycle.source.importing.rows import Row
from banbury.episode import UNSTATED, Origin, Problem
from banbury.errors import InputError
from banbury.formats.humaneval import HumanEvalRow, read_row
from banbury.store import Lab

CODE = ("humaneval", "mbpp", "swebench", "harbor")
"""Formats of code."""
_TABLES = (".jsonl", ".gz", ".parquet", ".json")
_MARKS = {"entry_point": "humaneval", "test_list": "mbpp", "FAIL_TO_PASS": "swebench"}


def code_format(path: Path) -> str:
    """Return the format of code that a path holds, "" if it holds none."""
    if path.is_dir():
        inside = [path, *sorted(p for p in path.iterdir() if p.is_dir())[:20]]
        return "harbor" if any((p / "task.toml").is_file() for p in inside) else ""
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
        licence: SPDX id of the content; not stated if "".
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
    if format not in ("humaneval", "mbpp"):
        raise InputError(f"{format} is not taken yet", where=str(path))
    with table(path) as found:
        rows = list(found)
        make = _function(path, format, licence)
        return take(lab, rows, make, said, skip_broken=skip_broken, broken_file=aside,
                    progress=progress)  # fmt: skip


def _function(
    path: Path, format: str, licence: str
) -> Callable[[Row], tuple[str, Callable[[], Problem]]]:
    def make(row: Row) -> tuple[str, Callable[[], Problem]]:
        held = read_row(row.values, row.place)
        real = "humaneval" if isinstance(held, HumanEvalRow) else "mbpp"
        if real != format:
            raise Unfit(f"it is a row of {real}, in a file of {format}")
        made = functions.draft(held)
        origin = Origin("imported", f"{format}: {path.name}", made.name)
        return functions.id_of(made), lambda: functions.proven(
            made, licence=licence or UNSTATED, origin=origin
        )

    return make
