"""Rows and folders of code taken as tasks: all or none, or the sound ones with the others noted."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import msgspec

from banbury import clock
from banbury.cycle.source.importing import rows
from banbury.cycle.source.importing.files import Unfit
from banbury.cycle.source.importing.rows import Broken, Row
from banbury.episode import Problem, canonical
from banbury.errors import InputError, UnknownName
from banbury.store import Lab

_READERS = {".jsonl": rows.jsonl, ".parquet": rows.parquet, ".json": rows.json_array}
_TOLD = 20
_BATCH = 64
_MOST = 1 << 30
"""Bytes that a compressed file may unfold to."""

Progress = Callable[[int, int, str], None]
Make = Callable[[Row], tuple[str, Callable[[], Problem]]]
"""Of a row: the id that its task will have, and what makes and proves the task. Raises Unfit."""


class Taken(msgspec.Struct):
    """What became of an import of code.

    Attributes:
        source: path.
        format: in which it was read.
        rows: rows or folders that were read.
        new: tasks that the lab did not hold.
        there: tasks that it held already; these were not proven again.
        broken: rows that were left out.
        reasons: each of them with its reason.
        broken_file: where they are written, "" if nowhere.
        seconds: that it took.
    """

    source: str
    format: str
    rows: int = 0
    new: int = 0
    there: int = 0
    broken: int = 0
    reasons: list[str] = []
    broken_file: str = ""
    seconds: float = 0.0


@contextmanager
def table(path: Path) -> Iterator[rows.Rows]:
    """Yield the rows of a JSON lines, JSON or Parquet file, also of one in gzip.

    Raises:
        InputError: it cannot be read, or is of another kind.
    """
    with tempfile.TemporaryDirectory(prefix="banbury-rows-") as folder:
        plain = path
        if path.suffix == ".gz":
            plain = Path(folder) / path.stem
            _unfold(path, plain)
        reader = _READERS.get(plain.suffix)
        if reader is None:
            raise InputError(
                f"{path.suffix or path.name!r} is no kind of table that code comes in",
                where=str(path),
                do=f"give {', '.join(_READERS)}, or .jsonl.gz",
            )
        yield reader(plain, ())


def _unfold(path: Path, to: Path) -> None:
    try:
        with gzip.open(path) as source, to.open("wb") as out:
            while block := source.read(1 << 20):
                out.write(block)
                if out.tell() > _MOST:
                    raise InputError(
                        f"the file unfolds to more than {_MOST} bytes", where=str(path)
                    )
    except (OSError, EOFError) as error:
        raise InputError(f"the file is no gzip: {error}", where=str(path)) from None


def take(
    lab: Lab,
    held: Sequence[Row | Broken],
    make: Make,
    said: Taken,
    *,
    skip_broken: bool = False,
    broken_file: Path | None = None,
    progress: Progress | None = None,
) -> Taken:
    """Take rows as tasks and return what became of it.

    Each task is proven before it is taken: its own reference is judged, in a box. If a row is
    broken nothing is taken, unless `skip_broken`; then what was proven is written as it goes, so
    that a stop loses little, and the same import again proves only what is not there.

    Raises:
        InputError: rows are broken, or there is none.
    """
    begun = clock.mono_ns()
    if not held:
        raise InputError("there is no row in it", where=said.source)
    broken: list[Broken] = []
    kept: list[Problem] = []
    with ThreadPoolExecutor(max(1, os.cpu_count() or 1), "banbury-prove") as pool:
        stream = iter(held)
        while batch := list(islice(stream, _BATCH)):
            for found in pool.map(lambda row: _made(lab, row, make), batch):
                said.rows += 1
                if isinstance(found, Broken):
                    broken.append(found)
                elif found is None:
                    said.there += 1
                else:
                    kept.append(found)
                if progress:
                    progress(said.rows, len(held), "prove")
            if skip_broken:
                said.new += lab.put_tasks(kept)
                kept = []
    said.broken, said.reasons = len(broken), [f"{b.place}: {b.why}" for b in broken]
    if broken and not skip_broken:
        raise _refused(said)
    said.new += lab.put_tasks(kept)
    if broken and broken_file is not None:
        lines = [canonical({"row": b.place, "why": b.why}) + b"\n" for b in broken]
        broken_file.write_bytes(b"".join(lines))
        said.broken_file = str(broken_file)
    said.seconds = round((clock.mono_ns() - begun) / 1e9, 2)
    return said


def _made(lab: Lab, row: Row | Broken, make: Make) -> Problem | Broken | None:
    """Return the task of a row, None if the lab has it, or why there is none."""
    if isinstance(row, Broken):
        return row
    try:
        id, prove = make(row)
        try:
            lab.task(id)
        except UnknownName:
            return prove()
    except Unfit as error:
        return Broken(row.place, str(error))
    except InputError as error:
        return Broken(row.place, str(error))
    return None


def _refused(said: Taken) -> InputError:
    more = len(said.reasons) - _TOLD
    lines = [*said.reasons[:_TOLD], *([f"and {more} more"] if more > 0 else [])]
    return InputError(
        f"{said.broken} of {said.rows} rows are broken, and nothing was taken",
        where="\n  " + "\n  ".join(lines),
        do="mend them, or take the others with --skip-broken",
    )
