"""Sight: what whoever runs a campaign sees of it, each list by an index or within a bound."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.store import boxes
from banbury.store.database import Database, raw
from banbury.store.queue import agreement, count
from banbury.store.queue.agreement import TASKS, Agreement
from banbury.store.queue.campaign import found
from banbury.store.queue.count import Share
from banbury.store.queue.judging import Agree
from banbury.store.queue.lease import COLUMNS, FROM, Lease, made, one
from banbury.store.server import Connection

Waits = Literal["review", "third", "broken"]
"""Tasks whose answer waits for a second person, about which people differ, that are reported."""

DAY_NS = 86_400_000_000_000


class Waiting(msgspec.Struct, frozen=True):
    """A task that waits for somebody.

    Attributes:
        task: its id.
        rank: its place in the queue; `after` of the next page.
        answers: that count.
        agreed: how alike they were, in [0, 1]; None if they were never compared.
        episodes: the answers, the oldest first.
        reasons: why it was returned, disputed or reported.
    """

    task: str
    rank: int
    answers: int
    agreed: float | None
    episodes: list[str]
    reasons: list[str]


class Late(msgspec.Struct, frozen=True):
    """An answer that came after its lease had expired; `counts` says whether it had a place."""

    task: str
    person: str
    episode: str
    ended_ns: int
    counts: bool


class Day(msgspec.Struct, frozen=True):
    """What was answered and reviewed on one day (UTC).

    Attributes:
        start_ns: when the day began.
        answers: newest answers of their leases.
        reviews: reviews and decisions.
    """

    start_ns: int
    answers: int
    reviews: int


_WAITING = """
SELECT t.id, w.rank, w.done, w.agreed,
    coalesce((SELECT array_agg(l.episode::text ORDER BY l.ended_ns, l.id) FROM lease l
        WHERE l.campaign = w.campaign AND l.task = w.task AND l.kind = 'work'
        AND l.episode IS NOT NULL), '{}'),
    coalesce((SELECT array_agg(r.reason) FROM lease l, unnest(l.reasons) AS r (reason)
        WHERE l.campaign = w.campaign AND l.task = w.task), '{}')
FROM work w JOIN task t ON t.pos = w.task
WHERE w.campaign = %s AND w.stage = %s AND w.rank > %s {open} ORDER BY w.rank LIMIT %s
"""

_LATE = """
SELECT t.id, l.person, l.episode::text, coalesce(l.ended_ns, 0), l.state = 'done'
FROM lease l JOIN task t ON t.pos = l.task
WHERE l.campaign = %s AND l.late AND l.episode IS NOT NULL ORDER BY l.ended_ns DESC LIMIT %s
"""

_DAYS = """
SELECT ended_ns / %s, count(*) FILTER (WHERE kind = 'work'), count(*) FILTER (WHERE kind <> 'work')
FROM lease WHERE campaign = %s AND ended_ns IS NOT NULL AND episode IS NOT NULL AND state = 'done'
GROUP BY 1 ORDER BY 1
"""

_MENDED = f"""
SELECT coalesce(w.accepted::text, ''), {COLUMNS}
FROM {FROM} JOIN work w ON w.campaign = l.campaign AND w.task = l.task
WHERE l.person = %s AND l.ended_ns IS NOT NULL AND l.outcome = 'mended' AND l.outcome_ns > %s
ORDER BY l.outcome_ns LIMIT 100
"""


class Sight:
    """What whoever runs a lab's campaigns sees of them; got from `Queue.sight`."""

    def __init__(self, database: Database, lab: str) -> None:
        self._database = database
        self._lab = lab

    def shares(self, campaign: str) -> list[Share]:
        """Return what each person did in a campaign.

        Raises:
            UnknownName: there is no such campaign.
        """
        return count.shares(self._database, campaign)

    def agreement(
        self, campaign: str, *, agree: Agree | None = None, limit: int = TASKS
    ) -> Agreement:
        """Return how far people agree beyond chance, from the newest tasks with two answers.

        Args:
            campaign: its name.
            agree: the gym's measure, where it has one.
            limit: most tasks that are looked at, 2 to 1000.

        Raises:
            UnknownName: there is no such campaign.
            InputError: the limit is out of range.
        """
        return agreement.agreement(self._database, self._lab, campaign, agree, limit)

    def waiting(
        self, campaign: str, waits: Waits, after: int = 0, limit: int = 50
    ) -> list[Waiting]:
        """Return tasks that wait for somebody, in the order of the queue, from behind a rank.

        Of those for review or for a third person, only the ones that nobody has in hand.

        Raises:
            UnknownName: there is no such campaign.
        """
        query = _WAITING.replace("{open}", "" if waits == "broken" else "AND w.open > 0")

        def work(link: Connection) -> list[Waiting]:
            values = [found(link, campaign).id, waits, after, limit]
            return [Waiting(*row) for row in link.execute(query, values)]

        rows = self._database.look(lambda c: work(raw(c)))
        return [self._opened(row) for row in rows]

    def late(self, campaign: str, limit: int = 50) -> list[Late]:
        """Return the newest late answers; none is looked for where none was counted.

        Raises:
            UnknownName: there is no such campaign.
        """

        def work(link: Connection) -> list[Late]:
            held = found(link, campaign)
            counted = "SELECT coalesce(sum(late), 0) FROM worker WHERE campaign = %s"
            [(there,)] = link.execute(counted, [held.id]).fetchall()
            if not there:
                return []
            return [Late(*row) for row in link.execute(_LATE, [held.id, limit])]

        return self._database.look(lambda c: work(raw(c)))

    def days(self, campaign: str) -> list[Day]:
        """Return what was done on each day on which something was; reads all its leases.

        Raises:
            UnknownName: there is no such campaign.
        """

        def work(link: Connection) -> list[Day]:
            rows = link.execute(_DAYS, [DAY_NS, found(link, campaign).id]).fetchall()
            return [Day(int(day) * DAY_NS, answers, reviews) for day, answers, reviews in rows]

        return self._database.look(lambda c: work(raw(c)))

    def _opened(self, row: Waiting) -> Waiting:
        """Return a row with its reasons as they were written; within, they are boxes."""
        words = boxes.open_words(row.reasons, self._database.keyring)
        return msgspec.structs.replace(row, reasons=list(words))


def mended(database: Database, person: str, since_ns: int) -> list[tuple[Lease, str]]:
    """Return a person's answers that were mended since a moment, and what was accepted instead.

    One that the person agreed with, or disputed, is not among them.
    """

    def work(link: Connection) -> list[tuple[Lease, str]]:
        rows = link.execute(_MENDED, [person, since_ns]).fetchall()
        return [(made(rest), accepted) for accepted, *rest in rows]

    return database.ask(lambda c: work(raw(c)))


def concede(database: Database, lease: str) -> Lease:
    """Keep that an author agrees with what a reviewer made of an answer.

    One that was not mended, or is disputed, stays as it is.

    Raises:
        UnknownName: there is no such lease.
    """
    said = "UPDATE lease SET outcome = 'agreed' WHERE id = %s AND outcome = 'mended'"

    def work(link: Connection) -> Lease:
        held = one(link, lease)
        link.execute(said, [held.id])
        return one(link, lease)

    return database.run(lambda c: work(raw(c)))
