"""Restoring a back-up into a store that holds nothing: databases, roles, files.

Labs come first under fresh secrets, the house last and in one transaction. So a restore that was
killed left a house without labs, and the next one begins again.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec
import psycopg
import sqlalchemy as sa

from banbury.errors import CorruptBlob, InputError, StoreFull
from banbury.store.address import server_at
from banbury.store.backup import (
    FORMAT,
    HOUSE,
    MANIFEST,
    SUMS,
    Manifest,
    Report,
    hashed,
    linked,
    program,
    run,
)
from banbury.store.faults import translated
from banbury.store.house import House
from banbury.store.keyring import at
from banbury.store.personal import person_key
from banbury.store.server import Connection, Server
from banbury.store.tenancy import Tenancy, migrator, rows


def restore(folder: Path, url: str | None = None, report: Report | None = None) -> Manifest:
    """Bring a back-up into an empty store; its keys are not in it and come from elsewhere.

    Args:
        folder: what `back_up` wrote.
        url: see `banbury.open`.
        report: called with what is done, how many of how many.

    Raises:
        InputError: the folder is no back-up, or the store holds something.
        CorruptBlob: a file of the back-up is missing or was changed; nothing was done.
        StoreVersion: it was made by a newer version of Banbury.
        StoreError: a database could not be brought back.
    """
    place = folder.expanduser().absolute()
    tell = report or (lambda what, done, total: None)
    manifest = opened(place)
    files = verified(place, manifest, tell)
    server = server_at(url)
    try:
        _restored(server, place, manifest, files, tell)
    except psycopg.Error as error:
        raise translated(error, server.where) from error
    except OSError as error:
        raise StoreFull(
            f"the store cannot be written: {error.strerror or error}", where=server.where
        ) from error
    finally:
        server.close()
    return manifest


def opened(place: Path) -> Manifest:
    """Return what a back-up says of itself.

    Raises:
        InputError: the folder is no back-up, or of another form.
    """
    try:
        made = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(
            "this folder is no back-up, or none that was finished",
            where=str(place),
            do="name a folder that `banbury backup` wrote",
        ) from error
    if made.format != FORMAT:
        raise InputError(
            f"the back-up has the form {made.format[:40]!r}", do="use the version that wrote it"
        )
    return made


def verified(place: Path, manifest: Manifest, tell: Report) -> list[str]:
    """Hash every file of a back-up again; return their paths.

    Raises:
        CorruptBlob: one is missing or was changed.
    """
    lines = (place / SUMS).read_bytes() if (place / SUMS).is_file() else b""
    if hashlib.sha256(lines).hexdigest() != manifest.sums:
        raise CorruptBlob("the back-up's list of files was changed", where=str(place / SUMS))
    sums = [line.split("  ", 1) for line in lines.decode().splitlines()]
    for n, (sha256, path) in enumerate(sums, 1):
        tell("look at every file", n, len(sums))
        if not (place / path).is_file() or hashed(place / path) != sha256:
            raise CorruptBlob(
                "a file of the back-up is missing or was changed",
                where=str(place / path),
                do="use another back-up; nothing was done",
            )
    return [path for _, path in sums]


def unreadable(house: House) -> int:
    """Return how many accounts' keys are not in the keyring, though nobody destroyed them."""
    query = sa.text("SELECT id::text FROM account")
    keys = [person_key(id) for id in house.run(lambda c: c.execute(query).scalars().all())]
    return sum(not house.keyring.has(key) and not house.keyring.destroyed(key) for key in keys)


def _restored(
    server: Server, place: Path, manifest: Manifest, files: list[str], tell: Report
) -> None:
    tenancy = Tenancy(server, at(server.keys))
    with server.connect(server.house) as house:
        house.autocommit = True
        _empty(house, server)
        _cleared(house, manifest)
        tenancy.make_roles(house, manifest.install)
        for n, lab in enumerate(manifest.labs, 1):
            tell("bring labs back", n, len(manifest.labs))
            tenancy.make_database(
                house, manifest.install, "template0", lab.database, secrets.token_urlsafe(32)
            )
            _load(server, lab.database, place / "labs" / f"{lab.database}.dump")
            tenancy.close_catalogues(lab.database)
    blobs = [path for path in files if path.startswith("blobs/")]
    for n, path in enumerate(blobs, 1):
        tell("bring files back", n, len(blobs))
        to = server.blobs / path.removeprefix("blobs/")
        to.unlink(missing_ok=True)
        linked(place / path, to)
    tell("bring the house back", 1, 1)
    _load(server, server.house, place / HOUSE)
    with server.connect(server.house) as house:
        _fresh(house, server, manifest)


def _empty(house: Connection, server: Server) -> None:
    """See that a store holds nothing, and clear the tables of a house that was just opened.

    Raises:
        InputError: it holds something.
    """
    for table in ("lab", "account"):
        there = house.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
        if there and there[0] and house.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
            raise InputError(
                "this store holds something; a back-up is restored into an empty one only",
                where=server.where,
                do="name a new folder with --store or BANBURY_HOME",
            )
    house.execute("DROP SCHEMA public CASCADE")
    house.execute("CREATE SCHEMA public")


def _cleared(house: Connection, manifest: Manifest) -> None:
    """Drop what a restore that was killed left."""
    like = f"bb{manifest.install}\\_%"
    query = "SELECT datname, datistemplate FROM pg_database WHERE datname LIKE %s"
    for name, template in house.execute(query, [like]).fetchall():
        if template:
            house.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
        house.execute(f'DROP DATABASE "{name}" (FORCE)')
    query = "SELECT rolname FROM pg_roles WHERE rolname LIKE %s"
    kept = (migrator(manifest.install), rows(manifest.install))
    for (name,) in house.execute(query, [like]).fetchall():
        if name not in kept:
            house.execute(f'DROP ROLE "{name}"')


def _load(server: Server, database: str, dump: Path) -> None:
    words = [str(program("pg_restore")), "--exit-on-error", "--single-transaction"]
    if database == server.house:
        words += ["--no-owner", "--no-privileges"]
    words += [f"--dbname={database}", str(dump)]
    run(server, database, words, "pg_restore")


def _fresh(house: Connection, server: Server, manifest: Manifest) -> None:
    """Give each lab's role a secret of its own; unfinished uploads are not in a back-up."""
    for lab in manifest.labs:
        secret = secrets.token_urlsafe(32)
        house.execute(f"ALTER ROLE {lab.database} PASSWORD '{secret}'")
        house.execute("UPDATE lab SET secret = %s WHERE name = %s", [secret, lab.name])
        with server.connect(lab.database) as connection:
            connection.execute("DELETE FROM upload WHERE state <> 'kept'")
    house.execute(f'REVOKE ALL ON DATABASE "{server.house}" FROM PUBLIC')
