"""Parts about files: written, moved, shared."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from banbury.gyms.desk.changes import GONE, NEW, Change
from banbury.gyms.desk.goals.part import Part
from banbury.gyms.desk.world import World


class Written(Part, frozen=True):
    """A new file that holds exactly this text, blanks around it apart, shared with nobody."""

    path: str
    text: str

    def missing(self, start: World, end: World) -> str:
        """Say whether the file is missing or says something else."""
        if self._there(end):
            return ""
        there = self.path in end.files
        return f"{self.path} {'does not hold exactly what it must' if there else 'is not there'}"

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain the new file."""
        if self._there(end):
            yield "files", self.path, NEW

    def _there(self, end: World) -> bool:
        file = end.files.get(self.path)
        return file is not None and file.text.strip() == self.text and not file.shared


class Moved(Part, frozen=True):
    """Files lie at new paths, unchanged.

    Attributes:
        paths: the new path of each old one.
    """

    paths: dict[str, str]

    def missing(self, start: World, end: World) -> str:
        """Name those that are not there."""
        left = [old for old, new in self.paths.items() if not self._there(start, end, old, new)]
        return f"{', '.join(left)} not where it belongs" if left else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain old and new paths of those that are."""
        for old, new in self.paths.items():
            if self._there(start, end, old, new):
                yield "files", old, GONE
                yield "files", new, NEW

    def _there(self, start: World, end: World, old: str, new: str) -> bool:
        file = end.files.get(new)
        if file is None or old in end.files:
            return False
        return msgspec.structs.replace(file, path=old) == start.files[old]


class Shared(Part, frozen=True):
    """A file is shared with exactly these people."""

    path: str
    people: tuple[str, ...]

    def missing(self, start: World, end: World) -> str:
        """Say with whom it is shared too little or too much."""
        file = end.files.get(self.path)
        if file is None:
            return f"{self.path} is not there"
        less, more = set(self.people) - set(file.shared), set(file.shared) - set(self.people)
        told = [f"not shared with {one}" for one in sorted(less)]
        told += [f"still shared with {one}" for one in sorted(more)]
        return f"{self.path} is {', '.join(told)}" if told else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain the sharing, unless somebody was let in who must not be."""
        file = end.files.get(self.path)
        if file is not None:
            before = start.files[self.path].shared
            if set(file.shared) <= {*before, *self.people}:
                yield "files", self.path, "shared"
