"""Taking tasks out of a campaign that were put into it by mistake, and that nobody has had."""

from __future__ import annotations

import sqlalchemy as sa

from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found

_BATCH = 10_000

# Whoever claims one of them holds its row, and after that it is active: it is not removed then.
_REMOVE = """
DELETE FROM work w WHERE w.campaign = %(campaign)s AND w.task IN (
    SELECT t.task FROM work t WHERE t.campaign = %(campaign)s AND t.stage = 'work' AND t.open > 0
        AND t.rank > %(after)s AND t.rank <= %(last)s AND t.active = 0 AND t.done = 0
        AND NOT EXISTS (SELECT FROM lease l WHERE l.campaign = t.campaign AND l.task = t.task)
    ORDER BY t.rank LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    AND w.active = 0 AND w.done = 0
"""
_COUNTED = "UPDATE campaign SET tasks = tasks - %s WHERE id = %s"


def rank(database: Database) -> int:
    """Return the rank of the task that was put into any campaign last."""
    row = database.look(lambda c: raw(c).execute("SELECT last_value FROM work_rank").fetchone())
    return int(row[0]) if row else 0


def remove(database: Database, campaign: str, after: int, last: int) -> int:
    """Take tasks out of a campaign that nobody has ever had; return how many.

    Args:
        database: of the lab.
        campaign: its name.
        after: rank behind which they stand.
        last: rank of the last of them.

    Raises:
        UnknownName: there is no such campaign.
    """
    total = 0
    while True:

        def work(connection: sa.Connection) -> int:
            link = raw(connection)
            held = found(link, campaign)
            given = {"campaign": held.id, "after": after, "last": last, "batch": _BATCH}
            gone = link.execute(_REMOVE, given).rowcount
            link.execute(_COUNTED, [gone, held.id])
            return gone

        gone = database.run(work)
        total += gone
        if gone < _BATCH:
            return total
