"""Census: the labs of a house as they lie there, without bringing any to this version."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banbury.store import house_tables, lab_tables, migrate
from banbury.store.database import Database
from banbury.store.server import Server


class LabState(msgspec.Struct, frozen=True):
    """A lab as it lies there; looking does not migrate it.

    Attributes:
        name: the lab's name.
        database: its opaque name on the server.
        bytes: size of its database on disk, blobs not included.
        revision: of its tables.
        current: the revision is this version's.
        episodes: how many it holds.
    """

    name: str
    database: str
    bytes: int
    revision: str
    current: bool
    episodes: int


def revision(server: Server, name: str) -> str:
    """Return the revision of a lab's database."""
    database = Database(server, name)
    try:
        return database.run(migrate.revision_of)
    finally:
        database.close()


def states(server: Server, house: Database) -> list[LabState]:
    """Return the state of every lab, by name."""
    lab = house_tables.lab_row.c
    size = sa.func.pg_database_size(lab.database)
    query = sa.select(lab.name, lab.database, size.label("bytes")).order_by(lab.name)
    return [
        LabState(row.name, row.database, row.bytes, *_look(server, row.database))
        for row in house.run(lambda c: c.execute(query).all())
    ]


def _look(server: Server, name: str) -> tuple[str, bool, int]:
    database = Database(server, name)
    try:
        revision = database.run(migrate.revision_of)
        query = sa.select(sa.func.count()).select_from(lab_tables.episode)
        episodes = database.run(lambda c: c.execute(query).scalar_one()) if revision else 0
    finally:
        database.close()
    return revision, revision == lab_tables.HEAD, episodes
