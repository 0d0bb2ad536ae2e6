"""Tenancy: a database and a role for each lab, made from a template, closed to all others."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

import psycopg
import sqlalchemy as sa

from banbury import clock
from banbury.errors import StoreUnavailable
from banbury.store import house_tables, lab_tables, migrate, residue
from banbury.store.database import Database
from banbury.store.faults import translated
from banbury.store.keyring import Keyring
from banbury.store.server import Connection, Server

T = TypeVar("T")

# Shared catalogues: through these a role would see other labs' databases, roles and statements.
_SHARED = (
    "pg_database",
    "pg_auth_members",
    "pg_db_role_setting",
    "pg_shdepend",
    "pg_shdescription",
    "pg_shseclabel",
    "pg_roles",
    "pg_user",
    "pg_group",
    "pg_stat_activity",
    "pg_stat_database",
    "pg_stat_database_conflicts",
    "pg_locks",
    "pg_prepared_xacts",
    "pg_stat_ssl",
    "pg_stat_gssapi",
    "pg_stat_progress_copy",
    "pg_stat_progress_vacuum",
    "pg_stat_progress_create_index",
)
_FUNCTIONS = (
    "pg_stat_get_activity(integer)",
    "pg_lock_status()",
    "pg_prepared_xact()",
    "pg_stat_get_progress_info(text)",
)
_LOCK = 0x62616E62


class Tenancy:
    """The administrator's work on one server, under a lock of the house.

    Names on the server are opaque and carry the install's id, so that two houses can share it.

    Args:
        server: where the databases are.
        keyring: the keys of people.
    """

    def __init__(self, server: Server, keyring: Keyring) -> None:
        self.server = server
        self._keyring = keyring

    def prepare_house(self) -> str:
        """Bring the house's database to this version; return the install's id.

        Raises:
            StoreVersion: the database was made by a newer version of Banbury.
            StoreUnavailable: the role of the URL may not do this.
        """

        def work(connection: sa.Connection) -> tuple[str, bool]:
            if migrate.revision_of(connection) != house_tables.HEAD:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                migrate.upgrade(connection, "house", keyring=self._keyring)
                name = connection.execute(sa.select(sa.func.current_database())).scalar_one()
                connection.execute(sa.text(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'))
                if connection.execute(sa.select(house_tables.install.c.id)).first() is None:
                    row = {"id": secrets.token_hex(4), "created_ns": clock.wall_ns()}
                    connection.execute(house_tables.install.insert(), row)
            left = connection.execute(sa.select(house_tables.residue.c.name).limit(1)).first()
            install = connection.execute(sa.select(house_tables.install.c.id)).scalar_one()
            return str(install), left is not None

        install, plain = self._run(self.server.house, work)
        if plain:
            with self.server.connect(self.server.house) as house:
                residue.clear(house)
        return install

    def create_lab(self, install: str, name: str) -> None:
        """Make a lab's role, database and row, unless another process just did.

        Raises:
            StoreUnavailable: the role of the URL may create neither roles nor databases.
        """
        with self.server.connect(self.server.house) as house:
            house.autocommit = True
            try:
                house.execute(f"SELECT pg_advisory_lock({_LOCK})")
                if house.execute("SELECT 1 FROM lab WHERE name = %s", [name]).fetchone():
                    return
                self._may_create(house)
                self._sweep(house, install)
                template = self._template(house, install)
                database = f"bb{install}_{secrets.token_hex(8)}"
                secret = secrets.token_urlsafe(32)
                self.make_database(house, install, template, database, secret)
                house.execute(
                    "INSERT INTO lab (name, database, secret, created_ns) VALUES (%s, %s, %s, %s)",
                    [name, database, secret, clock.wall_ns()],
                )
            except psycopg.Error as error:
                raise translated(error, self.server.where) from error

    def upgrade_lab(self, install: str, database: str) -> str:
        """Bring a lab's database to this version; return the revision that it had.

        Raises:
            StoreVersion: it was made by a newer version of Banbury.
        """

        def work(connection: sa.Connection) -> str:
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            connection.execute(sa.text(f"SET LOCAL ROLE {migrator(install)}"))
            before = migrate.revision_of(connection)
            if before != lab_tables.HEAD:
                migrate.upgrade(connection, "lab", role=rows(install))
            return before

        return self._run(database, work)

    def _may_create(self, house: Connection) -> None:
        may = "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles"
        row = house.execute(f"{may} WHERE rolname = current_user").fetchone()
        if not row or not row[0]:
            raise StoreUnavailable(
                "this role may not create labs",
                where=self.server.where,
                do="give it CREATEDB and CREATEROLE",
            )

    def make_database(
        self, house: Connection, install: str, template: str, database: str, secret: str
    ) -> None:
        """Make a lab's role and its database, which nobody else may enter."""
        # token_urlsafe holds no quote; CREATE ROLE takes no parameters.
        house.execute(f"CREATE ROLE {database} LOGIN PASSWORD '{secret}' IN ROLE {rows(install)}")
        house.execute(
            f"CREATE DATABASE {database} TEMPLATE {template} OWNER {migrator(install)} "
            f"ALLOW_CONNECTIONS false {self.server.copying}"
        )
        house.execute(f"SET ROLE {migrator(install)}")
        house.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        house.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {database}")
        house.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        house.execute("RESET ROLE")

    def _sweep(self, house: Connection, install: str) -> None:
        """Drop what a process left that was killed while it made a lab."""
        like = f"bb{install}\\_" + "_" * 16
        known = {row[0] for row in house.execute("SELECT database FROM lab")}
        for kind, query in (
            ("DATABASE", "SELECT datname FROM pg_database WHERE datname LIKE %s"),
            ("ROLE", "SELECT rolname FROM pg_roles WHERE rolname LIKE %s"),
        ):
            for (left,) in house.execute(query, [like]).fetchall():
                if left not in known and left not in (migrator(install), rows(install)):
                    house.execute(f'DROP {kind} "{left}"')

    def _template(self, house: Connection, install: str) -> str:
        """Return the database that new labs copy, made once per revision."""
        name = f"bb{install}_template_{lab_tables.HEAD}"
        there = "SELECT datistemplate FROM pg_database WHERE datname = %s"
        row = house.execute(there, [name]).fetchone()
        if row and row[0]:
            return name
        self.make_roles(house, install)
        house.execute(f"DROP DATABASE IF EXISTS {name}")
        house.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {migrator(install)}")
        house.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        self.close_catalogues(name)
        self.upgrade_lab(install, name)
        house.execute(f"ALTER DATABASE {name} IS_TEMPLATE true")
        for (old,) in house.execute(
            "SELECT datname FROM pg_database WHERE datistemplate AND datname LIKE %s "
            "AND datname <> %s",
            [f"bb{install}\\_template\\_%", name],
        ).fetchall():
            house.execute(f'ALTER DATABASE "{old}" IS_TEMPLATE false')
            house.execute(f'DROP DATABASE "{old}"')
        return name

    def make_roles(self, house: Connection, install: str) -> None:
        """Make the roles that all labs share, where they are not there."""
        for role in (migrator(install), rows(install)):
            if not house.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                house.execute(f"CREATE ROLE {role} NOLOGIN")
                house.execute(f"GRANT {role} TO CURRENT_USER")

    def close_catalogues(self, template: str) -> None:
        """Hide other labs' names from a lab's role; only a superuser can, elsewhere it is left."""
        with self.server.connect(template) as connection:
            row = connection.execute(
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            if not row or not row[0]:
                return
            there = "SELECT to_regclass(%s) IS NOT NULL"
            for name in _SHARED:
                found = connection.execute(there, [f"pg_catalog.{name}"]).fetchone()
                if found and found[0]:
                    connection.execute(f"REVOKE ALL ON pg_catalog.{name} FROM PUBLIC")
            for function in _FUNCTIONS:
                connection.execute(f"REVOKE ALL ON FUNCTION pg_catalog.{function} FROM PUBLIC")

    def _run(self, name: str, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` as the administrator, in one transaction of a connection of its own."""
        database = Database(self.server, name)
        try:
            return database.run(work)
        finally:
            database.close()


def migrator(install: str) -> str:
    """Return the role that owns all labs' tables."""
    return f"bb{install}_migrator"


def rows(install: str) -> str:
    """Return the role that may use the rows, of which each lab's own role is a member."""
    return f"bb{install}_rows"
