"""Appending: bytes that are added to the end of one file, by one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from banbury.errors import CorruptBlob, Garbled, InputError, Occupied
from banbury.store.embedded import writing
from banbury.store.keyring import Stream
from banbury.store.streams import HEAD

CHECKSUMS = ("sha256", "sha1")
"""Names of the checksums that a part may come with."""
_CHUNK = 1 << 20


class Checksum(msgspec.Struct, frozen=True):
    """What the bytes of one append must hash to: a name of `CHECKSUMS`, and the digest."""

    name: str
    digest: bytes


class Append:
    """Bytes that come after those which are on the disk for good.

    A file that is longer than what was acknowledged was being written when its process was killed:
    its end is cut off first. With a checksum, nothing is acknowledged before all has come and fits.

    Args:
        place: the file, which is there; it is locked until `close`.
        size: of the whole, in bytes.
        acknowledge: called with the number of bytes that are on the disk for good.
        seal: returns the key stream of a file that begins so; None where it is not sealed. Bytes
            that come once more to a place are sealed with the same stream as before.

    Attributes:
        kept: bytes that are acknowledged.
        at: bytes with those that are not acknowledged yet.
        whole: the running SHA-256 of what is acknowledged, None where nobody has it.

    Raises:
        Occupied: another writer holds the file.
        CorruptBlob: the file is gone, or shorter than what was acknowledged.
    """

    def __init__(
        self,
        place: Path,
        size: int,
        acknowledge: Callable[[int], None],
        seal: Callable[[bytes], Stream] | None = None,
    ) -> None:
        self.kept = self.at = 0
        self.whole: Any = None
        self._next: Any = None
        self._part: Any = None
        self._checksum: Checksum | None = None
        self._place = place
        self._size = size
        self._acknowledge = acknowledge
        # Whoever gave up waiting for a write may close before that write has ended.
        self._busy = threading.Lock()
        self._file = locked(place)
        self._head = HEAD if seal else 0
        try:
            self._stream = seal(os.pread(self._file, HEAD, 0)) if seal else None
        except BaseException:
            self.close()
            raise

    def begin(self, offset: int, whole: Any = None, checksum: Checksum | None = None) -> None:
        """Go to where the acknowledged bytes end; `whole` is their running SHA-256, if known.

        Raises:
            CorruptBlob: the file is shorter than that.
        """
        there = os.fstat(self._file).st_size - self._head
        if there < offset:
            raise _short(self._place)
        if there > offset:
            os.ftruncate(self._file, self._head + offset)
        os.lseek(self._file, self._head + offset, os.SEEK_SET)
        self.kept = self.at = offset
        self.whole = hashlib.sha256() if offset == 0 else whole
        self._next = self.whole.copy() if self.whole else None
        self._checksum = checksum
        self._part = hashlib.new(checksum.name) if checksum else None

    def write(self, data: bytes) -> None:
        """Write bytes that are not acknowledged yet.

        Raises:
            InputError: there are more than were declared.
            StoreFull: no space, or the folder cannot be written.
        """
        if self.at + len(data) > self._size:
            raise InputError(
                f"more bytes came than the {self._size:,} that were declared",
                do="declare the length of the whole file",
            )
        with self._busy, writing(self._place.parent):
            view = memoryview(self._stream.apply(data, self.at) if self._stream else data)
            while view:
                view = view[os.write(self._file, view) :]
            self.at += len(data)
            for digest in (self._next, self._part):
                if digest is not None:
                    digest.update(data)

    def commit(self) -> None:
        """Bring what was written to the disk for good, then acknowledge it.

        With a checksum, only where all that came fits it; else it is forgotten.

        Raises:
            Garbled: it does not fit.
            StoreFull: no space.
        """
        with self._busy:
            self._commit()

    def _commit(self) -> None:
        if self._checksum is not None and not self._fits(self._checksum):
            self._forget()
            raise Garbled(
                f"the {self._checksum.name} of these bytes is not the one that came with them",
                do="send them again",
            )
        if self.at == self.kept:
            return
        with writing(self._place.parent):
            os.fsync(self._file)
        self._acknowledge(self.at)
        self.kept = self.at
        self.whole = self._next.copy() if self._next else None

    def _forget(self) -> None:
        """Cut off what is not acknowledged."""
        os.ftruncate(self._file, self._head + self.kept)
        os.lseek(self._file, self._head + self.kept, os.SEEK_SET)
        self.at = self.kept
        self._next = self.whole.copy() if self.whole else None

    def close(self) -> None:
        """Let the file go; what is not acknowledged is cut off when somebody goes on."""
        with self._busy:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def digest(self, report: Callable[[int], None]) -> str:
        """Return the SHA-256 of the whole file, read through where nobody kept it running."""
        if self.whole is not None:
            return str(self.whole.hexdigest())
        found = hashlib.sha256()
        os.lseek(self._file, self._head, os.SEEK_SET)
        read = 0
        while chunk := os.read(self._file, _CHUNK):
            found.update(self._stream.apply(chunk, read) if self._stream else chunk)
            read += len(chunk)
            report(read)
        if read != self._size:
            raise _short(self._place)
        return found.hexdigest()

    def _fits(self, checksum: Checksum) -> bool:
        return hmac.compare_digest(self._part.digest(), checksum.digest)


def locked(place: Path) -> int:
    """Open a file for one writer; the kernel lets it go when its process ends.

    Raises:
        Occupied: another writer has it.
        CorruptBlob: it is gone.
    """
    try:
        file = os.open(place, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _short(place) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise Occupied(
            "this upload is being written at this moment",
            do="wait until the other one has ended, then ask where to go on",
        ) from None
    return file


def _short(place: Path) -> CorruptBlob:
    return CorruptBlob(
        "what had come of this upload is not on the disk any more",
        where=str(place),
        do="remove the upload and send the file again",
    )
