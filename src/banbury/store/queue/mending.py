"""Broken tasks: what people reported, and how a task comes back."""

from __future__ import annotations

import msgspec

from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.queue.count import count, moved
from banbury.store.queue.standing import answers
from banbury.store.server import Connection


class Trouble(msgspec.Struct, frozen=True):
    """A task that was reported as broken.

    Attributes:
        task: its id.
        reports: (pseudonym, reason) of each report, the first one first.
        rank: place in the list, to go on from.
    """

    task: str
    reports: tuple[tuple[str, str], ...]
    rank: int


_TROUBLES = """
SELECT t.id, w.rank, array_agg(l.person ORDER BY l.ended_ns),
    array_agg(coalesce(l.reasons[1], '') ORDER BY l.ended_ns)
FROM (SELECT * FROM work WHERE campaign = %s AND stage = 'broken' AND rank > %s
    ORDER BY rank LIMIT %s) AS w
    JOIN task t ON t.pos = w.task
    JOIN lease l ON l.campaign = w.campaign AND l.task = w.task AND l.state = 'broken'
GROUP BY t.id, w.rank ORDER BY w.rank
"""


def troubles(database: Database, campaign: str, after: int, limit: int) -> list[Trouble]:
    """Return the tasks of a campaign that were reported, from behind a rank.

    Raises:
        UnknownName: there is no such campaign.
    """

    def work(link: Connection) -> list[Trouble]:
        rows = link.execute(_TROUBLES, [found(link, campaign).id, after, limit]).fetchall()
        return [Trouble(id, tuple(zip(who, why, strict=True)), rank) for id, rank, who, why in rows]

    return database.look(lambda c: work(raw(c)))


def reopen(database: Database, campaign: str, task: str, person: str) -> None:
    """Give a reported task out again; to those who reported it too.

    Raises:
        UnknownName: there is no such campaign.
        InputError: nobody reported this task.
    """
    lock = (
        "SELECT w.task, w.active, w.done FROM work w JOIN task t ON t.pos = w.task "
        "WHERE w.campaign = %s AND t.id = %s AND w.stage = 'broken' FOR UPDATE OF w"
    )

    def work(link: Connection) -> None:
        held = found(link, campaign)
        row = link.execute(lock, [held.id, task]).fetchone()
        if row is None:
            raise InputError("nobody reported this task as broken", where=f"task {task}")
        pos, active, done = row
        free = max(0, held.overlap - active - done)
        # Whoever answered it did so before it was looked at: somebody should see that.
        stage, subject = "work", None
        if not free and not active:
            stage, free = "review", 1
            first = answers(link, held.id, pos)[0]
            subject = first.episode
        link.execute(
            "UPDATE work SET stage = %s, subject = %s, accepted = NULL, open = %s, "
            "rank = nextval('work_rank') WHERE campaign = %s AND task = %s",
            [stage, subject, free, held.id, pos],
        )
        link.execute(
            "UPDATE lease SET state = 'returned' WHERE campaign = %s AND task = %s "
            "AND state = 'broken'",
            [held.id, pos],
        )
        count(link, held.id, person, "work", **moved("broken", stage))

    database.run(lambda c: work(raw(c)))
