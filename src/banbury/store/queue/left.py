"""What is left of a campaign for one person, counted up to a bound, as a claim would find it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.server import Connection

# Behind the person's cursor stands what they did not have yet, so that no more rows are looked at
# than are counted; what was opened again later stands there, too, with a new rank.
_LEFT = """
SELECT count(*) FROM (
    SELECT FROM work w WHERE w.campaign = %(campaign)s AND w.stage = 'work' AND w.open > 0
        AND w.rank > coalesce((SELECT cursor FROM worker k WHERE k.campaign = %(campaign)s
            AND k.person = %(person)s AND k.kind = 'work'), 0)
        AND NOT EXISTS (SELECT FROM lease l WHERE l.campaign = w.campaign AND l.task = w.task
            AND l.person = %(person)s
            AND NOT (l.state IN ('expired', 'returned') AND l.episode IS NULL))
        AND w.task <> ALL (%(barred)s::bigint[])
    LIMIT %(most)s) AS t
"""

# An index has the skills of all tasks in order: each is found behind the one before, so that this
# costs as much as there are skills.
_NAMED = """
WITH RECURSIVE named (skill) AS (
    (SELECT skill FROM task ORDER BY skill LIMIT 1)
    UNION ALL
    SELECT (SELECT t.skill FROM task t WHERE t.skill > n.skill ORDER BY t.skill LIMIT 1)
    FROM named n WHERE n.skill IS NOT NULL
)
SELECT EXISTS (SELECT FROM named n WHERE starts_with(n.skill || '.', %(skill)s || '.')
    AND EXISTS (SELECT FROM task t WHERE t.skill = n.skill AND t.gym = %(gym)s))
"""

_HAS = """
SELECT EXISTS (SELECT FROM task t JOIN work w ON w.task = t.pos AND w.campaign = %(campaign)s
    WHERE starts_with(t.skill || '.', %(skill)s || '.') AND w.open > 0)
"""

_OPEN = "SELECT EXISTS (SELECT FROM work WHERE campaign = %(campaign)s AND open > 0)"


def has(database: Database, campaign: str, skill: str) -> bool:
    """Say whether a campaign has open tasks of a skill or of a part of it.

    What it costs does not grow with the tasks, unless some of the gym's are of the skill and none
    of these is open here.

    Raises:
        UnknownName: there is no such campaign.
    """

    def work(connection: sa.Connection) -> bool:
        link = raw(connection)
        held = found(link, campaign)
        if held.shows and not f"{held.shows}.".startswith(f"{skill}."):
            return False
        asked = (_OPEN,) if held.shows else (_NAMED, _HAS)
        given = {"campaign": held.id, "gym": held.gym, "skill": skill}
        return all(link.execute(query, given).fetchall()[0][0] for query in asked)

    return database.look(work)


def left(
    database: Database, campaign: str, person: str, most: int, barred: Sequence[str] = ()
) -> int:
    """Return how many tasks a person could still be given for work, at most `most`.

    Raises:
        UnknownName: there is no such campaign.
    """

    def work(connection: sa.Connection) -> int:
        link = raw(connection)
        held = found(link, campaign)
        places = positions(link, barred)
        given = {"campaign": held.id, "person": person, "most": most, "barred": places}
        [(count,)] = link.execute(_LEFT, given).fetchall()
        return int(count)

    return database.look(work)


def positions(link: Connection, tasks: Sequence[str]) -> list[int]:
    """Return where tasks stand in the lab, by their ids."""
    if not tasks:
        return []
    rows = link.execute("SELECT pos FROM task WHERE id = ANY (%s)", [list(tasks)]).fetchall()
    return [int(pos) for (pos,) in rows]
