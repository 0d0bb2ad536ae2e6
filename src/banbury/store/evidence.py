"""Evidence: rows of the house that say how good pieces of somebody's work were found to be.

A lab names a pseudonym, a row an account; no lab can see another's rows. A piece of work has one
row for each source: what is told of it again, since a third person decided or the answer was taken
back and given again, stands in the row's place and is weighed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from banbury.store.queue.telling import Told
from banbury.store.server import Connection

SOURCES: Mapping[str, str] = {
    "gold": "gold",
    "review": "reviews",
    "decision": "reviews",
    "agreement": "agreement",
    "outcome": "outcome",
}
"""The source of each kind of row of an outbox; other kinds say nothing of how good work was."""

_ADD = """
INSERT INTO evidence (account, skill, source, lab, piece, body, at_ns)
SELECT p.account, u.skill, u.source, %(lab)s, u.piece, u.body, u.at_ns
FROM unnest(%(people)s::text[], %(skills)s::text[], %(sources)s::text[], %(pieces)s::text[],
    %(bodies)s::bytea[], %(times)s::bigint[])
    WITH ORDINALITY AS u (person, skill, source, piece, body, at_ns, place)
    JOIN pseudonym p ON p.lab = %(lab)s AND p.name = u.person
ORDER BY u.place
ON CONFLICT (account, lab, source, piece, skill) DO UPDATE
    SET body = excluded.body, weighed = false
"""


class Row(msgspec.Struct, frozen=True):
    """A row of an outbox that says how good a piece of work was."""

    episode: str
    kind: str
    body: bytes
    at_ns: int


_told = msgspec.json.Decoder(Told).decode
_encode = msgspec.json.Encoder().encode


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a row of evidence says beside whose, of what and from whom it is.

    Attributes:
        score: in [0, 1].
        line: what somebody just good enough has on the average of such work.
        good: how much of the piece counts as good, in [0, 1].
        lease: under which it was done.
        episode: that holds it.
        by: pseudonym of who reviewed.
        campaign: in which it was done.
        of: what came of it.
        mean, error: of an interview: ability and standard error of the measurement alone.
    """

    score: float = 0.0
    line: float = 0.0
    good: float = 0.0
    lease: str = ""
    episode: str = ""
    by: str = ""
    campaign: str = ""
    of: str = ""
    mean: float = 0.0
    error: float = 0.0


def add(link: Connection, lab: str, rows: Sequence[Row]) -> None:
    """Keep what rows of a lab's outbox say of people whom the house knows there, in their order."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for row in rows:
        told, source = _told(row.body), SOURCES[row.kind]
        piece = told.lease if source in ("gold", "agreement") else row.episode
        key = told.person, told.skill, source, piece
        found[key] = (*key, _encode(_body(told, row)), row.at_ns)
    if found:
        names = ("people", "skills", "sources", "pieces", "bodies", "times")
        columns = (list(column) for column in zip(*found.values(), strict=True))
        link.execute(_ADD, {"lab": lab, **dict(zip(names, columns, strict=True))})


def _body(told: Told, row: Row) -> Body:
    good = float(told.passed) if row.kind == "gold" else told.score
    return Body(
        told.score, told.line, good, told.lease, row.episode, told.by, told.campaign, told.of
    )
