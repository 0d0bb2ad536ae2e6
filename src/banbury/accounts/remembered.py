"""Remembered: who came lately, kept in the process until anybody's rights change anywhere."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import sqlalchemy as sa

from banbury import clock
from banbury.accounts.caller import Caller
from banbury.store import House

_POLL_NS, _STALE_NS, _LONGEST_NS = 2 * 10**9, 4 * 10**9, 60 * 10**9
_MOST = 20_000
_EPOCH = sa.text("SELECT epoch FROM access")
_NEXT = sa.text("UPDATE access SET epoch = epoch + 1")


def changed(connection: sa.Connection) -> None:
    """Say to all processes that somebody's rights changed.

    It comes last in a transaction, since it holds back the others that change rights.
    """
    connection.execute(_NEXT)


class Remembered:
    """The callers of the last minute, by the hash of what they showed.

    The house counts changes of rights in one row. It is read at most every 2 seconds, whoever
    asks; when it has grown, all is forgotten. So a request costs no query of its own, and what
    another process took away ends here within 4 seconds.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept: OrderedDict[bytes, tuple[Caller, int, int]] = OrderedDict()
        self._lock, self._polling = threading.Lock(), threading.Lock()
        self._epoch, self._polled_ns = -1, -_LONGEST_NS
        self.generation = 0

    def at_once(self, key: bytes) -> Caller | None:
        """Return who showed this, without asking the house; None where it has to be asked."""
        return self._found(key) if 0 <= self._age() < _POLL_NS else None

    def find(self, key: bytes) -> Caller | None:
        """Return who showed this, after a look at the house's count if the last one is old."""
        if not 0 <= self._age() < _POLL_NS:
            self._poll()
        return self._found(key)

    def keep(self, key: bytes, caller: Caller, expires_ns: int, read_ns: int, of: int) -> None:
        """Remember a caller who was read when `generation` was `of`, unless it grew since."""
        with self._lock:
            if self.generation != of or not caller.signed_in:
                self._kept.pop(key, None)
                return
            self._kept[key] = (caller, read_ns, expires_ns)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def drop(self, whose: Callable[[Caller], bool]) -> None:
        """Forget some, at once."""
        with self._lock:
            self.generation += 1
            for key in [k for k, kept in self._kept.items() if whose(kept[0])]:
                del self._kept[key]

    def _age(self) -> int:
        return clock.mono_ns() - self._polled_ns

    def _found(self, key: bytes) -> Caller | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        caller, read_ns, expires_ns = kept
        young = 0 <= clock.mono_ns() - read_ns < _LONGEST_NS and clock.wall_ns() < expires_ns
        return caller if young else None

    def _poll(self) -> None:
        """Read the count; one thread does, the others wait for it only where all is stale."""
        if not self._polling.acquire(blocking=not 0 <= self._age() < _STALE_NS):
            return
        try:
            if 0 <= self._age() < _POLL_NS:
                return
            begun = clock.mono_ns()
            epoch = self._house.run(lambda c: c.execute(_EPOCH).scalar_one())
            with self._lock:
                if epoch != self._epoch:
                    self._epoch = epoch
                    self.generation += 1
                    self._kept.clear()
                self._polled_ns = begun
        finally:
            self._polling.release()
