"""Line: a connection kept for one open episode, driven by the event loop, one round trip a call.

A call through SQLAlchemy in a thread costs five times the CPU time of what it does: BEGIN and
COMMIT are round trips of their own, and each hand-over between two threads wakes both. Here a
statement that the server holds prepared goes out from the loop, which is told when the answer is
there. A line never mends anything: where it fails, the caller takes the careful way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy.pool import ConnectionPoolEntry

from banbury.store.database import Database
from banbury.store.pool import Pool

_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_PREPARED = "lines"
_BINARY = 1


class Order(NamedTuple):
    """One statement.

    Attributes:
        name: under which the server holds it prepared.
        sql: with $1, $2, ...
        values: in PostgreSQL's binary format, None for NULL.
    """

    name: bytes
    sql: bytes
    values: Sequence[bytes | None]


class Line:
    """A connection of a pool on the running event loop; got from `lent`, one call at a time."""

    def __init__(self, pool: Pool, entry: ConnectionPoolEntry, link: PGconn) -> None:
        self._pool, self._entry, self._link = pool, entry, link
        self._loop = asyncio.get_running_loop()
        self._socket = link.socket
        self._prepared: set[bytes] = entry.info.setdefault(_PREPARED, set())
        self._waiter: asyncio.Future[None] | None = None
        self._results: list[PGresult] = []
        self._piped = self._over = self._lost = self._writing = False
        self._loop.add_reader(self._socket, self._readable)

    async def run(self, *orders: Order) -> int | None:
        """Run statements in one transaction, to its end even where this is cancelled meanwhile.

        Returns:
            How many rows the last one changed or found; None where it failed, and nobody knows
            whether it was done.
        """
        stopped = False
        try:
            for order in orders:
                if order.name not in self._prepared:
                    stopped |= await self._exchange(partial(self._prepare, order))
                    if not self._sound():
                        return None
                    self._prepared.add(order.name)
            stopped |= await self._exchange(lambda: self._send(orders))
            if self._piped:
                self._link.exit_pipeline_mode()
                self._piped = False
            return self._results[-1].command_tuples or 0 if self._sound() else None
        except psycopg.Error:
            self._lost = True
            return None
        finally:
            if stopped:
                raise asyncio.CancelledError

    def close(self) -> None:
        """Give the connection back; one in doubt is closed."""
        self._deaf()
        idle = not self._lost and self._link.transaction_status == pq.TransactionStatus.IDLE
        self._pool.take_back(self._entry, sound=idle and not self._piped)

    @property
    def lost(self) -> bool:
        """Return whether the connection is gone."""
        return self._lost

    def _sound(self) -> bool:
        if not self._lost and all(r.status in _DONE for r in self._results):
            return True
        # It may be that the server holds a statement no more: psycopg drops all at a rollback.
        self._prepared.clear()
        return False

    def _prepare(self, order: Order) -> None:
        self._link.send_prepare(order.name, order.sql)

    def _send(self, orders: Sequence[Order]) -> None:
        if len(orders) > 1:
            self._link.enter_pipeline_mode()
            self._piped = True
        for name, _, values in orders:
            formats = [_BINARY] * len(values)
            self._link.send_query_prepared(name, values, formats, _BINARY)
        if self._piped:
            self._link.pipeline_sync()

    async def _exchange(self, send: Callable[[], None]) -> bool:
        """Send, and wait for the results; return whether this was cancelled meanwhile."""
        stopped = False
        self._results, self._over = [], self._lost
        if self._lost:
            return False
        send()
        self._flush()
        while not self._over:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            except asyncio.CancelledError:
                stopped = True
        return stopped

    def _flush(self) -> None:
        """Send on; where the socket takes no more, when it takes more."""
        try:
            left = self._link.flush()
        except psycopg.Error:
            self._lose()
            return
        if left and not self._writing:
            self._loop.add_writer(self._socket, self._flush)
        elif self._writing and not left:
            self._loop.remove_writer(self._socket)
        self._writing = bool(left)

    def _readable(self) -> None:
        try:
            self._link.consume_input()
            while not self._over and not self._link.is_busy():
                self._take(self._link.get_result())
        except psycopg.Error:
            self._lose()

    def _take(self, result: PGresult | None) -> None:
        if result is None:
            self._over = not self._piped
        elif result.status == pq.ExecStatus.PIPELINE_SYNC:
            self._over = True
        else:
            self._results.append(result)
        if self._over:
            self._wake()

    def _lose(self) -> None:
        self._lost = self._over = True
        self._deaf()
        self._wake()

    def _deaf(self) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def lent(database: Database) -> Line | None:
    """Return a line on the running event loop; None where none is to be had at once."""
    pool = database.pool
    entry = pool.lend()
    if entry is None:
        return None
    link: Any = entry.driver_connection
    if not isinstance(link, psycopg.Connection) or link.broken or link.closed:
        pool.take_back(entry, sound=False)
        return None
    return Line(pool, entry, link.pgconn)
