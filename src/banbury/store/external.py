"""A PostgreSQL that somebody else runs, by URL."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from banbury.errors import InputError, StoreUnavailable
from banbury.store.server import Connection

_PATIENCE_S = 20.0
_POLL_S = 0.5


class External:
    """A server by its URL; the URL's own database is the house.

    Args:
        url: `postgresql://user:secret@host/database`, as libpq reads it.
        blobs: folder of the blobs, the same for every machine that opens this URL.
        keys: folder of people's keys, the same as well.

    Raises:
        InputError: the URL names no database.
        StoreUnavailable: the server does not answer, or refuses.
    """

    def __init__(self, url: str, blobs: Path, keys: Path) -> None:
        try:
            self._parts = {k: str(v) for k, v in conninfo_to_dict(url).items() if v is not None}
        except psycopg.ProgrammingError as error:
            raise InputError(
                f"this is no PostgreSQL URL: {' '.join(str(error).split())}",
                do="write postgresql://user:secret@host/database",
            ) from error
        if not self._parts.get("dbname"):
            raise InputError(
                "the PostgreSQL URL names no database",
                do="write postgresql://user:secret@host/database",
            )
        self.blobs = blobs
        self.keys = keys
        self.copying = ""
        self.house = self._parts["dbname"]
        host = self._parts.get("host", "localhost")
        self.where = f"postgresql://{host}/{self.house}"
        self.connect(self.house).close()

    def connect(self, database: str, user: str = "", secret: str = "") -> Connection:
        """Return a new connection; without a user, as the URL's role.

        Raises:
            StoreUnavailable: the server does not answer, or refuses.
        """
        parts = {"connect_timeout": "10", **self._parts, "dbname": database}
        if user:
            parts |= {"user": user, "password": secret}
        try:
            return psycopg.connect(**parts)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            raise StoreUnavailable(
                f"the database does not answer: {' '.join(str(error).split())}",
                where=self.where,
                do="see that it runs and that BANBURY_URL is right",
            ) from error

    def environment(self, database: str) -> dict[str, str]:
        """Return libpq's environment for a program that works on a database."""
        named = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        named |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "options": "PGOPTIONS"}
        found = {named[k]: v for k, v in self._parts.items() if k in named}
        return {**found, "PGDATABASE": database}

    def revive(self) -> bool:
        """Wait a while for the server; nobody here can start it."""
        last = time.monotonic() + _PATIENCE_S
        while time.monotonic() < last:
            with suppress(StoreUnavailable):
                self.connect(self.house).close()
                return True
            time.sleep(_POLL_S)
        return False

    def close(self) -> None:
        """Do nothing: connections are closed by those who hold them."""
