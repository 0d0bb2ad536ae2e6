"""Blobs: files named by the SHA-256 of what they hold, in `sha256/ab/<hash>`.

What shows a person is sealed under their key, in a file of its own, `<hash>.<hash of the key>`:
two people who hand in the same bytes have a copy each, and the hash still tells that they did.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from banbury import clock
from banbury.episode import NO_KEY, Blob, SealedFile, Source
from banbury.errors import CorruptBlob, Erased, InputError, StoreError
from banbury.store import lab_tables, streams
from banbury.store.database import Database, raw
from banbury.store.embedded import writing
from banbury.store.room import Room
from banbury.store.server import Connection

_CHUNK = 1 << 20
_DROP = """
WITH gone AS (DELETE FROM blob WHERE sha256 = %s AND key = %s RETURNING sha256)
INSERT INTO erased_blob (mark) SELECT %s FROM gone
ON CONFLICT (mark) DO UPDATE SET mark = excluded.mark RETURNING mark
"""
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
        self._keyring = database.keyring
        self._swept = False

    def put(
        self,
        data: bytes | BinaryIO,
        media: str = "application/octet-stream",
        key: str = NO_KEY,
    ) -> Blob:
        """Keep bytes, once for each key; durable when this returns.

        Args:
            data: the bytes, or a file of them.
            media: their media type.
            key: under which they are sealed, made if need be; of whoever they show.

        Raises:
            StoreFull: no space, the lab's share of the disk is used up, or the folder cannot be
                written; nothing is left behind.
            Erased: the key was destroyed.
        """
        if isinstance(data, bytes):
            self.room.fits(len(data))
        if key != NO_KEY:
            self._keyring.make(key)
        aside = self.root / "aside" / secrets.token_hex(16)
        with writing(self.root), self.room.coming() as more:
            aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep(aside.parent)
            try:
                sha256, size = self._write(aside, data, more, key)
                self.adopt(aside, sha256, key)
            finally:
                with suppress(FileNotFoundError):
                    aside.unlink()
        row = {
            "sha256": bytes.fromhex(sha256),
            "size": size,
            "media": media,
            "key": key,
            "created_ns": clock.wall_ns(),
        }
        statement = insert(lab_tables.blob).values(row).on_conflict_do_nothing()
        if self._database.run(lambda c: c.execute(statement)).rowcount:
            self.room.took(size)
        return Blob(sha256, size, media, key)

    def adopt(self, file: Path, sha256: str, key: str = NO_KEY) -> None:
        """Make the place of a blob that of a file on the same disk, which holds what has this hash.

        The file is renamed, not copied; whoever calls this has written it to the disk, sealed
        under the key, and keeps the row.
        """
        place = self.place(sha256, key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.replace(place)
        for folder in (place.parent, place.parent.parent):
            synced(folder)

    def read(self, sha256: str) -> bytes:
        """Return the bytes of a blob.

        Raises:
            CorruptBlob: they are gone, or do not have this hash.
            Erased: whose they were is erased.
        """
        try:
            with self.source(sha256).open("rb") as file:
                data = file.read()
        except OSError as error:
            raise self._gone(sha256, error) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self._corrupt(sha256)
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Return a file at its start, after its bytes were read through once and found whole.

        Raises:
            CorruptBlob: they are gone, or do not have this hash.
            Erased: whose they were is erased.
        """
        try:
            file = self.source(sha256).open("rb")
        except OSError as error:
            raise self._gone(sha256, error) from error
        digest = hashlib.sha256()
        for chunk in _chunks(file):
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            file.close()
            raise self._corrupt(sha256)
        file.seek(0)
        return file

    def source(self, sha256: str) -> Source:
        """Return a blob as what can be read from any byte on; it is not looked through here.

        Where several people handed in the same bytes, any copy that can be opened serves.

        Raises:
            CorruptBlob: it is gone.
            Erased: whose it was is erased.
        """
        plain = self.place(sha256)
        if plain.is_file():
            return plain
        gone: StoreError | None = None
        for row in self._copies(sha256):
            place = self.place(sha256, row.key)
            if row.key == NO_KEY or not place.is_file():
                continue
            if self._keyring.has(row.key):
                opener = partial(streams.opened, place, row.key, self._keyring)
                return SealedFile(place, row.size, opener)
            gone = _erased(sha256)
        raise gone or self._absent(sha256)

    def path(self, sha256: str) -> Path:
        """Return where a blob without a key lies, for programs that want a file.

        It must not be changed. What is under a key has no path: see `source` and `lying`.

        Raises:
            CorruptBlob: it is gone. What it holds is not looked at here.
            InputError: it is under a key.
            Erased: whose it was is erased.
        """
        found = self.source(sha256)
        if isinstance(found, SealedFile):
            raise InputError(
                "this file is under a person's key and has no path", where=sha256, do="use source"
            )
        return found

    @contextmanager
    def lying(self, sha256: str) -> Iterator[Path]:
        """Yield a path at which a blob can be read by this process, for libraries that want one.

        What is under a key is copied into a file without a name, of which nothing is left when
        this process ends, however it ends.

        Raises:
            CorruptBlob: it is gone.
            Erased: whose it was is erased.
            StoreFull: there is no room for the copy.
        """
        found = self.source(sha256)
        if isinstance(found, Path):
            yield found
            return
        aside = self.root / "aside"
        with writing(self.root):
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=aside) as copy:
            with writing(self.root), found.open() as file:
                shutil.copyfileobj(file, copy, _CHUNK)
                copy.flush()
            yield Path(f"/proc/self/fd/{copy.fileno()}")

    def find(self, sha256: str) -> Blob | None:
        """Return what is known of a blob, None if the lab has none of this hash."""
        if not _HASH.fullmatch(sha256):
            return None
        for row in self._copies(sha256):
            return Blob(sha256, row.size, row.media, row.key)
        return None

    def drop(self, blob: Blob, note: Callable[[Connection], None]) -> None:
        """Remove a blob that is under a key, file and row.

        A mark that nobody can read without the house's key says that it was here.

        Args:
            blob: which; nothing is done where it is not there.
            note: called in the transaction that removes the row.

        Raises:
            InputError: it has no key: others may name it.
        """
        if blob.key == NO_KEY:
            raise InputError("only what is under a key can be removed", where=blob.sha256)
        with suppress(FileNotFoundError):
            self.place(blob.sha256, blob.key).unlink()
        values = [bytes.fromhex(blob.sha256), blob.key, self._mark(blob.sha256)]

        def work(connection: sa.Connection) -> bool:
            link = raw(connection)
            gone = link.execute(_DROP, values).fetchone() is not None
            if gone:
                note(link)
            return gone

        if self._database.run(work):
            self.room.took(-blob.size)

    def _mark(self, sha256: str) -> bytes:
        return self._keyring.blind(f"{self.root.name} {sha256}")[:16]

    def place(self, sha256: str, key: str = NO_KEY) -> Path:
        """Return where a blob lies under a key, or would.

        Raises:
            InputError: this is no SHA-256.
        """
        if not _HASH.fullmatch(sha256):
            raise InputError(
                f"{sha256[:80]!r} is no SHA-256", do="give 64 lower-case hexadecimal digits"
            )
        name = sha256
        if key != NO_KEY:
            name += "." + hashlib.sha256(key.encode()).hexdigest()[:16]
        return self.root / "sha256" / sha256[:2] / name

    def there(self, sha256: str, key: str = NO_KEY) -> None:
        """Do nothing where a blob lies under a key.

        Raises:
            CorruptBlob: it is gone.
        """
        if not self.place(sha256, key).is_file():
            raise self._gone(sha256, None)

    def _copies(self, sha256: str) -> list[Any]:
        """Return the rows of a hash: first what has no key, then what can be opened."""
        query = sa.select(lab_tables.blob).where(lab_tables.blob.c.sha256 == bytes.fromhex(sha256))
        rows = self._database.ask(lambda c: c.execute(query).all())
        return sorted(rows, key=lambda r: (r.key != NO_KEY, not self._keyring.has(r.key), r.key))

    def _sweep(self, folder: Path) -> None:
        """Remove, once, what processes left that were killed while they wrote."""
        if not self._swept:
            self._swept = True
            for left in folder.iterdir():
                with suppress(FileNotFoundError):
                    if clock.wall_ns() - left.stat().st_mtime_ns > _ABANDONED_NS:
                        left.unlink()

    def _write(
        self, aside: Path, data: bytes | BinaryIO, more: Callable[[int], None], key: str
    ) -> tuple[str, int]:
        digest = hashlib.sha256()
        size = 0
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            stream = None
            if key != NO_KEY:
                head = streams.new_head()
                stream = streams.stream_of(head, key, self._keyring, aside)
                file.write(head)
            for chunk in [data] if isinstance(data, bytes) else _chunks(data):
                more(len(chunk))
                digest.update(chunk)
                file.write(stream.apply(chunk, size) if stream else chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest(), size

    def _absent(self, sha256: str) -> StoreError:
        """Return why there is no blob: it was erased, or it is gone."""
        query = "SELECT EXISTS (SELECT FROM erased_blob WHERE mark = %s)"
        mark = [self._mark(sha256)]
        row = self._database.ask(lambda c: raw(c).execute(query, mark).fetchone())
        return _erased(sha256) if row and row[0] else self._gone(sha256, None)

    def _gone(self, sha256: str, error: OSError | None) -> CorruptBlob:
        why = f": {error.strerror}" if error and not isinstance(error, FileNotFoundError) else ""
        return CorruptBlob(
            f"a blob is not in the store{why}",
            where=str(self.place(sha256)),
            do="restore it from a back-up",
        )

    def _corrupt(self, sha256: str) -> CorruptBlob:
        return CorruptBlob(
            "a blob does not have the hash that names it",
            where=str(self.place(sha256)),
            do="restore it from a back-up; nothing was changed",
        )


def _erased(sha256: str) -> Erased:
    return Erased("this file was erased with the person whose it was", where=sha256)


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
