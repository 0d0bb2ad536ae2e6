"""Pool: the connections of one process to all its databases, under one cap.

A PostgreSQL connection belongs to one database, so a house of 200 labs cannot share a plain pool.
Each database keeps at most `IDLE` idle connections, all together keep at most `WARM`, of which the
one that was used longest ago is closed first, and no more than `MOST` are open at any moment. What
is idle beyond that is closed when it has rested for `LINGER_S`: a fresh connection costs the
database some ten statements, and a crowd's next wave comes sooner.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from banbury import clock
from banbury.errors import StoreError

IDLE = 16
WARM = 16
MOST = 32
LINGER_S = 10.0
PATIENCE_S = 600.0
"""How long a thread waits for a connection while all are at work."""


class Cap:
    """Counts connections over many pools, and lends and closes idle ones.

    Args:
        idle: most idle connections of one pool.
        warm: most idle connections of all.
        most: most connections, idle or at work.
        patience: seconds to wait for one.
        linger: seconds for which one rests before it is closed as one idle too many.
    """

    def __init__(
        self,
        idle: int = IDLE,
        warm: int = WARM,
        most: int = MOST,
        patience: float = PATIENCE_S,
        linger: float = 0.0,
    ) -> None:
        self._limits = (idle, warm, most)
        self._patience = patience
        self._linger_ns = int(linger * 1e9)
        self.reset()

    def reset(self) -> None:
        """Forget all connections; after a fork they are the parent's."""
        self._changed = threading.Condition()
        self._open = 0
        self._resting: OrderedDict[ConnectionPoolEntry, Pool] = OrderedDict()
        self._since = dict[ConnectionPoolEntry, int]()

    @property
    def open(self) -> int:
        """Return how many connections are open, idle or at work."""
        return self._open

    @property
    def resting(self) -> int:
        """Return how many connections are idle."""
        return len(self._resting)

    def take(self, pool: Pool) -> ConnectionPoolEntry | None:
        """Return an idle connection of a pool, or None where it may open one.

        Raises:
            StoreError: all were at work for too long.
        """
        coldest = None
        with self._changed:
            while True:
                warm = self._warmest(pool)
                if warm is not None:
                    return warm
                if self._open < self._limits[2]:
                    self._open += 1
                    return None
                if self._resting:
                    coldest = self._taken(next(iter(self._resting)))
                    break
                if not self._changed.wait(self._patience):
                    raise StoreError(
                        f"all {self._open} connections to the store are at work",
                        do="run fewer things at once",
                    )
        coldest.close()
        return None

    def spare(self, pool: Pool) -> ConnectionPoolEntry | None:
        """Return an idle connection of a pool, if there is one and half of all are left."""
        with self._changed:
            if self._open - len(self._resting) >= self._limits[2] // 2:
                return None
            return self._warmest(pool)

    def rest(self, pool: Pool, entry: ConnectionPoolEntry) -> None:
        """Keep a connection that is no longer at work, or close another, or this one."""
        with self._changed:
            self._resting[entry] = pool
            self._since[entry] = clock.mono_ns()
            surplus = entry if pool.gone else self._surplus(pool)
            if surplus is not None:
                self._taken(surplus)
                self._open -= 1
            self._changed.notify()
        if surplus is not None:
            surplus.close()

    def _surplus(self, pool: Pool) -> ConnectionPoolEntry | None:
        """Return the coldest idle connection if there is one too many, and it rested long."""
        idle, warm, _ = self._limits
        own = [r for r, p in self._resting.items() if p is pool]
        if len(own) > idle:
            coldest = own[0]
        elif len(self._resting) > warm:
            coldest = next(iter(self._resting))
        else:
            return None
        rested = clock.mono_ns() - self._since[coldest]
        return coldest if rested >= self._linger_ns else None

    def _warmest(self, pool: Pool) -> ConnectionPoolEntry | None:
        found = next((r for r in reversed(self._resting) if self._resting[r] is pool), None)
        return None if found is None else self._taken(found)

    def _taken(self, entry: ConnectionPoolEntry) -> ConnectionPoolEntry:
        del self._resting[entry], self._since[entry]
        return entry

    def lose(self) -> None:
        """Give back the place of a connection that could not be opened."""
        with self._changed:
            self._open -= 1
            self._changed.notify()

    def close(self, pool: Pool) -> None:
        """Close the idle connections of a pool."""
        with self._changed:
            own = [r for r, p in self._resting.items() if p is pool]
            for entry in own:
                self._taken(entry)
            self._open -= len(own)
            self._changed.notify_all()
        for entry in own:
            entry.close()


class Pool(sa.Pool):
    """The connections to one database, as SQLAlchemy asks for them.

    Attributes:
        gone: it was disposed of; what comes back is closed.
    """

    def __init__(self, creator: Any, cap: Cap | None = None, **options: Any) -> None:
        super().__init__(creator, **options)
        self.cap = cap or CAP
        self.gone = False

    def _do_get(self) -> ConnectionPoolEntry:
        entry = self.cap.take(self)
        if entry is not None:
            return entry
        try:
            return self._create_connection()
        except BaseException:
            self.cap.lose()
            raise

    def lend(self) -> ConnectionPoolEntry | None:
        """Return an idle connection for longer, to be given to `take_back`; never wait for one."""
        return self.cap.spare(self)

    def take_back(self, entry: ConnectionPoolEntry, sound: bool) -> None:
        """Keep a connection that was lent; close it if it is not sound."""
        if sound:
            self.cap.rest(self, entry)
            return
        self.cap.lose()
        entry.close()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self.cap.rest(self, record)

    def dispose(self) -> None:
        """Close the idle connections, and the others when they come back."""
        self.gone = True
        self.cap.close(self)

    def recreate(self) -> Pool:
        """Return an empty pool like this one."""
        return Pool(self._creator, self.cap, _dispatch=self.dispatch, dialect=self._dialect)

    def status(self) -> str:
        """Return a few words on all connections of the process."""
        return f"{self.cap.open} open, {self.cap.resting} idle"


CAP = Cap(linger=LINGER_S)
os.register_at_fork(after_in_child=CAP.reset)
