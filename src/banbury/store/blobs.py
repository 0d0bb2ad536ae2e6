"""Blobs: files named by the SHA-256 of what they hold, in `sha256/ab/<hash>`."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from banbury import clock
from banbury.episode import NO_KEY, Blob
from banbury.errors import CorruptBlob, InputError
from banbury.store import tables
from banbury.store.database import Database
from banbury.store.embedded import writing
from banbury.store.room import Room

_CHUNK = 1 << 20
_HASH = re.compile("[0-9a-f]{64}")
_ABANDONED_NS = 24 * 3600 * 10**9
"""A file aside that nobody has written to for so long belongs to nobody."""


class Blobs:
    """The blobs of one lab.

    Args:
        root: the lab's own folder.
        database: the lab's rows, which know size, media type and key of each blob.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.room = Room(database)
        self._database = database
        self._swept = False

    def put(self, data: bytes | BinaryIO, media: str = "application/octet-stream") -> Blob:
        """Keep bytes, once; durable when this returns.

        Raises:
            StoreFull: no space, the lab's share of the disk is used up, or the folder cannot be
                written; nothing is left behind.
        """
        if isinstance(data, bytes):
            self.room.fits(len(data))
        aside = self.root / "aside" / secrets.token_hex(16)
        with writing(self.root), self.room.coming() as more:
            aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep(aside.parent)
            try:
                sha256, size = self._write(aside, data, more)
                self._rename(aside, sha256)
            finally:
                with suppress(FileNotFoundError):
                    aside.unlink()
        row = {
            "sha256": bytes.fromhex(sha256),
            "size": size,
            "media": media,
            "key": NO_KEY,
            "created_ns": clock.wall_ns(),
        }
        statement = insert(tables.blob).values(row).on_conflict_do_nothing()
        if self._database.run(lambda c: c.execute(statement)).rowcount:
            self.room.took(size)
        return Blob(sha256, size, media)

    def adopt(self, file: Path, sha256: str) -> None:
        """Make the place of a blob that of a file on the same disk, whose hash this is.

        The file is renamed, not copied; whoever calls this has written it to the disk and hashed
        it, and keeps the row.
        """
        self._rename(file, sha256)

    def read(self, sha256: str) -> bytes:
        """Return the bytes of a blob.

        Raises:
            CorruptBlob: they are gone, or do not have this hash.
        """
        try:
            data = self._place(sha256).read_bytes()
        except OSError as error:
            raise self._gone(sha256, error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self._corrupt(sha256)
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Return a file at its start, after its bytes were read through once and found whole.

        Raises:
            CorruptBlob: they are gone, or do not have this hash.
        """
        try:
            file = self._place(sha256).open("rb")
        except OSError as error:
            raise self._gone(sha256, error) from error
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise self._corrupt(sha256)
        file.seek(0)
        return file

    def path(self, sha256: str) -> Path:
        """Return where a blob lies, for programs that want a file; it must not be changed.

        Raises:
            CorruptBlob: it is gone. What it holds is not looked at here.
        """
        place = self._place(sha256)
        if not place.is_file():
            raise self._gone(sha256, None)
        return place

    def find(self, sha256: str) -> Blob | None:
        """Return what is known of a blob, None if the lab has none of this hash."""
        if not _HASH.fullmatch(sha256):
            return None
        query = sa.select(tables.blob).where(tables.blob.c.sha256 == bytes.fromhex(sha256))
        row = self._database.run(lambda c: c.execute(query).one_or_none())
        return Blob(sha256, row.size, row.media, row.key) if row else None

    def _place(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise InputError(
                f"{sha256[:80]!r} is no SHA-256", do="give 64 lower-case hexadecimal digits"
            )
        return self.root / "sha256" / sha256[:2] / sha256

    def _sweep(self, folder: Path) -> None:
        """Remove, once, what processes left that were killed while they wrote."""
        if not self._swept:
            self._swept = True
            for left in folder.iterdir():
                with suppress(FileNotFoundError):
                    if clock.wall_ns() - left.stat().st_mtime_ns > _ABANDONED_NS:
                        left.unlink()

    def _write(
        self, aside: Path, data: bytes | BinaryIO, more: Callable[[int], None]
    ) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in [data] if isinstance(data, bytes) else _chunks(data):
                more(len(chunk))
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest(), size

    def _rename(self, aside: Path, sha256: str) -> None:
        place = self._place(sha256)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.replace(place)
        for folder in (place.parent, place.parent.parent):
            synced(folder)

    def _gone(self, sha256: str, error: OSError | None) -> CorruptBlob:
        why = f": {error.strerror}" if error and not isinstance(error, FileNotFoundError) else ""
        return CorruptBlob(
            f"a blob is not in the store{why}",
            where=str(self._place(sha256)),
            do="restore it from a back-up",
        )

    def _corrupt(self, sha256: str) -> CorruptBlob:
        return CorruptBlob(
            "a blob does not have the hash that names it",
            where=str(self._place(sha256)),
            do="restore it from a back-up; nothing was changed",
        )


def synced(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
