"""A commit's files, written to a folder without history.

The files are written by us from git's objects, never by git's checkout: no filter, no hook and no
attribute of the repository is applied, and links are made last, where they stay inside.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from banbury.cycle.source.mine.history.paths import inside, refused
from banbury.cycle.source.mine.history.submodules import filled
from banbury.errors import InputError

if TYPE_CHECKING:
    from banbury.cycle.source.mine.history.repository import File, Repository

LARGEST = 64 << 20
"""Bytes of a single file; larger ones are left out."""
MOST = 1 << 30
"""Bytes of a whole tree."""
COUNT = 100_000
"""Files of a whole tree."""


class Exported(msgspec.Struct, frozen=True):
    """What was written.

    Attributes:
        files: how many, links included.
        size: their bytes.
        notes: one sentence for each thing that was left out or is unusual.
    """

    files: int
    size: int
    notes: tuple[str, ...]


class _Writer:
    def __init__(self, target: Path) -> None:
        self.target = target
        self.size = 0
        self.count = 0
        self.notes: list[str] = []
        self.links: dict[str, str] = {}
        self.folded: Counter[str] = Counter()

    def note(self, text: str) -> None:
        if len(self.notes) < 100:
            self.notes.append(text)

    def file(self, path: str, mode: str, content: bytes) -> None:
        self.size += len(content)
        self.count += 1
        if self.size > MOST or self.count > COUNT:
            raise InputError(f"the tree has over {MOST >> 30} GiB or {COUNT:,} files")
        where = self.target / path
        try:
            where.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            handle = os.open(where, flags, 0o755 if mode == "100755" else 0o644)
        except (FileExistsError, NotADirectoryError):
            self.note(f"{path!r} is in the tree twice")
            return
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.folded[path.lower()] += 1

    def finish(self) -> Exported:
        for path, to in sorted(self.links.items()):
            self._link(path, to)
        twice = sorted(path for path, count in self.folded.items() if count > 1)
        if twice:
            self.note(f"{len(twice)} paths differ only in case, such as {twice[0]!r}")
        return Exported(self.count, self.size, tuple(self.notes))

    def _link(self, path: str, to: str) -> None:
        if not inside(path, self.links):
            self.note(f"the link {path!r} leads outside and is left out")
            return
        where = self.target / path
        try:
            where.parent.mkdir(parents=True, exist_ok=True)
            where.symlink_to(to)
        except (FileExistsError, NotADirectoryError):
            self.note(f"{path!r} is in the tree twice")
            return
        self.count += 1


def export(repository: Repository, commit: str, target: Path, *, submodules: bool) -> Exported:
    """Write a commit's files to an empty folder; see `Repository.tree`."""
    if target.is_symlink() or (target.exists() and any(target.iterdir())):
        raise InputError("the folder to write to is not empty", where=str(target))
    target.mkdir(parents=True, exist_ok=True)
    writer = _Writer(target)
    _write(writer, repository, commit, "", depth=3 if submodules else 0)
    return writer.finish()


def _write(writer: _Writer, repository: Repository, commit: str, under: str, depth: int) -> None:
    files = repository.files(commit)
    for path, file in files.items():
        full = under + path
        if wrong := refused(full):
            writer.note(f"{full!r} {wrong} and is left out")
        elif file.mode != "160000":
            _one(writer, repository, full, file)
        elif depth:
            found = filled(repository, commit, path, file.id)
            if isinstance(found, str):
                writer.note(f"the submodule {full!r} is left empty: {found}")
                continue
            with found:
                _write(writer, found, file.id, f"{full}/", depth - 1)


def _one(writer: _Writer, repository: Repository, path: str, file: File) -> None:
    try:
        content = repository.blob(file.id, 4096 if file.mode == "120000" else LARGEST)
    except InputError as wrong:
        writer.note(f"{path!r} is left out: {wrong.what}")
        return
    if file.mode == "120000":
        writer.links[path] = content.decode(errors="surrogateescape")
    else:
        writer.file(path, file.mode, content)


def listed(files: Mapping[str, File]) -> list[str]:
    """Return the paths of a tree that are ordinary files."""
    return [path for path, file in files.items() if file.mode.startswith("100")]
