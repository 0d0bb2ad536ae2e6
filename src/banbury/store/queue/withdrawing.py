"""Withdrawing: a person leaves a lab's queue, and nobody waits for what they had in hand."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.store.database import Database, raw
from banbury.store.queue.ending import freed
from banbury.store.queue.standing import Standing, keep, locked
from banbury.store.queue.undoing import reopened

_MINE = """
SELECT l.id FROM lease l JOIN work w ON w.campaign = l.campaign AND w.task = l.task
WHERE l.person = %s AND (l.state = 'active' OR (%s AND l.kind = 'work' AND l.state = 'done'
    AND w.stage IN ('work', 'review', 'third')))
ORDER BY l.campaign, l.task, l.id LIMIT 200
"""
_FORGET = "UPDATE lease SET answer = NULL WHERE person = %s AND answer IS NOT NULL"


def withdraw(database: Database, person: str, *, answers: bool) -> None:
    """Give back all that a person holds; with `answers`, also what was not settled yet.

    A task whose answer goes is open for another. One that was settled stays so.
    """
    while True:
        query = [person, answers]
        ids = database.ask(lambda c, q=query: raw(c).execute(_MINE, q).fetchall())  # type: ignore[misc]
        for (id,) in ids:
            database.run(lambda c, id=id: _back(c, str(id)))  # type: ignore[misc]
        if not ids:
            break
    if answers:
        database.run(lambda c: raw(c).execute(_FORGET, [person]))


def _back(connection: sa.Connection, id: str) -> None:
    link, now = raw(connection), clock.wall_ns()
    before = locked(link, id)
    if before.lease.state == "active":
        keep(link, before, freed(before, "returned", now), {"returned": 1})
    elif before.lease.state == "done":
        lease = msgspec.structs.replace(before.lease, state="active")
        again = Standing(lease, reopened(before.task), before.rules, None, before.submissions)
        keep(link, before, freed(again, "returned", now), {"done": -1, "returned": 1})
