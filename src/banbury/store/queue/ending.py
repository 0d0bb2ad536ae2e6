"""Ending a lease without an answer: given back, reported as broken, expired."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError
from banbury.store import boxes, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import work_key
from banbury.store.queue.count import count
from banbury.store.queue.lease import Lease, LeaseState, one
from banbury.store.queue.standing import Standing, keep, locked
from banbury.store.server import Connection

_BATCH = 1000

_DUE = (
    "SELECT id FROM lease WHERE state = 'active' AND expires_ns < %s ORDER BY expires_ns LIMIT %s"
)

# Tasks before leases, in one order, as everywhere.
_EXPIRE = """
WITH due AS MATERIALIZED (
    SELECT l.id, l.campaign, l.task, l.kind FROM lease l
        JOIN work w ON w.campaign = l.campaign AND w.task = l.task
    WHERE l.id = ANY(%(ids)s::uuid[]) AND l.state = 'active' AND l.expires_ns < %(now)s
    ORDER BY l.campaign, l.task, l.id FOR UPDATE OF w, l SKIP LOCKED
), ended AS (
    UPDATE lease l SET state = 'expired', ended_ns = %(now)s FROM due WHERE l.id = due.id
    RETURNING l.campaign, l.task, l.person, l.kind
), places AS (
    SELECT campaign, task, count(*) FILTER (WHERE kind = 'work') AS work, count(*) AS n
    FROM ended GROUP BY campaign, task
), freed AS (
    UPDATE work w SET active = w.active - p.work,
        open = w.open + CASE WHEN w.stage = 'broken' THEN 0 WHEN w.stage = 'work' THEN p.work
            ELSE p.n - p.work END,
        rank = nextval('work_rank')
    FROM places p WHERE w.campaign = p.campaign AND w.task = p.task
)
SELECT campaign, person, kind, count(*) FROM ended GROUP BY campaign, person, kind
ORDER BY campaign, person, kind
"""


def give_back(database: Database, lease: str) -> Lease:
    """Give a task back: its place is open again, at the end of the queue.

    One that is not active any more stays as it is.

    Raises:
        UnknownName: there is no such lease.
    """

    def work(link: Connection) -> Lease:
        before = locked(link, lease)
        if before.lease.state != "active":
            return before.lease
        after = freed(before, "returned", clock.wall_ns())
        keep(link, before, after, {"returned": 1})
        return after.lease

    return database.run(lambda c: work(raw(c)))


def broken(database: Database, lab: str, lease: str, reason: str) -> Lease:
    """Report that a task is broken: nobody else gets it until somebody has looked.

    Raises:
        UnknownName: there is no such lease.
        InputError: there is no reason, or it is longer than 2000 characters.
    """
    said = reason.strip()
    if not 0 < len(said) <= 2000:
        raise InputError("say in 1 to 2000 characters what is broken", where=f"lease {lease}")

    def work(link: Connection) -> Lease:
        before = locked(link, lease)
        if before.lease.state != "active":
            return before.lease
        words = boxes.seal_words([said], work_key(lab, before.lease.person), database.keyring)
        after = freed(before, "broken", clock.wall_ns())
        after = msgspec.structs.replace(
            after,
            lease=msgspec.structs.replace(after.lease, reasons=tuple(words)),
            task=after.task.but(stage="broken", open=0),
        )
        keep(link, before, after, {"broken": 1})
        return after.lease

    return database.run(lambda c: work(raw(c)))


def expire(database: Database, now_ns: int) -> int:
    """Let every active lease expire whose time is over; return how many did."""
    total = 0
    while True:

        def work(connection: sa.Connection) -> tuple[int, int]:
            link = raw(connection)
            due = [id for (id,) in link.execute(_DUE, [now_ns, _BATCH])]
            return len(due), _expired(link, due, now_ns)

        due, ended = database.run(work)
        total += ended
        # What another process holds locked at this moment is left to it, or to the next call.
        if due < _BATCH or not ended:
            return total


def _expired(link: Connection, ids: Sequence[object], now: int) -> int:
    if not ids:
        return 0
    rows = link.execute(_EXPIRE, {"ids": list(ids), "now": now}).fetchall()
    for campaign, person, kind, n in rows:
        count(link, campaign, person, kind, active=-n, expired=n)
    return sum(n for *_, n in rows)


def freed(before: Standing, state: LeaseState, now: int) -> Standing:
    """Return how it stands when a person lets go of a task: the place is open again."""
    task, work = before.task, before.lease.kind == "work"
    opens = task.stage == ("work" if work else before.lease.kind)
    task = task.but(active=task.active - work, open=task.open + opens, requeue=opens)
    lease = msgspec.structs.replace(before.lease, state=state, ended_ns=now)
    return msgspec.structs.replace(before, lease=lease, task=task)


def renew(database: Database, lease: str) -> Lease:
    """Let an active lease run its whole length again, from now; any other stays as it is.

    Raises:
        UnknownName: there is no such lease.
    """
    statement = (
        "UPDATE lease l SET expires_ns = greatest(l.expires_ns, "
        "%s + c.lease_seconds::bigint * 1000000000) FROM campaign c "
        "WHERE l.id = %s AND c.id = l.campaign AND l.state = 'active'"
    )

    def work(link: Connection) -> Lease:
        link.execute(statement, [clock.wall_ns(), str(wire.as_uuid(lease, "lease"))])
        return one(link, lease)

    return database.run(lambda c: work(raw(c)))


def lease_of(database: Database, id: str) -> Lease:
    """Return a lease.

    Raises:
        UnknownName: there is none of this id.
    """
    return database.ask(lambda c: one(raw(c), id))
