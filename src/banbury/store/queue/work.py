"""Work: the tasks of a campaign, each with its open places and the stage that it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from banbury.errors import InputError, UnknownName
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found, get

_BATCH = 10_000

_ADD = """
WITH asked AS (
    SELECT t.pos, u.place FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS u (id, place)
    JOIN task t ON t.id = u.id AND t.gym = %(gym)s
), added AS (
    INSERT INTO work (campaign, task, rank, stage, open)
    SELECT %(campaign)s, a.pos, nextval('work_rank'), 'work', %(overlap)s
    FROM (SELECT pos, min(place) AS place FROM asked GROUP BY pos ORDER BY min(place)) AS a
    ON CONFLICT DO NOTHING RETURNING task
)
SELECT (SELECT count(*) FROM asked), (SELECT count(*) FROM added)
"""

_ADD_ALL = """
INSERT INTO work (campaign, task, rank, stage, open)
SELECT %(campaign)s, t.pos, nextval('work_rank'), 'work', %(overlap)s FROM (
    SELECT pos FROM task WHERE pos > %(after)s AND pos <= %(last)s AND gym = %(gym)s
        AND split <> 'reserved' ORDER BY pos) AS t
ON CONFLICT DO NOTHING
"""

_COUNTED = "UPDATE campaign SET tasks = tasks + %s WHERE id = %s"


def add(database: Database, campaign: str, ids: Iterable[str]) -> int:
    """Put tasks into a campaign, each once, in constant memory; return how many were new.

    Each batch of 10,000 is one transaction; the same again adds what is missing.

    Raises:
        UnknownName: there is no such campaign, or the lab has no such task.
        InputError: a task is of another gym.
    """
    get(database, campaign)
    added = 0
    for part in wire.batches(ids, _BATCH):

        def work(connection: sa.Connection, part: list[str] = part) -> int:
            link = raw(connection)
            held = found(link, campaign)
            values = {
                "ids": part,
                "gym": held.gym,
                "campaign": held.id,
                "overlap": held.overlap,
            }
            [(known, new)] = link.execute(_ADD, values)
            if known < len(part):
                raise _missing(connection, part, held.gym)
            link.execute(_COUNTED, [new, held.id])
            return int(new)

        added += database.run(work)
    return added


def add_all(database: Database, campaign: str) -> int:
    """Put all tasks of the campaign's gym into it but reserved ones; return how many were new.

    Raises:
        UnknownName: there is no such campaign.
    """
    held = get(database, campaign)
    end = database.run(lambda c: raw(c).execute("SELECT max(pos) FROM task").fetchone())
    last = int(end[0]) if end and end[0] is not None else 0
    added = 0
    for after in range(0, last, _BATCH):
        values = {
            "campaign": held.id,
            "overlap": held.overlap,
            "gym": held.gym,
            "after": after,
            "last": min(last, after + _BATCH),
        }

        def work(connection: sa.Connection, values: dict[str, object] = values) -> int:
            link = raw(connection)
            new = link.execute(_ADD_ALL, values).rowcount
            link.execute(_COUNTED, [new, held.id])
            return new

        added += database.run(work)
    return added


def _missing(connection: sa.Connection, ids: list[str], gym: str) -> InputError:
    query = "SELECT id, gym FROM task WHERE id = ANY(%s) AND gym <> %s LIMIT 1"
    other = raw(connection).execute(query, [ids, gym]).fetchone()
    if other is not None:
        return InputError(
            f"this task is of the gym {other[1]!r}, not {gym!r}",
            where=f"task {other[0]}",
            do="a campaign has the tasks of one gym",
        )
    there = raw(connection).execute("SELECT id FROM task WHERE id = ANY(%s)", [ids])
    missing = min(set(ids) - {id for (id,) in there}, default="")
    return UnknownName("task", missing, (), hint="Put it into the lab first, with `put_tasks`")


def accepted(database: Database, campaign: str) -> Iterator[str]:
    """Yield the episodes that were accepted, one a task, in the order of their tasks.

    Raises:
        UnknownName: there is no such campaign.
    """
    held = get(database, campaign)
    after = -1
    query = (
        "SELECT task, accepted FROM work WHERE campaign = %s AND task > %s "
        "AND stage = 'settled' AND accepted IS NOT NULL ORDER BY task LIMIT 1000"
    )
    while True:
        values = [held.id, after]
        rows = database.run(lambda c, v=values: raw(c).execute(query, v).fetchall())  # type: ignore[misc]
        yield from (str(id) for _, id in rows)
        if len(rows) < 1000:
            return
        after = rows[-1][0]


def taken(database: Database, run: str) -> list[str] | None:
    """Return what stages take of a run: of a campaign, the accepted episodes alone.

    Answers that were taken back, mended, came late, or wait for somebody are left out.

    Returns:
        None where the run is no campaign's, and all of it counts.
    """
    name = run.removeprefix("campaign:")
    query = "SELECT FROM campaign WHERE name = %s"
    if name == run or not database.run(lambda c: raw(c).execute(query, [name]).rowcount):
        return None
    return list(accepted(database, name))
