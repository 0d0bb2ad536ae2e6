"""Counts: how far a campaign is, kept with each person so that nobody waits for anybody's row."""

from __future__ import annotations

import msgspec

from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.server import Connection

STAGES = ("review", "third", "settled", "broken")

_SUMS = (
    "active, taken, done, late, expired, returned, broken, to_review, to_third, to_settled, "
    "to_broken"
)
_COUNTS = _SUMS.split(", ")

COUNT = f"""
INSERT INTO worker (campaign, person, kind, {_SUMS})
VALUES (%(campaign)s, %(person)s, %(kind)s, {", ".join(f"%(n_{name})s" for name in _COUNTS)})
ON CONFLICT (campaign, person, kind) DO UPDATE
    SET {", ".join(f"{name} = worker.{name} + excluded.{name}" for name in _COUNTS)}
"""
"""One statement whatever is counted, so that the server holds it prepared."""


class Progress(msgspec.Struct, frozen=True):
    """How far a campaign is.

    Attributes:
        tasks: in it.
        waiting: tasks that are still being worked on, or wait to be.
        review: tasks whose answer waits for a second person.
        third: tasks about which people differ.
        settled: tasks with an accepted answer.
        broken: tasks that somebody reported.
        active: leases that people hold now.
        answers: answers that count, one a person and task.
        late: answers that came after their lease had expired.
        expired: leases that expired.
        returned: leases that were given back.
        people: who took at least one task.
        working: leases for work, not for a review, that people hold now.
    """

    tasks: int
    waiting: int
    review: int
    third: int
    settled: int
    broken: int
    active: int
    answers: int
    late: int
    expired: int
    returned: int
    people: int
    working: int = 0


class Share(msgspec.Struct, frozen=True):
    """What one person did in a campaign.

    Attributes:
        person: pseudonym.
        kind: `work`, `review` or `third`.
        active: leases held now.
        done: answers that count.
        late: answers that came late.
        expired: leases that expired.
        returned: leases given back.
        broken: tasks reported.
    """

    person: str
    kind: str
    active: int
    done: int
    late: int
    expired: int
    returned: int
    broken: int


def count(link: Connection, campaign: int, person: str, kind: str, **more: int) -> None:
    """Add to a person's counts; what is not named stays."""
    if any(more.values()):
        values = {"campaign": campaign, "person": person, "kind": kind}
        link.execute(COUNT, values | numbered(**more))


def numbered(**more: int) -> dict[str, int]:
    """Return the parameters of `COUNT` that say how much is added to which count."""
    return {f"n_{name}": more.get(name, 0) for name in _COUNTS}


def moved(before: str, after: str) -> dict[str, int]:
    """Return the counts of a task's move from one stage to another."""
    if before == after:
        return {}
    out = {f"to_{after}": 1} if after in STAGES else {}
    return out | ({f"to_{before}": -1} if before in STAGES else {})


def progress(database: Database, campaign: str) -> Progress:
    """Return how far a campaign is; what it costs grows with the people, not with the tasks.

    Raises:
        UnknownName: there is no such campaign.
    """
    sums = ", ".join(f"coalesce(sum({n}), 0)::bigint" for n in _COUNTS)
    query = (
        f"SELECT {sums}, count(DISTINCT person) FILTER (WHERE taken > 0), "
        "coalesce(sum(done) FILTER (WHERE kind = 'work'), 0)::bigint, "
        "coalesce(sum(active) FILTER (WHERE kind = 'work'), 0)::bigint "
        "FROM worker WHERE campaign = %s"
    )

    def work(link: Connection) -> Progress:
        held = found(link, campaign)
        [row] = link.execute(query, [held.id]).fetchall()
        active, _, _, late, expired, returned, _, *rest = row
        review, third, settled, broken, people, done, working = rest
        waiting = held.tasks - review - third - settled - broken
        return Progress(
            *(held.tasks, waiting, review, third, settled, broken, active, done),
            *(late, expired, returned, people, working),
        )

    return database.look(lambda c: work(raw(c)))


def shares(database: Database, campaign: str) -> list[Share]:
    """Return what each person did in a campaign, by name; raises as `progress` does."""
    query = (
        "SELECT person, kind, active, done, late, expired, returned, broken FROM worker "
        "WHERE campaign = %s AND taken > 0 ORDER BY person, kind"
    )

    def work(link: Connection) -> list[Share]:
        return [Share(*row) for row in link.execute(query, [found(link, campaign).id])]

    return database.look(lambda c: work(raw(c)))
