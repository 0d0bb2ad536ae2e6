"""Database: one lab's (or the house's) connections, and the one way to run a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
import sqlalchemy.exc

from banbury.episode import unkept
from banbury.errors import StoreUnavailable
from banbury.store import keyring
from banbury.store.faults import again, lost, translated
from banbury.store.pool import Pool
from banbury.store.server import Connection, Server

T = TypeVar("T")
ATTEMPTS = 6


class Database:
    """Connections to one database as one role; `pool` says how many.

    Args:
        server: where it is.
        name: its name there.
        user: role, "" for the administrator.
        secret: the role's password.
        keys: of the people of whom it holds something; the server's folder of keys without one.

    Attributes:
        keyring: these keys.
    """

    def __init__(
        self,
        server: Server,
        name: str,
        user: str = "",
        secret: str = "",
        keys: keyring.Keyring | None = None,
    ) -> None:
        self.server = server
        self.keyring = keys or keyring.at(server.keys)
        self.name = name
        self.where = server.where
        self._engine = sa.create_engine(
            sa.URL.create("postgresql+psycopg", database=name),
            pool=Pool(lambda: server.connect(name, user, secret)),
            hide_parameters=True,
        )
        self._frozen = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._plain = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def pool(self) -> Pool:
        """Return the connections."""
        pool = self._engine.pool
        assert isinstance(pool, Pool)
        return pool

    def ask(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work`, each statement of which stands for itself; a third of a transaction's way.

        For single statements that read, and notes that may be made twice.

        Raises:
            StoreError: see `banbury.store.faults`.
        """
        return self._run(self._plain, work)

    def look(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work`, which only reads, on one state of the database, whatever others write.

        Raises:
            StoreError: see `banbury.store.faults`.
        """
        return self._run(self._frozen, work)

    def run(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction; again if the server was lost or two met in a deadlock.

        What `work` does is keyed by ids that it was given, so that doing it twice does it once.

        Raises:
            StoreError: see `banbury.store.faults`.
        """
        return self._run(self._engine, work)

    def _run(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        """Run `work`, several times if need be.

        Raises:
            StoreError: see `banbury.store.faults`.
        """
        for attempt in range(ATTEMPTS):
            try:
                with engine.begin() as connection:
                    return work(connection)
            except (psycopg.Error, sqlalchemy.exc.DBAPIError) as error:
                cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
                if not isinstance(cause, psycopg.Error):
                    raise
                gone = lost(cause)
                if attempt == ATTEMPTS - 1 or not (gone or again(cause)):
                    raise translated(cause, self.where) from error
                if gone:
                    self._revive(cause)
            except UnicodeEncodeError as error:
                raise unkept(error, self.where) from error
            except StoreUnavailable:
                # The server went between two of our connections.
                if attempt == ATTEMPTS - 1:
                    raise
                self._engine.dispose()
                if not self.server.revive():
                    raise
            time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    def _revive(self, cause: psycopg.Error) -> None:
        self._engine.dispose()
        if not self.server.revive():
            raise translated(cause, self.where) from cause

    def forget(self) -> None:
        """Leave the connections to the parent process after a fork; open new ones."""
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close the idle connections; a later call opens new ones."""
        self._engine.dispose()


def raw(connection: sa.Connection) -> Connection:
    """Return psycopg's own connection below, for COPY."""
    inner: Any = connection.connection.driver_connection
    assert isinstance(inner, psycopg.Connection), f"not psycopg: {type(inner)}"
    return inner
