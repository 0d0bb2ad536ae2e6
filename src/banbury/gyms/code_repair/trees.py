"""Trees: a project's files without their history, as one small deterministic archive."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import secrets
import shutil
import stat
import tarfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import zstandard

from banbury.errors import GymError, InputError

MEDIA = "application/x-tar+zstd"
INLINE = 64 << 10
"""Bytes up to which an archive stands in the task itself instead of a blob."""
KEPT = 64
"""Unpacked trees that stay in the cache however old they are."""
AGED_S = 24 * 3600.0
"""Seconds without use after which an unpacked tree may go."""
MOST = 2 << 30
"""Bytes of a tree, unpacked, at most."""
DATED = 1577836800
"""When every unpacked file was changed last: 2020-01-01, so that listings are alike."""
_LEVEL = 12

Read = Callable[[str], bytes]
"""Returns the bytes of a blob, by its hash."""


class Tree(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tree as an archive (tar, zstd): a blob, or the bytes themselves where they are few.

    Attributes:
        sha256: hash of the archive's bytes, 64 hex digits.
        size: bytes of the archive.
        data: the archive in base64, "" where it is a blob.
    """

    sha256: str
    size: int
    data: str = ""


def packed(folder: Path) -> bytes:
    """Return a folder as an archive; the same files give the same bytes.

    Files, folders and symbolic links as they are; owners, times and all modes but the executable
    bit are left out, and so is whatever is no file.
    """
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).parts):
            entry = _entry(path, path.relative_to(folder).as_posix())
            if entry is not None:
                with path.open("rb") if entry.isreg() else io.BytesIO() as content:
                    tar.addfile(entry, content)
    return zstandard.ZstdCompressor(level=_LEVEL).compress(held.getvalue())


def archived(files: Mapping[str, bytes]) -> bytes:
    """Return plain files as an archive; the same files give the same bytes."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, data in sorted(files.items()):
            entry = tarfile.TarInfo(inside(path))
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return zstandard.ZstdCompressor(level=_LEVEL).compress(held.getvalue())


def _entry(path: Path, name: str) -> tarfile.TarInfo | None:
    status = path.lstat()
    entry = tarfile.TarInfo(name)
    entry.mode = 0o755
    if stat.S_ISLNK(status.st_mode):
        entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif stat.S_ISDIR(status.st_mode):
        entry.type = tarfile.DIRTYPE
    elif stat.S_ISREG(status.st_mode):
        entry.size = status.st_size
        entry.mode = 0o755 if status.st_mode & 0o100 else 0o644
    else:
        return None
    return entry


def tree(archive: bytes) -> Tree:
    """Return an archive's tree; the bytes of a large one have to be kept as a blob."""
    data = base64.b64encode(archive).decode() if len(archive) <= INLINE else ""
    return Tree(hashlib.sha256(archive).hexdigest(), len(archive), data)


def archive(tree: Tree, read: Read | None = None) -> bytes:
    """Return the bytes of a tree's archive.

    Raises:
        GymError: nobody can read the blob, or the bytes do not have the tree's hash.
    """
    if tree.data:
        found = base64.b64decode(tree.data)
    elif read is None:
        raise GymError(
            "the tree of this task is a blob, and nobody can read it here",
            where=f"blob {tree.sha256}",
            do="take the task from the lab that keeps it (`lab.problem`)",
        )
    else:
        found = read(tree.sha256)
    if hashlib.sha256(found).hexdigest() != tree.sha256:
        raise GymError("the tree's bytes do not have its hash", where=f"blob {tree.sha256}")
    return found


def unpack(data: bytes, target: Path) -> None:
    """Unpack an archive into a new folder; nothing is written outside it.

    Links are made last, so that nothing is written through one. Times are all the same.

    Raises:
        InputError: it is no such archive, it is too large, or an entry leaves the folder.
    """
    target.mkdir(parents=True)
    links: list[tuple[Path, str]] = []
    size = 0
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                for entry in tar:
                    size += entry.size
                    if size > MOST:
                        raise InputError(f"a tree of more than {MOST} bytes")
                    place = target / inside(entry.name)
                    if entry.issym():
                        links.append((place, entry.linkname))
                    elif entry.isdir():
                        place.mkdir(parents=True, exist_ok=True)
                    elif entry.isreg():
                        _write(place, tar.extractfile(entry), entry.mode & 0o100)
        for place, leads in links:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(leads)
        for root, _, _ in os.walk(target):
            Path(root).chmod(0o755)  # whatever this process's umask is, a box's user may look
    except (tarfile.TarError, zstandard.ZstdError, OSError) as error:
        raise InputError(f"this is no archive of a tree: {error}", where=str(target)) from error


def _write(place: Path, content: IO[bytes] | None, executable: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as out:
        if content is not None:
            shutil.copyfileobj(content, out)
    place.chmod(0o755 if executable else 0o644)
    os.utime(place, (DATED, DATED))


def inside(path: str) -> str:
    """Return a path relative to the tree, with `/`, that does not lead out of it.

    Raises:
        InputError: it does.
    """
    parts = path.split("/")
    if not path or "\0" in path or path.startswith("/") or {"", ".", ".."} & set(parts):
        raise InputError(f"{path[:200]!r} is no path inside the tree")
    return path


def folder(cache: Path, tree: Tree, read: Read | None = None) -> Path:
    """Return a folder that holds the tree, made once for each tree and never changed.

    Raises:
        GymError: see `archive`.
        InputError: see `unpack`.
    """
    place = cache / tree.sha256
    if not place.is_dir():
        aside = cache / f"aside-{secrets.token_hex(8)}"
        try:
            unpack(archive(tree, read), aside)
            with suppress(OSError):  # another process was first
                aside.rename(place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        sweep(cache)
    with suppress(OSError):
        os.utime(place)
    return place


def sweep(cache: Path) -> None:
    """Remove trees that nobody has used for a day, but for the newest ones."""
    aged = sorted(cache.iterdir(), key=lambda p: p.stat().st_mtime)
    last = time.time() - AGED_S
    for old in aged[:-KEPT]:
        if old.stat().st_mtime < last:
            shutil.rmtree(old, ignore_errors=True)
