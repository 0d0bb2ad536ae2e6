"""Gold: tasks of a campaign whose right answer is known, by which people's work is measured.

They stand among the others, and nothing that a person sees tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.queue import claiming
from banbury.store.queue.campaign import SHOWN, found
from banbury.store.queue.lease import Lease
from banbury.store.server import Connection

_BATCH = 10_000

_MARK = """
INSERT INTO gold (campaign, task) SELECT w.campaign, w.task
FROM work w JOIN task t ON t.pos = w.task
WHERE w.campaign = %s AND t.id = ANY(%s) ON CONFLICT DO NOTHING
"""

_LEFT = f"""
SELECT count(*) FROM gold g JOIN work w ON w.campaign = g.campaign AND w.task = g.task
    JOIN task t ON t.pos = g.task JOIN campaign c ON c.id = g.campaign
WHERE g.campaign = %(campaign)s AND w.stage = 'work' AND w.open > 0
    AND EXISTS (SELECT FROM unnest(%(skills)s::text[]) p
        WHERE starts_with({SHOWN} || '.', p || '.'))
    AND NOT EXISTS (SELECT FROM lease l WHERE l.campaign = g.campaign AND l.task = g.task
        AND l.person = %(person)s)
"""


class Gold:
    """The gold tasks of a lab's campaigns; got from `Queue.gold`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, campaign: str, ids: Iterable[str]) -> int:
        """Mark tasks of a campaign as gold, each once; return how many were new.

        How somebody answers one of them is told to the house, which sees how good their work is.

        Raises:
            UnknownName: there is no such campaign.
        """
        total = 0
        for part in wire.batches(ids, _BATCH):

            def work(connection: sa.Connection, part: list[str] = part) -> int:
                link = raw(connection)
                return link.execute(_MARK, [found(link, campaign).id, part]).rowcount

            total += self._database.run(work)
        return total

    def count(self, campaign: str) -> int:
        """Return how many tasks of a campaign are gold.

        Raises:
            UnknownName: there is no such campaign.
        """

        def work(link: Connection) -> int:
            query = "SELECT count(*) FROM gold WHERE campaign = %s"
            [(n,)] = link.execute(query, [found(link, campaign).id]).fetchall()
            return int(n)

        return self._database.look(lambda c: work(raw(c)))

    def left(self, campaign: str, person: str, skills: Sequence[str]) -> int:
        """Return how many gold tasks of some skills, and of their parts, are left for a person.

        Raises:
            UnknownName: there is no such campaign.
        """

        def work(link: Connection) -> int:
            at = found(link, campaign).id
            given = {"campaign": at, "person": person, "skills": list(skills)}
            [(n,)] = link.execute(_LEFT, given).fetchall()
            return int(n)

        return self._database.look(lambda c: work(raw(c)))

    def claim(
        self, campaign: str, person: str, grant: str, count: int, skills: Sequence[str]
    ) -> list[Lease]:
        """Lease the next gold tasks of some skills to a person, whose place in the queue stays.

        Raises:
            UnknownName: there is no such campaign.
            InputError: the count is not in [1, 100], or nobody is named.
        """
        return claiming.claim_gold(self._database, campaign, person, grant, count, skills)
