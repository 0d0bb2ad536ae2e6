"""A repository, read and never run: its units, its files, its trees."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import cast

import msgspec

from banbury.cycle.source.mine.history import opening
from banbury.cycle.source.mine.history.export import Exported, export
from banbury.cycle.source.mine.history.git import Git, Objects
from banbury.cycle.source.mine.history.identity import named
from banbury.cycle.source.mine.history.unit import Change, Status, Unit
from banbury.errors import InputError

_RAW = ("-r", "-M", "--raw", "--numstat", "--no-ext-diff", "--no-textconv", "-z")


class File(msgspec.Struct, frozen=True):
    """A file of a tree: git's mode ("100644", "120000" a link, "160000" a submodule), its id."""

    mode: str
    id: str


class Repository:
    """A repository, open for reading; a context manager, safe to share among threads.

    Attributes:
        source: the path or address it was opened by.
        name: OWNER/NAME where the address or the project's own links tell it, else "".
        head: hash of the newest commit.
    """

    def __init__(
        self,
        source: str,
        place: opening.Place,
        cache: Path,
        protocols: tuple[str, ...] = ("https",),
        clones: str = "",
    ) -> None:
        self.source = source
        self.head = place.head
        self.place = place
        self.cache = cache
        self.protocols = protocols
        self.clones = clones
        self._git: Git = opening.reader(place, cache)
        self._objects = Objects(self._git)
        self._kept: dict[str, dict[str, File]] = {}
        if self._objects.size(self.head)[0] != "commit":
            raise InputError("HEAD is no commit", where=source)
        self.name = named(self, place.origin or source)

    def units(
        self, since: float | str | None = None, until: float | str | None = None
    ) -> Iterator[Unit]:
        """Yield the steps of the main line, the newest first.

        Args:
            since: seconds since 1970, or a date such as 2022-01-01 (UTC); the committer's date is
                not before it.
            until: the committer's date is before it.
        """
        low, high = moment(since, 0.0), moment(until, float("inf"))
        wanted = [row for row in self._log(self.head) if low <= row.when < high]
        yield from self._filled(wanted)

    def unit(self, commit: str) -> Unit:
        """Return one unit by its commit.

        Raises:
            InputError: the repository has no such commit, or it has no parent.
        """
        kind, _ = self._objects.size(f"{commit}^{{commit}}")
        rows = list(self._log(commit, "-1")) if kind == "commit" else []
        for unit in self._filled(rows):
            return unit
        raise InputError("a first commit changes nothing that was there before", where=commit)

    def _log(self, start: str, *more: str) -> Iterator[Unit]:
        form = "--format=%H%n%P%n%ct%n%B"
        for record in self._git.lines(
            "log", "-z", "--first-parent", "--no-notes", form, *more, start, "--"
        ):
            commit, parents, when, *body = record.decode(errors="replace").split("\n")
            message = "\n".join(body).strip()
            base = parents.split(" ")[0]
            if base and commit not in self.place.shallow:
                first = message.split("\n", 1)[0].strip()
                merged = tuple(parents.split(" ")[1:])
                yield Unit(commit, base, float(when or 0), first, message, (), merged)

    def inside(self, unit: Unit) -> tuple[str, ...]:
        """Return the messages of the commits that a merge brought, the oldest first, at most 100.

        Nothing for a commit that is no merge.
        """
        if not unit.merged:
            return ()
        which = ("--reverse", "--no-merges", "-100", "--format=%B", *unit.merged, f"^{unit.base}")
        told = self._git.lines("log", "-z", *which, "--")
        return tuple(text for raw in told if (text := raw.decode(errors="replace").strip()))

    def _filled(self, rows: list[Unit]) -> Iterator[Unit]:
        asked = "".join(f"{row.commit} {row.base}\n" for row in rows).encode()
        with tempfile.TemporaryFile() as stdin:
            stdin.write(asked)
            stdin.seek(0)
            parts = self._git.lines("diff-tree", "--stdin", *_RAW, stdin=stdin)
            changed = _changes(parts)
            current = next(changed, None)
            for row in rows:
                files: tuple[Change, ...] = ()
                if current is not None and current[0] == row.commit:
                    files = current[1]
                    current = next(changed, None)
                yield msgspec.structs.replace(row, files=files)

    def tag(self, commit: str) -> str:
        """Return the nearest tag with a number at or before a commit, such as `v1.2.0`, or ""."""
        try:
            asked = ("describe", "--tags", "--abbrev=0", "--match=*[0-9]*", commit)
            return self._git.out(*asked).decode(errors="replace").strip()
        except InputError:
            return ""

    def files(self, commit: str) -> dict[str, File]:
        """Return the files of a commit's tree by path, submodules and links among them.

        Raises:
            InputError: the repository lacks the commit.
        """
        if commit not in self._kept:
            tree: dict[str, File] = {}
            raw = self._git.out("ls-tree", "-r", "-z", "--full-tree", commit)
            for row in raw.split(b"\0")[:-1]:
                head, path = row.split(b"\t", 1)
                mode, _, name = head.decode().split(" ")
                tree[path.decode(errors="surrogateescape")] = File(mode, name)
            while len(self._kept) > 8:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[commit] = tree
        return self._kept[commit]

    def read(self, commit: str, path: str, most: int = 16 << 20) -> bytes:
        """Return a file's bytes as of a commit (of a link, where it points).

        Raises:
            InputError: there is no such file, or it has more than `most` bytes.
        """
        file = self.files(commit).get(path)
        if file is None or file.mode == "160000":
            raise InputError("there is no such file", where=f"{commit[:12]}:{path}")
        return self._objects.read(file.id, most)

    def blob(self, name: str, most: int = 64 << 20) -> bytes:
        """Return an object's bytes by its id.

        Raises:
            InputError: the repository lacks it, or it has more than `most` bytes.
        """
        return self._objects.read(name, most)

    def patch(self, base: str, commit: str, paths: list[str]) -> str:
        """Return the unified diff of some paths, as `git apply` takes it, binary files included."""
        if not paths:
            return ""
        flags = ("--no-ext-diff", "--no-textconv", "--no-renames", "--binary", "--full-index")
        raw = self._git.out("diff", *flags, "--no-color", base, commit, "--", *paths)
        return raw.decode(errors="surrogateescape")

    def tree(self, commit: str, target: Path, *, submodules: bool = True) -> Exported:
        """Write a commit's files to a folder, without any history.

        Raises:
            InputError: the repository lacks the commit, or the target is not an empty folder.
        """
        return export(self, commit, target, submodules=submodules)

    def beside(self, folder: Path) -> Repository:
        """Return another repository on this machine, opened under the same rules.

        Raises:
            InputError: there is none.
        """
        place = opening.find(folder)
        return Repository(str(folder), place, self.cache, self.protocols, self.clones)

    def has(self, name: str) -> bool:
        """Say whether the repository has an object."""
        try:
            self._objects.size(name)
        except InputError:
            return False
        return True

    def close(self) -> None:
        """End what was started for reading."""
        self._objects.close()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _changes(parts: Iterator[bytes]) -> Iterator[tuple[str, tuple[Change, ...]]]:
    commit = ""
    raw: dict[str, Change] = {}
    for part in parts:
        if part.startswith(b":"):
            change = _raw(part.decode(), parts)
            raw[change.path] = change
        elif b"\t" in part:
            _count(part, parts, raw)
        elif part:
            if commit:
                yield commit, tuple(raw.values())
            commit, raw = part.decode().strip(), {}
    if commit:
        yield commit, tuple(raw.values())


def _raw(head: str, parts: Iterator[bytes]) -> Change:
    _, mode, _, _, status = head.split(" ")
    path = _path(next(parts))
    letter = status[0] if status[0] in "AMDRT" else "A" if status[0] == "C" else "M"
    before = path if status[0] in "RC" else ""
    path = _path(next(parts)) if before else path
    return Change(path, cast(Status, letter), 0, 0, before if letter == "R" else "", mode)


def _count(part: bytes, parts: Iterator[bytes], raw: dict[str, Change]) -> None:
    added, removed, path = part.split(b"\t", 2)
    if not path:
        next(parts)
        path = next(parts)
    name = _path(path)
    if name in raw:
        binary = added == b"-"
        counts = (0, 0) if binary else (int(added), int(removed))
        raw[name] = msgspec.structs.replace(
            raw[name], added=counts[0], removed=counts[1], binary=binary
        )


def _path(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


def moment(value: float | str | None, otherwise: float) -> float:
    """Return seconds since 1970 for a date, a number or nothing.

    Raises:
        InputError: the text is no date.
    """
    if value is None:
        return otherwise
    if isinstance(value, str):
        try:
            found = datetime.datetime.fromisoformat(value)
        except ValueError as wrong:
            raise InputError(f"{value!r} is no date", do="write it as 2022-01-31") from wrong
        aware = found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
        return aware.timestamp()
    return float(value)


def open_repository(
    path_or_url: str | Path,
    cache: Path,
    *,
    protocols: tuple[str, ...] = ("https",),
    clones: str = "",
) -> Repository:
    """Open a repository for reading: a folder, or an address that is fetched into the cache.

    Args:
        path_or_url: a bare repository, a work tree, a linked work tree, or an https address.
        cache: a folder for what is fetched; made where it is missing.
        protocols: what addresses may begin with.
        clones: where clones of addresses lie on this machine, with {owner} and {name}; they are
            read in place of the addresses, those of submodules included.

    Raises:
        InputError: it is no repository, is empty, or the address is not allowed or unreachable.
    """
    source = str(path_or_url)
    known = opening.local(source, clones)
    if known != source:
        place = opening.find(Path(known))
    elif opening.is_address(source):
        place = opening.find(opening.fetched(source, cache, protocols))
    else:
        place = opening.find(Path(source).expanduser())
    return Repository(source, place, cache, protocols, clones)
