"""House: the store that no lab owns; here it knows which labs there are."""

from __future__ import annotations

import logging
import os
import re
import threading
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from banbury.errors import InputError, StoreError, UnknownName
from banbury.store import applying, census, house_tables, keyring, lab_tables, migrate
from banbury.store.address import server_at
from banbury.store.census import LabState
from banbury.store.database import Database
from banbury.store.grants import Grants
from banbury.store.lab import Lab
from banbury.store.server import Server
from banbury.store.tenancy import Tenancy

T = TypeVar("T")
_log = logging.getLogger("banbury.store")
_houses: weakref.WeakSet[House] = weakref.WeakSet()


class House:
    """An open store; a context manager.

    Attributes:
        grants: who may work where now, and how long everybody worked, see `Grants`.
        keyring: the keys of people, the same in all labs, see `Keyring`.

    Args:
        server: the PostgreSQL behind it; closed with the house.

    Raises:
        StoreVersion: the database was made by a newer version of Banbury.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.keyring = keyring.at(server.keys)
        self._tenancy = Tenancy(server, self.keyring)
        self._database = Database(server, server.house, keys=self.keyring)
        self._labs: dict[str, Lab] = {}
        self._lock = threading.Lock()
        try:
            self.grants = Grants(self._database)
            self._install = self._tenancy.prepare_house()
        except BaseException:
            server.close()
            raise
        _houses.add(self)

    @property
    def where(self) -> str:
        """Return the folder or address, without any secret."""
        return self._server.where

    @property
    def server(self) -> Server:
        """Return the PostgreSQL behind it, for back-ups."""
        return self._server

    @property
    def install(self) -> str:
        """Return the id that is in the names of this house's databases and roles."""
        return self._install

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<House at {self.where}>"

    def close(self) -> None:
        """Close all connections; an embedded server stops when its last user did this."""
        try:
            for lab in self._labs.values():
                lab.close()
            self._database.close()
        finally:
            self._server.close()

    def labs(self) -> list[str]:
        """Return the names of all labs, sorted."""
        query = sa.select(house_tables.lab_row.c.name).order_by(house_tables.lab_row.c.name)
        return list(self._database.run(lambda c: c.execute(query).scalars().all()))

    def databases(self) -> dict[str, str]:
        """Return the database of each lab, by name."""
        query = sa.select(house_tables.lab_row.c.name, house_tables.lab_row.c.database)
        rows = self._database.run(lambda c: c.execute(query).all())
        return {row.name: row.database for row in rows}

    def lab(self, name: str, create: bool = True) -> Lab:
        """Return a lab; make it if there is none of this name.

        Raises:
            UnknownName: there is none and `create` is False; the nearest names are listed.
            InputError: this cannot be a lab's name.
            StoreVersion: its database was made by a newer version of Banbury.
        """
        with self._lock:
            if name not in self._labs:
                self._labs[name] = self._opened(name, create)
            return self._labs[name]

    def opened(self, name: str) -> Lab | None:
        """Return a lab that this process has opened already, without waiting; else None."""
        return self._labs.get(name)

    def run(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction on the house's own database; see `Database.run`.

        For what stands in no lab: accounts, grants. `work` may be run again, where the server was
        lost, so that doing it twice does it once.

        Raises:
            StoreError: the database does not answer, or refuses what was asked.
        """
        return self._database.run(work)

    def look(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work`, which only reads, on one state of the house's own database.

        Raises:
            StoreError: the database does not answer, or refuses what was asked.
        """
        return self._database.look(work)

    def apply_outbox(self, name: str) -> int:
        """Apply what a lab's outbox says, each row once; return how many rows there were.

        Call it from time to time; processes that do so at once do not count anything twice.

        Raises:
            UnknownName: there is no such lab.
        """
        return applying.apply(self._database, name, self.lab(name, create=False)._database)

    def apply_outboxes(self) -> int:
        """Apply what all labs' outboxes say; see `apply_outbox`.

        A lab that does not answer is named in the log and left for the next time: the others'
        people are not to wait for it.
        """
        total = 0
        for name in self.labs():
            try:
                total += self.apply_outbox(name)
            except StoreError as error:
                _log.warning("the outbox of the lab %s was not applied: %s", name, error)
        return total

    def ask(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` on the house's own database, each statement for itself; see `Database.ask`.

        Raises:
            StoreError: the database does not answer, or refuses what was asked.
        """
        return self._database.ask(work)

    def states(self) -> list[LabState]:
        """Return what is known of every lab, by name; none is migrated by that."""
        return census.states(self._server, self._database)

    def revision(self, name: str) -> str:
        """Return the revision of a lab's tables, as they lie there.

        Raises:
            UnknownName: there is no such lab.
        """
        return census.revision(self._server, self._known(name).database)

    def upgrade(self, name: str) -> str:
        """Bring a lab's tables to this version, all or nothing; return the revision they had.

        Raises:
            UnknownName: there is no such lab.
            StoreVersion: its database was made by a newer version of Banbury.
        """
        return self._tenancy.upgrade_lab(self._install, self._known(name).database)

    def forget(self) -> None:
        """After a fork, leave all connections to the parent process."""
        self._lock = threading.Lock()
        self._database.forget()
        for lab in self._labs.values():
            lab.forget()

    def _opened(self, name: str, create: bool) -> Lab:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
            raise InputError(
                f"{name[:80]!r} cannot be a lab's name",
                do="use at most 63 letters, digits, dots, dashes and underscores",
            )
        if create and self._row(name) is None:
            self._tenancy.create_lab(self._install, name)
        row = self._known(name)
        database = Database(self._server, row.database, row.database, row.secret, self.keyring)
        try:
            if database.run(migrate.revision_of) != lab_tables.HEAD:
                self._tenancy.upgrade_lab(self._install, row.database)
        except BaseException:
            database.close()
            raise
        return Lab(name, database, self._server.blobs / row.database)

    def _known(self, name: str) -> sa.Row[*tuple[Any, ...]]:
        row = self._row(name)
        if row is None:
            raise UnknownName("lab", name, self.labs(), where=self.where)
        return row

    def _row(self, name: str) -> sa.Row[*tuple[Any, ...]] | None:
        query = sa.select(house_tables.lab_row).where(house_tables.lab_row.c.name == name)
        return self._database.run(lambda c: c.execute(query).one_or_none())


def open(url: str | None = None) -> House:
    """Open a store: the only difference between a laptop and a cluster.

    Args:
        url: None: the environment's BANBURY_URL, else the embedded server in the folder
            BANBURY_HOME, else in `~/.local/share/banbury`. A folder, or `banbury:///folder`: the
            embedded server there. `postgresql://...`: that server, with its blobs in the folder
            that `?blobs=/folder` or BANBURY_BLOBS names.

    Raises:
        InputError: the address is of no known kind.
        SetupError: there is no PostgreSQL for this machine.
        StoreFull: the folder cannot be written, or no space is left.
        StoreVersion: the store was made by a newer version of Banbury.
        StoreUnavailable: the server does not answer.
    """
    return House(server_at(url))


def _after_fork() -> None:
    for house in list(_houses):
        house.forget()


os.register_at_fork(after_in_child=_after_fork)
