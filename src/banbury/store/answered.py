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
# Each table is told where to begin: a merge join would else walk it from its first row, each page.
_OF_CAMPAIGN = """
SELECT t.pos, t.id, t.split, t.body, {secret}, e.id, e.header, e.body
FROM work w JOIN task t ON t.pos = w.task LEFT JOIN episode e ON e.id = w.accepted
    AND e.status <> 'void'
WHERE w.campaign = %(of)s AND w.task > %(after)s AND t.pos > %(after)s
    AND (e.id IS NOT NULL OR NOT %(only)s)
ORDER BY w.task LIMIT %(page)s
"""
_OF_GYM = """
SELECT t.pos, t.id, t.split, t.body, {secret}, NULL::uuid, NULL::bytea, NULL::bytea
FROM task t WHERE t.gym = %(of)s AND t.pos > %(after)s AND NOT %(only)s
ORDER BY t.pos LIMIT %(page)s
"""
_SECRET = "(SELECT s.body FROM secret s WHERE s.task = t.id)"


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
    secrets: bool = True,
    after: int = -1,
) -> Iterator[Answered]:
    """Yield a campaign's tasks, or without one all of a gym, in the order of their positions.

    Args:
        database: of the lab.
        lab: its name.
        campaign: name of a campaign, "" for all tasks of the gym, which then have no answers.
        gym: name of the gym.
        only: leave out tasks without an accepted answer.
        secrets: read them too; without, they are empty, which is quicker.
        after: position from behind which to go on.

    Raises:
        UnknownName: there is no such campaign.
    """
    query = _OF_CAMPAIGN if campaign else _OF_GYM
    query = query.format(secret=_SECRET if secrets else "NULL::bytea")
    keys = database.keyring
    of: int | str = get(database, campaign).id if campaign else gym
    while True:
        values: dict[str, object] = {"of": of, "after": after, "only": only, "page": _PAGE}

        def work(connection: sa.Connection, values: dict[str, object] = values) -> list[Answered]:
            rows = raw(connection).execute(query, values, binary=True).fetchall()
            found = [
                (wire.decode_header(bytes(header), str(id), lab), body)
                for _, _, _, _, _, id, header, body in rows
                if id is not None
            ]
            held = {
                record.episode.id: record for record in bodies(connection, found, keys, skip=True)
            }
            return [
                Answered(
                    Problem(
                        msgspec.structs.replace(_task(body), split=split),
                        Secret(task, "") if secret is None else _secret(secret),
                    ),
                    held.get(str(id)),
                    pos,
                )
                for pos, task, split, body, secret, id, _, _ in rows
            ]

        page = database.run(work)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].position
