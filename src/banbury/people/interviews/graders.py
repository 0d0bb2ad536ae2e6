"""Graders: nobody is given an answer of their own interview, or grades while one goes on."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banbury.errors import UnknownName
from banbury.gyms.interview.gym import hidden_of
from banbury.people.interviews.grading import task_of
from banbury.people.interviews.interviews import Interviews
from banbury.people.interviews.room import GRADING
from banbury.store import House, Lab

OWN = "What waits here are answers of your own interview. Somebody else grades them."
BUSY = (
    "You are being interviewed in this lab yourself, and answers to grade would show you questions "
    "and rubrics. Bring your interview to its end first; then there is work for you here."
)
NOBODY = (
    "Nobody else in this lab can: an owner can invite somebody, in any role, or the operator can "
    "name a model that grades."
)
_MINE = (
    "SELECT id::text FROM interview WHERE lab = :lab AND pseudonym = :p AND episode <> '' "
    "AND (waits OR believed = '')"
)
_GOES_ON = (
    "SELECT EXISTS (SELECT FROM interview WHERE lab = :lab AND pseudonym = :p AND ended_ns IS NULL)"
)
_ALONE = """
SELECT i.id::text FROM interview i WHERE i.lab = :lab AND i.waits AND NOT EXISTS (
    SELECT FROM member m JOIN account a ON a.id = m.account
    WHERE m.lab = i.lab AND m.account <> i.account AND NOT a.closed)
"""


class Barred(msgspec.Struct, frozen=True):
    """What somebody may not grade in a lab.

    Attributes:
        tasks: of grading their own answers.
        why: why they are given nothing at all, "" where they are.
    """

    tasks: tuple[str, ...] = ()
    why: str = ""


def barred(house: House, lab: Lab, campaign: str, person: str) -> Barred:
    """Return what somebody may not be given of a campaign, since it comes from their interviews.

    Args:
        house: of the lab.
        lab: where the answers are.
        campaign: its name; of another than the one for grading nothing is barred.
        person: what they are called in the lab.
    """
    if campaign != GRADING:
        return Barred()
    given = {"lab": lab.name, "p": person}
    if house.run(lambda c: c.execute(sa.text(_GOES_ON), given).scalar()):
        return Barred(own(house, lab, person), BUSY)
    return Barred(own(house, lab, person))


def own(house: House, lab: Lab, person: str) -> tuple[str, ...]:
    """Return the tasks of grading answers of a person's own interviews that wait."""
    given = {"lab": lab.name, "p": person}
    ids = house.run(lambda c: c.execute(sa.text(_MINE), given).scalars().all())
    found: list[str] = []
    for one in map(Interviews(house).get, ids):
        hidden = hidden_of(lab.problem(one.task))
        found += [task_of(one, item, one.bank) for item in (*hidden.open, hidden.defence)]
    return tuple(found)


def alone(house: House, lab: str) -> int:
    """Return of how many interviews answers wait that nobody in the lab may grade."""
    return len(house.run(lambda c: c.execute(sa.text(_ALONE), {"lab": lab}).all()))


def why_none(house: House, lab: Lab, person: str) -> str:
    """Return why somebody is given nothing to grade, "" where the reason is not their interview."""
    if not any(_waits(lab, task) for task in own(house, lab, person)):
        return ""
    return f"{OWN} {NOBODY}" if alone(house, lab.name) else OWN


def _waits(lab: Lab, task: str) -> bool:
    try:
        lab.task(task)
    except UnknownName:  # Nobody needs to grade that answer.
        return False
    return not any(e.state in ("done", "active", "broken") for e in lab.queue.leases(GRADING, task))
