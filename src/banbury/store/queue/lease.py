"""Lease: one person's hold on one task, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from banbury.errors import UnknownName
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.server import Connection

Kind = Literal["work", "review", "third"]
LeaseState = Literal["active", "done", "expired", "returned", "broken"]
Outcome = Literal["", "accepted", "mended", "returned", "overruled", "disputed", "agreed"]


class Lease(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person's hold on one task; there is one for each person and task of a campaign.

    Attributes:
        id: UUIDv7.
        campaign: name of the campaign.
        task: id of the task.
        person: pseudonym.
        kind: `work` to do it, `review` to look at an answer, `third` to decide.
        subject: episode that is looked at, "" for work.
        grant: id of the house's grant under which it was taken.
        attempt: number of the answer that comes next, from 0.
        state: `active`, `done`, `expired`, `returned` (given back) or `broken` (reported).
        taken_ns: UTC nanoseconds.
        expires_ns: when an active one returns by itself.
        ended_ns: when it was last submitted, given back or expired; 0 if never.
        episode: the newest answer, "" if there is none.
        late: that answer came after the lease had expired; if the state is `done` it counts.
        outcome: what a reviewer made of the answer, "" if nobody has looked.
        outcome_ns: when.
        reasons: why it was returned by the reviewer, disputed, or reported as broken.
    """

    id: str
    campaign: str
    task: str
    person: str
    kind: Kind
    subject: str = ""
    grant: str = ""
    attempt: int = 0
    state: LeaseState = "active"
    taken_ns: int = 0
    expires_ns: int = 0
    ended_ns: int = 0
    episode: str = ""
    late: bool = False
    outcome: Outcome = ""
    outcome_ns: int = 0
    reasons: tuple[str, ...] = ()


COLUMNS = (
    "l.id, c.name, t.id, l.person, l.kind, l.subject, l.work_grant, l.attempt, l.state, "
    "l.taken_ns, l.expires_ns, l.ended_ns, l.episode, l.late, l.outcome, l.outcome_ns, l.reasons"
)
"""Of lease l, campaign c and task t, in the order of the struct."""

FROM = "lease l JOIN campaign c ON c.id = l.campaign JOIN task t ON t.pos = l.task"


def made(row: Sequence[Any]) -> Lease:
    """Return a row of `COLUMNS` as a lease."""
    id, campaign, task, person, kind, subject, grant, attempt, state, *rest = row
    taken, expires, ended, episode, late, outcome, outcome_ns, reasons = rest
    return Lease(
        *(str(id), campaign, task, person, kind, _text(subject), grant, attempt, state),
        *(taken, expires, ended or 0, _text(episode), late, outcome, outcome_ns or 0),
        tuple(reasons),
    )


def one(link: Connection, id: str) -> Lease:
    """Return a lease.

    Raises:
        UnknownName: there is none of this id.
    """
    key = str(wire.as_uuid(id, "lease"))
    row = link.execute(f"SELECT {COLUMNS} FROM {FROM} WHERE l.id = %s", [key]).fetchone()
    if row is None:
        raise unknown(id)
    return made(row)


def unknown(id: str) -> UnknownName:
    """Return the error that says that there is no such lease."""
    return UnknownName("lease", id, (), hint="It may belong to another lab")


def held(database: Database, person: str, campaign: str | None) -> list[Lease]:
    """Return a person's active leases, the oldest first."""
    query = f"SELECT {COLUMNS} FROM {FROM} WHERE l.person = %s AND l.state = 'active'"
    values = [person]
    if campaign is not None:
        query, values = f"{query} AND c.name = %s", [person, campaign]
    rows = database.ask(lambda c: raw(c).execute(f"{query} ORDER BY l.id", values).fetchall())
    return [made(row) for row in rows]


def recent(database: Database, person: str, before_ns: int, limit: int) -> list[Lease]:
    """Return a person's leases that were ended, the newest first, from before a moment."""
    query = (
        f"SELECT {COLUMNS} FROM {FROM} WHERE l.person = %s AND l.ended_ns < %s "
        "ORDER BY l.ended_ns DESC LIMIT %s"
    )
    rows = database.ask(lambda c: raw(c).execute(query, [person, before_ns, limit]).fetchall())
    return [made(row) for row in rows]


def of_task(database: Database, campaign: str, task: str) -> list[Lease]:
    """Return all leases of a task in a campaign, in the order of their ids."""
    query = f"SELECT {COLUMNS} FROM {FROM} WHERE c.name = %s AND t.id = %s ORDER BY l.id"
    rows = database.ask(lambda c: raw(c).execute(query, [campaign, task]).fetchall())
    return [made(row) for row in rows]


def of_person(database: Database, person: str, task: str) -> list[Lease]:
    """Return all leases that a person has or had of a task, in any campaign."""
    query = f"SELECT {COLUMNS} FROM {FROM} WHERE l.person = %s AND t.id = %s ORDER BY l.id"
    rows = database.ask(lambda c: raw(c).execute(query, [person, task]).fetchall())
    return [made(row) for row in rows]


def _text(id: object) -> str:
    return "" if id is None else str(id)
