"""Browsing: pages of episodes for people, the newest first, quick whatever they are filtered by.

A page is read from one index in the order of ids: that of the filter which fits the fewest
episodes. What else is asked is looked at row by row, in at most `WINDOW` rows, so that a page of a
million episodes costs no more than one of a thousand; where the rows run out, the page says how far
it looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury.episode import Episode, Parent, Status
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.reading import Covered, Filter
from banbury.store.server import Connection

WINDOW = 20_000
"""Rows that one page looks at, at most."""

_NAMES = 400
"""Skills or actors below a pattern that are merged; of more, all rows are looked at."""

_FIRST, _LAST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
_COLUMNS = "id, run, task, actor, gym, skill, status, score, passed, route, header"
_LEADS = {
    "task": "task",
    "run": "run",
    "skill": "skill",
    "actor": 'actor COLLATE "C"',
    "gym": "gym",
    "status": "status",
}
"""Columns with an index (column, id), as the index has them."""


class Listed(msgspec.Struct, frozen=True):
    """One episode of a list.

    Attributes:
        episode: its header.
        score: of its newest judgement, None without one.
        passed: likewise.
    """

    episode: Episode
    score: float | None
    passed: bool | None


class Page(msgspec.Struct, frozen=True):
    """A page of a list.

    Attributes:
        rows: in the order of the list.
        next: id behind which the next page begins, None at the end.
        looked: whether the page ends since enough rows were looked at, not since it is full.
    """

    rows: tuple[Listed, ...]
    next: str | None
    looked: bool


class _Lead(msgspec.Struct, frozen=True):
    """The index that is read: its column, and the values there; no column is the id's own."""

    column: str = ""
    values: tuple[str, ...] = ("",)


def page(
    database: Database, lab: str, where: Filter, limit: int, after: str | None, newest: bool
) -> Page:
    """Return a page of the episodes that fit.

    Args:
        database: of the lab.
        lab: its name.
        where: which; an `actor` without `@` is the actor of this name with any settings.
        limit: rows, at most.
        after: id of the last episode of the page before.
        newest: the newest first; else the oldest.

    Raises:
        InputError: `after` is no id.
    """
    start = str(wire.as_uuid(after, "episode")) if after else (_LAST if newest else _FIRST)

    def work(connection: sa.Connection) -> Page:
        link = raw(connection)
        lead = _lead(link, where)
        window = max(WINDOW // max(len(lead.values), 1), limit + 1)
        given: dict[str, Any] = {"values": list(lead.values), "after": start, "window": window}
        given |= {"most": limit + 1} | _given(where)
        scan, order = _scan(lead, newest)
        found = link.execute(_query(lead, scan, order, _rest(where, lead)), given).fetchall()
        if len(found) > limit:
            rows = found[:limit]
            return Page(_listed(rows, lab), str(rows[-1][0]), False)
        edge = link.execute(_edge(scan, order), given).fetchone()
        if edge is None:
            return Page(_listed(found, lab), None, False)
        inside = [r for r in found if (str(r[0]) >= str(edge[0])) is newest or r[0] == edge[0]]
        return Page(_listed(inside, lab), str(edge[0]), True)

    return database.look(work)


def _query(lead: _Lead, scan: str, order: str, rest: str) -> str:
    # The window keeps the order of its index, so that the scan ends where the page is full.
    key = _LEADS.get(lead.column, "id")
    by = f"key {order}, id {order}" if lead.column else f"id {order}"
    return (
        f"SELECT {_COLUMNS} FROM unnest(%(values)s::text[]) AS n(value) CROSS JOIN LATERAL ("
        f"SELECT * FROM (SELECT {_COLUMNS}, {key} AS key {scan} LIMIT %(window)s) AS w "
        f"WHERE {rest} ORDER BY {by} LIMIT %(most)s) AS f "
        f"ORDER BY id {order} LIMIT %(most)s"
    )


def _edge(scan: str, order: str) -> str:
    """Return the query for the id up to which every value was looked at, if one was cut off."""
    return (
        "SELECT id FROM unnest(%(values)s::text[]) AS n(value) CROSS JOIN LATERAL ("
        f"SELECT id {scan} OFFSET %(window)s - 1 LIMIT 1) AS f ORDER BY id {order} LIMIT 1"
    )


def _scan(lead: _Lead, newest: bool) -> tuple[str, str]:
    """Return the scan of one index from `after` on, and the order.

    The column's equality is said as a range, so that no other index gives the order that is asked
    for, whatever the planner thinks of how many rows fit.
    """
    order, beyond, bound = ("DESC", "<", ">=") if newest else ("ASC", ">", "<=")
    if not lead.column:
        return f"FROM episode WHERE id {beyond} %(after)s ORDER BY id {order}", order
    column = _LEADS[lead.column]
    partial = "status <> 'done' AND " if lead.column == "status" else ""
    scan = (
        f"FROM episode WHERE {partial}{column} {bound} n.value "
        f"AND ({column}, id) {beyond} (n.value, %(after)s::uuid) "
        f"ORDER BY {column} {order}, id {order}"
    )
    return scan, order


def _lead(link: Connection, where: Filter) -> _Lead:
    """Return the index of the filter that fits the fewest episodes, by the planner's estimate."""
    able = [lead for name in _LEADS if (lead := _values(link, where, name)) is not None]
    if len(able) < 2:
        return able[0] if able else _Lead()
    return min(able, key=lambda lead: _estimate(link, lead))


def _values(link: Connection, where: Filter, name: str) -> _Lead | None:
    value = getattr(where, name)
    if value is None or (name == "status" and value == "done"):
        return None
    if name == "actor" and "@" not in value:
        return _Lead(name, tuple(_below(link, name, f"{value}@")))
    if name == "skill":
        return _skills(link, value)
    return _Lead(name, (value,))


def _skills(link: Connection, wanted: str | Covered) -> _Lead | None:
    if isinstance(wanted, Covered):
        if wanted.tasks:
            return None
        below = _below(link, "skill", wanted.pattern[:-1]) if wanted.pattern else []
        names = wanted.skills | set(below)
    elif wanted.endswith(".*"):
        names = frozenset(_below(link, "skill", wanted[:-1]))
    else:
        names = frozenset({wanted})
    return _Lead("skill", tuple(sorted(names))) if len(names) <= _NAMES else None


def _below(link: Connection, name: str, prefix: str) -> list[str]:
    """Return the values of a column that begin so, one step through the index for each."""
    column = _LEADS[name]
    low, high = (prefix, prefix + "\U0010ffff") if name == "actor" else ("", None)
    end = f"AND {column} < %(high)s" if high else ""
    rows = link.execute(
        f"WITH RECURSIVE t(v) AS (SELECT (SELECT {column} FROM episode WHERE {column} >= %(low)s "
        f"{end} ORDER BY {column} LIMIT 1) UNION ALL SELECT (SELECT {column} FROM episode "
        f"WHERE {column} > t.v {end} ORDER BY {column} LIMIT 1) FROM t WHERE t.v IS NOT NULL) "
        "SELECT v FROM t WHERE v IS NOT NULL LIMIT 5000",
        {"low": low, "high": high},
    )
    return [v for (v,) in rows if v.startswith(prefix)]


def _estimate(link: Connection, lead: _Lead) -> float:
    query = f"EXPLAIN (FORMAT JSON) SELECT FROM episode WHERE {_LEADS[lead.column]} = ANY(%(v)s)"
    found = link.execute(query, {"v": list(lead.values)}).fetchone()
    assert found is not None
    return float(found[0][0]["Plan"]["Plan Rows"])


def _rest(where: Filter, lead: _Lead) -> str:
    """Return the conditions that the index does not answer."""
    out = ["TRUE"]
    plain = ("task", "run", "gym", "status", "passed")
    said = [n for n in plain if getattr(where, n) is not None and n != lead.column]
    out += [f"w.{name} = %({name})s" for name in said]
    if where.actor is not None and lead.column != "actor":
        exact = "@" in where.actor
        out.append("w.actor = %(actor)s" if exact else "starts_with(w.actor, %(actor)s || '@')")
    if where.skill is not None and lead.column != "skill":
        out.append(
            "(w.skill = ANY(%(skills)s) OR w.task = ANY(%(tasks)s) "
            "OR starts_with(w.skill, %(pattern)s))"
        )
    return " AND ".join(out)


def _given(where: Filter) -> dict[str, Any]:
    given = {n: getattr(where, n) for n in ("task", "run", "gym", "status", "passed", "actor")}
    skill = where.skill
    if isinstance(skill, Covered):
        skills, tasks, pattern = sorted(skill.skills), sorted(skill.tasks), skill.pattern[:-1]
    elif skill is not None and skill.endswith(".*"):
        skills, tasks, pattern = [], [], skill[:-1]
    else:
        skills, tasks, pattern = [skill or ""], [], ""
    return given | {"skills": skills, "tasks": tasks, "pattern": pattern or None}


def _listed(rows: Sequence[Sequence[Any]], lab: str) -> tuple[Listed, ...]:
    return tuple(Listed(wire.decode_header(bytes(r[10]), str(r[0]), lab), r[7], r[8]) for r in rows)


class Child(msgspec.Struct, frozen=True):
    """An episode that names another as its parent.

    Attributes:
        id: of the child.
        gym: of the child.
        actor: of its key.
        status: see `Status`.
        parent: how it comes from the other.
    """

    id: str
    gym: str
    actor: str
    status: Status
    parent: Parent


def children(database: Database, lab: str, id: str, limit: int) -> list[Child]:
    """Return what was forked from, corrects, reviews or replays an episode, the oldest first."""
    query = (
        "SELECT id, header FROM episode WHERE parents <> '{}' AND parents @> ARRAY[%s::text] "
        "ORDER BY id LIMIT %s"
    )
    rows = database.look(lambda c: raw(c).execute(query, [id, limit]).fetchall())
    made = [wire.decode_header(bytes(header), str(child), lab) for child, header in rows]
    return [
        Child(e.id, e.gym, e.key.actor, e.status, parent)
        for e in made
        for parent in e.parents
        if parent.episode == id
    ]
