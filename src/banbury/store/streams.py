"""Streams: files under a key, which begin with a salt and are read from any byte on."""

from __future__ import annotations

import io
import os
import secrets
from pathlib import Path
from typing import Any

from banbury.errors import CorruptBlob
from banbury.store.keyring import SALT, Keyring, Stream

_MAGIC = b"BANBURY\x01"
HEAD = len(_MAGIC) + SALT
"""Bytes of a sealed file before what it holds."""
_BUFFER = 1 << 18


def new_head() -> bytes:
    """Return how a new sealed file begins: a mark, and its own random salt."""
    return _MAGIC + secrets.token_bytes(SALT)


def stream_of(head: bytes, key: str, keyring: Keyring, place: Path) -> Stream:
    """Return the key stream of a file that begins so.

    Raises:
        CorruptBlob: it does not begin like a sealed file.
        Erased: the key was destroyed.
    """
    if len(head) != HEAD or not head.startswith(_MAGIC):
        raise CorruptBlob(
            "a sealed file does not begin as one",
            where=str(place),
            do="restore it from a back-up; nothing was changed",
        )
    return keyring.stream(key, head[len(_MAGIC) :])


class Unsealed(io.RawIOBase):
    """What a sealed file holds, to be read and sought; the descriptor is closed with it."""

    def __init__(self, file: int, stream: Stream) -> None:
        super().__init__()
        self._file = file
        self._stream = stream
        self._at = 0

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and return it.

        Raises:
            ValueError: it lies before the start.
        """
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        if start is None:
            start = os.fstat(self._file).st_size - HEAD
        if start + offset < 0:
            raise ValueError(f"there is no byte {start + offset}")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something, and return how far."""
        view = memoryview(buffer).cast("B")
        data = os.pread(self._file, len(view), HEAD + self._at)
        view[: len(data)] = self._stream.apply(data, self._at)
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._file)
        super().close()


def opened(place: Path, key: str, keyring: Keyring) -> io.BufferedReader:
    """Return what a sealed file holds, at its start.

    Raises:
        CorruptBlob: it does not begin like a sealed file.
        Erased: the key was destroyed.
        OSError: it cannot be opened.
    """
    file = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        stream = stream_of(os.pread(file, HEAD, 0), key, keyring, place)
    except BaseException:
        os.close(file)
        raise
    return io.BufferedReader(Unsealed(file, stream), _BUFFER)
