"""Server: what a store needs of the PostgreSQL behind it, wherever that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]


class Server(Protocol):
    """One PostgreSQL and the folder of its blobs.

    Attributes:
        blobs: folder of the blobs of all labs.
        keys: folder of people's keys, unless the environment's BANBURY_KEYS names another.
        house: name of the house's database.
        where: folder or address, without any secret.
        copying: how to copy a template, as an option of CREATE DATABASE.
    """

    blobs: Path
    keys: Path
    house: str
    where: str
    copying: str

    def connect(self, database: str, user: str = "", secret: str = "") -> Connection:
        """Return a new connection; without a user, as the administrator.

        Raises:
            StoreUnavailable: the server does not answer, or refuses.
        """

    def environment(self, database: str) -> dict[str, str]:
        """Return libpq's environment for a program that works on a database as the administrator.

        Secrets are in it: a program's arguments can be seen by everybody on the machine.
        """

    def revive(self) -> bool:
        """After a lost connection: wait until the server answers again; False if it will not.

        Raises:
            StoreFull: it cannot start for want of space.
        """

    def close(self) -> None:
        """Say that this process needs the server no more."""
