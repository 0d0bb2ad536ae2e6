"""Writer: a file that is written in parts, can go on after a stop, and appears whole or not."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from banbury.episode import Task
from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Inputs


@dataclass(frozen=True)
class Line:
    """One task to write, with its answer, what is known of it, and its files' places."""

    task: Task
    inputs: Inputs
    results: Mapping[str, Result] | None
    gold: Mapping[str, Result]
    episode: str = ""
    person: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


class _Mark(msgspec.Struct):
    """How far an export is."""

    of: str
    after: int = -1
    counts: tuple[int, int, int] = (0, 0, 0)
    parts: dict[str, int] = {}
    said: dict[str, str] = {}


class Writer(ABC):
    """Writes lines to parts beside the file that they become.

    Attributes:
        out: the file.
        after: position of the last line that was written before a stop, -1 for none.
        counts: of tasks, answers and files until then.
        said: what a writer keeps of the lines so far.
    """

    def __init__(self, out: Path, of: str) -> None:
        """Take up what an export of the same kind has left, or begin.

        Args:
            out: the file.
            of: says what is exported; other parts are thrown away.
        """
        self.out = out
        self._mark_file = out.with_name(f".{out.name}.mark")
        mark = self._left(of)
        self._mark = mark or _Mark(of)
        self.after = self._mark.after
        self.counts = self._mark.counts
        self.said = dict(self._mark.said)
        self._parts: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for part in self._parts.values():
            part.close()

    def _left(self, of: str) -> _Mark | None:
        try:
            mark = msgspec.json.decode(self._mark_file.read_bytes(), type=_Mark)
        except (OSError, msgspec.MsgspecError):
            return None
        return mark if mark.of == of and all(map(self._whole, mark.parts.items())) else None

    def _whole(self, part: tuple[str, int]) -> bool:
        try:
            return self._place(part[0]).stat().st_size >= part[1]
        except OSError:
            return False

    def _place(self, name: str) -> Path:
        return self.out.with_name(f".{self.out.name}.{name}.part")

    def part(self, name: str) -> BinaryIO:
        """Return a part at its end."""
        if name not in self._parts:
            start = self._mark.parts.get(name, 0)
            self.out.parent.mkdir(parents=True, exist_ok=True)
            file = self._place(name).open("r+b" if start else "w+b")
            file.seek(start)
            file.truncate()
            self._parts[name] = file
        return self._parts[name]

    @abstractmethod
    def write(self, line: Line) -> None:
        """Write one task."""

    @abstractmethod
    def finish(self) -> None:
        """Put the file into its place."""

    def save(self, position: int, counts: tuple[int, int, int]) -> None:
        """Note how far the export is, so that it can go on from here."""
        for part in self._parts.values():
            part.flush()
        ends = {name: part.tell() for name, part in self._parts.items()}
        mark = _Mark(self._mark.of, position, counts, ends, self.said)
        aside = self._mark_file.with_name(f"{self._mark_file.name}.new")
        aside.write_bytes(msgspec.json.encode(mark))
        aside.replace(self._mark_file)

    def join(self, pieces: Sequence[bytes | BinaryIO]) -> None:
        """Write the pieces one behind the other, and put the file into its place."""
        if len(pieces) == 1 and not isinstance(pieces[0], bytes):
            pieces[0].flush()
            whole = self._place(next(n for n, f in self._parts.items() if f is pieces[0]))
        else:
            whole = self._place("whole")
            with whole.open("wb") as file:
                for piece in pieces:
                    if isinstance(piece, bytes):
                        file.write(piece)
                    else:
                        piece.seek(0)
                        shutil.copyfileobj(piece, file, 1 << 20)
        whole.replace(self.out)
        for name in self._parts:
            self._place(name).unlink(missing_ok=True)
        self._mark_file.unlink(missing_ok=True)
