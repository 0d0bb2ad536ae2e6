"""Mending: a task that was reported as broken comes back."""

from __future__ import annotations

from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.queue.count import count, moved
from banbury.store.queue.standing import answers
from banbury.store.server import Connection


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
