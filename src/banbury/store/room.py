"""Room: how many bytes the blobs of one lab may take of the disk that all labs share."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from banbury import clock
from banbury.errors import InputError, StoreFull
from banbury.store.database import Database, raw

DISK = "BANBURY_LAB_GB"
"""Environment variable with the most gigabytes of files of one lab; 0 for no limit."""
USUAL_GB = 100.0
_GB = 10**9
_FRESH_NS = 5 * 10**9
"""How long a sum counts, since other processes write, too."""
_USED = """
SELECT (SELECT coalesce(sum(size), 0) FROM blob)::bigint
    + (SELECT coalesce(sum(size), 0) FROM upload WHERE state <> 'kept')::bigint
"""
"""Of an upload all that was declared: who has begun to send is to have room for the end."""


class Disk(msgspec.Struct, frozen=True):
    """What a lab's files take: bytes, and the most that they may; 0 for no limit."""

    used: int
    most: int


class Room:
    """The room of one lab.

    What other processes write is seen within five seconds, so that a lab may go over by what they
    write meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._used = 0
        self._coming = 0
        self._read_ns = -_FRESH_NS

    def disk(self) -> Disk:
        """Return what is used, and the limit."""
        with self._lock:
            now = clock.mono_ns()
            if now - self._read_ns >= _FRESH_NS:
                [(self._used,)] = self._database.ask(lambda c: raw(c).execute(_USED).fetchall())
                self._read_ns = now
            return Disk(self._used, _most())

    def left(self) -> int:
        """Return how many bytes may still be written."""
        disk = self.disk()
        return max(0, disk.most - disk.used - self._coming) if disk.most else sys.maxsize

    @contextmanager
    def coming(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that is told the bytes that come, before each part is written.

        What comes at the same moment from several sides counts together until it is written or
        given up.

        Raises:
            StoreFull: the function; there is no room for a part.
        """
        self.disk()
        most, mine = _most(), 0

        def more(size: int) -> None:
            nonlocal mine
            with self._lock:
                fits = not most or self._used + self._coming + size <= most
                if fits:
                    self._coming += size
                    mine += size
            if not fits:
                self.fits(size, -1)

        try:
            yield more
        finally:
            with self._lock:
                self._coming -= mine

    def fits(self, size: int, left: int | None = None) -> None:
        """Let bytes pass that fit into what is left.

        Raises:
            StoreFull: they do not.
        """
        if size > (self.left() if left is None else left):
            disk = self.disk()
            raise StoreFull(
                f"this lab's files may take {disk.most / _GB:g} GB, and {disk.used / _GB:.1f} "
                "are used: there is no room for this one",
                do=f"ask the operator of this machine to set a larger {DISK}",
            )

    def took(self, size: int) -> None:
        """Count what was written just now."""
        with self._lock:
            self._used += size


def _most() -> int:
    said = os.environ.get(DISK, str(USUAL_GB))
    try:
        most = float(said)
    except ValueError:
        most = -1.0
    if not 0.0 <= most < 1e9:
        raise InputError(f"{said!r} is no number of gigabytes", where=DISK, do="give one, or 0")
    return round(most * _GB)
