"""Tasks with the answers that were accepted, a page at a time: what an export reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from banbury.episode import Problem, Record, Secret, Task
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import get
from banbury.store.reading import bodies

_PAGE = 2000
_task = msgspec.msgpack.Decoder(Task).decode
_secret = msgspec.msgpack.Decoder(Secret).decode
_OF_CAMPAIGN = """
SELECT t.pos, t.split, t.body, s.body, e.id, e.header, e.body
FROM work w JOIN task t ON t.pos = w.task JOIN secret s ON s.task = t.id
LEFT JOIN episode e ON e.id = w.accepted
WHERE w.campaign = %s AND w.task > %s AND (w.accepted IS NOT NULL OR NOT %s)
ORDER BY w.task LIMIT %s
"""
_OF_GYM = """
SELECT t.pos, t.split, t.body, s.body, NULL::uuid, NULL::bytea, NULL::bytea
FROM task t JOIN secret s ON s.task = t.id
WHERE t.gym = %s AND t.pos > %s AND NOT %s
ORDER BY t.pos LIMIT %s
"""


class Answered(NamedTuple):
    """A task with its secret, the accepted answer (None if there is none), and its position."""

    problem: Problem
    record: Record | None
    position: int


def answered(
    database: Database,
    lab: str,
    *,
    campaign: str = "",
    gym: str = "",
    only: bool = False,
    after: int = -1,
) -> Iterator[Answered]:
    """Yield a campaign's tasks, or without one all of a gym, in the order of their positions.

    Args:
        database: of the lab.
        lab: its name.
        campaign: name of a campaign, "" for all tasks of the gym, which then have no answers.
        gym: name of the gym.
        only: leave out tasks without an accepted answer.
        after: position from behind which to go on.

    Raises:
        UnknownName: there is no such campaign.
    """
    query = _OF_CAMPAIGN if campaign else _OF_GYM
    of: int | str = get(database, campaign).id if campaign else gym
    while True:
        values: list[object] = [of, after, only, _PAGE]

        def work(connection: sa.Connection, values: list[object] = values) -> list[Answered]:
            rows = raw(connection).execute(query, values, binary=True).fetchall()
            found = [
                (wire.decode_header(bytes(header), str(id), lab), body)
                for _, _, _, _, id, header, body in rows
                if id is not None
            ]
            held = {record.episode.id: record for record in bodies(connection, found)}
            return [
                Answered(
                    Problem(msgspec.structs.replace(_task(task), split=split), _secret(secret)),
                    held.get(str(id)),
                    pos,
                )
                for pos, split, task, secret, id, _, _ in rows
            ]

        page = database.run(work)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].position
