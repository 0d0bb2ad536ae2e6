"""Claiming: the next tasks for a person, in one statement whose work does not grow with the tasks.

An index holds the tasks with an open place in the order of their ranks. Each person has a cursor in
it, behind which the search begins, so that what they have done is not passed again. Whatever opens
a place later gives its task a new rank, at the end. Where nothing is left behind the cursor, the
search begins once more from the start: another person's claim may have held a task for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import SHOWN, found
from banbury.store.queue.lease import COLUMNS, Kind, Lease, made
from banbury.store.queue.left import positions
from banbury.store.server import Connection

MOST = 100
"""Tasks in one claim."""

_DRY_NS = 5_000_000_000
"""How long nobody looks from the start again who found nothing there."""

_REUSED = """
{l}.state IN ('expired', 'returned') AND ({l}.kind = {kind} OR {l}.episode IS NULL)
    OR {l}.kind = 'review' AND {l}.state = 'done' AND {kind} = 'review'
"""
"""When a person may have a task that they had before: they gave no answer, or review it again."""

_LIMIT = "__LIMIT__"

# The scalar subqueries keep the planner to the index: a join would sort all tasks first.
_CLAIM = f"""
WITH me AS MATERIALIZED (
    SELECT c.id, c.hold, c.lease_seconds::bigint * 1000000000 AS length,
        CASE WHEN %(again)s THEN 0 ELSE coalesce(k.cursor, 0) END AS cursor,
        coalesce(k.active, 0) AS active
    FROM campaign c LEFT JOIN worker k
        ON k.campaign = c.id AND k.person = %(person)s AND k.kind = %(kind)s
    WHERE c.name = %(campaign)s AND c.state = 'open'
), picked AS MATERIALIZED (
    SELECT w.campaign, w.task, w.rank, w.subject FROM work w
    WHERE w.campaign = (SELECT id FROM me) AND w.stage = %(kind)s AND w.open > 0
        AND w.rank > (SELECT cursor FROM me)
        AND (SELECT active < hold FROM me)
        __ONLY__
        AND coalesce((SELECT {_REUSED.format(l="l", kind="%(kind)s")} FROM lease l
            WHERE l.campaign = w.campaign AND l.task = w.task AND l.person = %(person)s), true)
        AND w.task <> ALL (%(barred)s::bigint[])
    ORDER BY w.rank LIMIT {_LIMIT} FOR UPDATE OF w SKIP LOCKED
), leased AS (
    INSERT INTO lease (id, campaign, task, person, kind, subject, work_grant, state, taken_ns,
        expires_ns)
    SELECT (%(ids)s::uuid[])[row_number() OVER (ORDER BY p.rank)], p.campaign, p.task, %(person)s,
        %(kind)s, p.subject, %(grant)s, 'active', %(now)s, %(now)s + me.length
    FROM picked p, me
    ON CONFLICT (campaign, task, person) DO UPDATE SET kind = excluded.kind,
        subject = excluded.subject, work_grant = excluded.work_grant, state = 'active',
        taken_ns = excluded.taken_ns, expires_ns = excluded.expires_ns, ended_ns = NULL
        WHERE {_REUSED.format(l="lease", kind="excluded.kind")}
    RETURNING *
), moved AS (
    UPDATE work w SET open = w.open - 1,
        active = w.active + CASE WHEN l.kind = 'work' THEN 1 ELSE 0 END
    FROM leased l WHERE w.campaign = l.campaign AND w.task = l.task
    RETURNING w.task, w.rank
), kept AS (
    INSERT INTO worker (campaign, person, kind, cursor, active, taken)
    SELECT me.id, %(person)s, %(kind)s, CASE WHEN %(aside)s THEN 0 ELSE max(m.rank) END, count(*),
        count(*) FROM moved m, me
    GROUP BY me.id
    ON CONFLICT (campaign, person, kind) DO UPDATE SET
        cursor = CASE WHEN %(aside)s THEN worker.cursor ELSE excluded.cursor END,
        active = worker.active + excluded.active, taken = worker.taken + excluded.taken
)
SELECT {COLUMNS} FROM leased l JOIN campaign c ON c.id = l.campaign JOIN task t ON t.pos = l.task
    JOIN moved m ON m.task = l.task ORDER BY m.rank
"""

_OF = f"""EXISTS (SELECT FROM task t, campaign c, unnest(%({{name}})s::text[]) p
    WHERE t.pos = w.task AND c.id = w.campaign AND starts_with({SHOWN} || '.', p || '.'))"""
_WITHOUT = f"AND NOT {_OF.format(name='without')}"
_GOLD = f"""AND w.task IN (SELECT g.task FROM gold g WHERE g.campaign = (SELECT id FROM me))
    AND {_OF.format(name="gold")}"""

_DRY = """
SELECT (SELECT last_value FROM work_rank), coalesce((SELECT dry_ns FROM worker k
    WHERE k.campaign = c.id AND k.person = %(person)s AND k.kind = %(kind)s), 0) FROM campaign c
WHERE c.name = %(campaign)s
"""

_FOUND_NONE = """
INSERT INTO worker (campaign, person, kind, cursor, dry_ns)
SELECT c.id, %(person)s, %(kind)s, %(end)s, %(now)s FROM campaign c
WHERE c.name = %(campaign)s AND c.state = 'open'
ON CONFLICT (campaign, person, kind) DO UPDATE SET dry_ns = excluded.dry_ns,
    cursor = CASE WHEN worker.active < (SELECT hold FROM campaign WHERE name = %(campaign)s)
        THEN greatest(worker.cursor, excluded.cursor) ELSE worker.cursor END
"""


def claim(
    database: Database,
    campaign: str,
    person: str,
    grant: str,
    count: int,
    kinds: Sequence[Kind],
    without: Sequence[str] = (),
    barred: Sequence[str] = (),
) -> list[Lease]:
    """Lease the next tasks to a person, at most `count`, looking for the kinds in their order.

    None of the skills `without`, or of a part of one, is among them, and none of those that are
    barred, by their ids.

    Returns:
        Fewer, or none, where no more are left for this person, where they hold as many as they
        may, or where the campaign is paused or closed.

    Raises:
        UnknownName: there is no such campaign.
        InputError: the count is not in [1, 100], or nobody is named.
    """
    if not 1 <= count <= MOST:
        raise InputError(f"{count} tasks cannot be claimed at once", do=f"claim 1 to {MOST}")
    if not person:
        raise InputError("a lease needs a person", do="give the lab's pseudonym of the person")
    places = database.ask(lambda c: positions(raw(c), barred)) if barred else []
    leases: list[Lease] = []
    for kind in kinds:
        wanted = count - len(leases)
        if wanted > 0:
            asked: dict[str, object] = {
                "campaign": campaign, "person": person, "grant": grant, "kind": kind,
                "barred": places, "again": False, "aside": False,
            }  # fmt: skip
            leases += _claimed(database, asked, wanted, without)
    return leases


def claim_gold(
    database: Database, campaign: str, person: str, grant: str, count: int, skills: Sequence[str]
) -> list[Lease]:
    """Lease the next gold tasks of some skills to a person; their place in the queue stays.

    Raises:
        UnknownName: there is no such campaign.
        InputError: the count is not in [1, 100], or nobody is named.
    """
    if not 1 <= count <= MOST or not person:
        raise InputError("claim 1 to 100 tasks for a person", where="claim_gold")
    query = _CLAIM.replace(_LIMIT, str(count)).replace("__ONLY__", _GOLD)
    asked = {
        "campaign": campaign, "person": person, "grant": grant, "kind": "work", "again": True,
        "aside": True, "gold": list(skills), "barred": [],
    }  # fmt: skip

    def work(connection: sa.Connection) -> list[Lease]:
        link = raw(connection)
        found(link, campaign)
        return _taken(link, query, asked, count)

    return database.run(work)


def _claimed(
    database: Database, asked: dict[str, object], count: int, without: Sequence[str]
) -> list[Lease]:
    if without:
        asked["without"] = list(without)
    query = _CLAIM.replace(_LIMIT, str(count)).replace("__ONLY__", _WITHOUT if without else "")

    def first(connection: sa.Connection) -> list[Lease]:
        return _taken(raw(connection), query, asked, count)

    def again(connection: sa.Connection) -> list[Lease]:
        link = raw(connection)
        row = link.execute(_DRY, asked).fetchone()
        if row is None:
            found(link, str(asked["campaign"]))
            return []
        end, dry_ns = row
        now = clock.wall_ns()
        if now - dry_ns < _DRY_NS:
            return []
        leases = _taken(link, query, {**asked, "again": True}, count)
        # What is paused now may be theirs again in a moment.
        if not leases and not without:
            link.execute(_FOUND_NONE, {**asked, "end": end, "now": now})
        return leases

    return database.run(first) or database.run(again)


def _taken(link: Connection, query: str, asked: dict[str, object], count: int) -> list[Lease]:
    values = {**asked, "now": clock.wall_ns(), "ids": [new_id() for _ in range(count)]}
    return [made(row) for row in link.execute(query, values)]
