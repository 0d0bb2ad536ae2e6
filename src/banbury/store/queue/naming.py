"""Which files a person may open: those that the tasks of their own leases name."""

from __future__ import annotations

import sqlalchemy as sa

from banbury.store.database import Database, raw

_HELD = (
    "SELECT EXISTS (SELECT FROM lease l JOIN task t ON t.pos = l.task "
    "WHERE l.person = %(person)s AND l.state = 'active' AND position(%(hash)s IN t.body) > 0)"
)
_ENDED = (
    "SELECT EXISTS (SELECT FROM (SELECT task FROM lease WHERE person = %(person)s "
    "AND ended_ns IS NOT NULL ORDER BY ended_ns DESC LIMIT %(most)s) l "
    "JOIN task t ON t.pos = l.task WHERE position(%(hash)s IN t.body) > 0)"
)
_MOST = 2_000
"""Leases that ended and are looked at, the newest first."""


def in_leases(database: Database, person: str, sha256: str) -> bool:
    """Say whether the public half of a task that a person has, or had lately, names a blob."""
    given = {"person": person, "hash": sha256.encode(), "most": _MOST}

    def work(connection: sa.Connection) -> bool:
        link = raw(connection)
        rows = (link.execute(query, given).fetchone() for query in (_HELD, _ENDED))
        return any(row is not None and row[0] for row in rows)

    return database.look(work)
