"""Applying: what labs' outboxes say reaches the house, each row once.

No transaction spans a lab and the house. A batch is written to the house first, where a row that
was applied before changes nothing; only then does the lab note that it was. A process killed in
between does the batch again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.episode import Cost
from banbury.store import evidence
from banbury.store.database import Database, raw
from banbury.store.grants import DAY_NS
from banbury.store.server import Connection

_BATCH = 1000

_WAITING = """
SELECT id, episode, kind, body, created_ns FROM outbox
WHERE applied_ns IS NULL ORDER BY id LIMIT %s
"""

_NOTE = "UPDATE outbox SET applied_ns = %s WHERE id = ANY(%s)"

_APPLY = """
INSERT INTO application (lab, episode, kind, applied_ns)
SELECT %s, u.episode, u.kind, %s FROM unnest(%s::uuid[], %s::text[]) AS u (episode, kind)
ORDER BY u.episode, u.kind ON CONFLICT DO NOTHING RETURNING episode, kind
"""

_ADD = """
INSERT INTO hours (account, day, lab, work_ns, answers)
SELECT g.account, u.day, %(lab)s, sum(u.ns), sum(u.n)
FROM unnest(%(grants)s::uuid[], %(days)s::int[], %(ns)s::bigint[], %(n)s::bigint[])
    AS u (grant_id, day, ns, n)
    JOIN work_grant g ON g.id = u.grant_id AND g.lab = %(lab)s
GROUP BY g.account, u.day ORDER BY g.account, u.day
ON CONFLICT (account, day, lab) DO UPDATE SET work_ns = hours.work_ns + excluded.work_ns,
    answers = hours.answers + excluded.answers
"""


class _Said(msgspec.Struct):
    """What a row says of somebody's work."""

    grant: str = ""
    cost: Cost = Cost()


class _Row(msgspec.Struct, frozen=True):
    id: int
    episode: str
    kind: str
    body: bytes
    created_ns: int


_said = msgspec.json.Decoder(_Said).decode


def apply(house: Database, name: str, lab: Database) -> int:
    """Apply all rows of one lab's outbox that wait, in batches; return how many there were.

    Rows without a grant of this house say nothing about hours, and are only noted.

    Args:
        house: the house's own database.
        name: name of the lab.
        lab: its database.
    """
    total = 0
    for rows in _waiting(lab):
        house.run(lambda c, rows=rows: _applied(raw(c), name, rows))  # type: ignore[misc]
        noted = [clock.wall_ns(), [row.id for row in rows]]
        lab.run(lambda c, noted=noted: raw(c).execute(_NOTE, noted))  # type: ignore[misc]
        total += len(rows)
    return total


def _waiting(lab: Database) -> Iterator[list[_Row]]:
    while True:
        found = lab.run(lambda c: raw(c).execute(_WAITING, [_BATCH]).fetchall())
        if found:
            yield [_Row(id, str(e), kind, bytes(body), ns) for id, e, kind, body, ns in found]
        if len(found) < _BATCH:
            return


def _applied(link: Connection, lab: str, rows: Sequence[_Row]) -> None:
    values: list[Any] = [lab, clock.wall_ns(), [r.episode for r in rows], [r.kind for r in rows]]
    new = {(str(episode), kind) for episode, kind in link.execute(_APPLY, values)}
    spent: Counter[tuple[str, int]] = Counter()
    answers: Counter[tuple[str, int]] = Counter()
    for row in rows:
        said = _work(row) if (row.episode, row.kind) in new else None
        if said is not None:
            key = said.grant, row.created_ns // DAY_NS
            spent[key] += said.cost.busy_ns
            answers[key] += 1
    good = [r for r in rows if r.kind in evidence.SOURCES and (r.episode, r.kind) in new]
    evidence.add(link, lab, [evidence.Row(r.episode, r.kind, r.body, r.created_ns) for r in good])
    if answers:
        link.execute(
            _ADD,
            {
                "lab": lab,
                "grants": [grant for grant, _ in answers],
                "days": [day for _, day in answers],
                "ns": [spent[key] for key in answers],
                "n": list(answers.values()),
            },
        )


def _work(row: _Row) -> _Said | None:
    """Return what a row says of work under a grant, None if nothing."""
    if row.kind != "worked":
        return None
    said = _said(row.body)
    try:
        uuid.UUID(said.grant)
    except ValueError:
        return None
    return said
