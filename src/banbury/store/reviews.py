"""Reviews by automatic checks: rows that are added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from banbury import clock
from banbury.episode import new_id
from banbury.store import tables, wire
from banbury.store.database import Database

Verdict = Literal["accept", "reject"]
R_ = tables.review.c
_BATCH = 1000


class Review(msgspec.Struct, frozen=True):
    """What one check says of one episode.

    Attributes:
        episode: id of the episode.
        check: name of the check, such as `leak`.
        check_hash: hash of its code and settings.
        verdict: `accept` or `reject`.
        reasons: one sentence each; kept with a rejected episode for good.
        evidence: JSON of what led to it.
        id: UUIDv7.
        created_ns: UTC nanoseconds.
    """

    episode: str
    check: str
    check_hash: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    evidence: str = "{}"
    id: str = msgspec.field(default_factory=new_id)
    created_ns: int = msgspec.field(default_factory=clock.wall_ns)


def put(database: Database, reviews: Sequence[Review]) -> None:
    """Add reviews, all or none; one that is there already stays.

    Raises:
        InputError: an episode is not in this lab, or a verdict is unknown.
    """
    rows = [
        {
            "episode": str(wire.as_uuid(r.episode, "episode")),
            "id": str(wire.as_uuid(r.id, "review")),
            "check_name": r.check,
            "check_hash": r.check_hash,
            "verdict": r.verdict,
            "reasons": list(r.reasons),
            "evidence": r.evidence.encode(),
            "created_ns": r.created_ns,
        }
        for r in reviews
    ]
    statement = insert(tables.review).on_conflict_do_nothing()

    def work(connection: sa.Connection) -> None:
        for first in range(0, len(rows), _BATCH):
            connection.execute(statement, rows[first : first + _BATCH])

    database.run(work)


def reviews(database: Database, ids: Sequence[str]) -> dict[str, tuple[Review, ...]]:
    """Return the reviews of episodes, the newest last; those without any are left out."""
    out: dict[str, tuple[Review, ...]] = {}
    for part in wire.batches(ids, 2000):
        query = sa.select(tables.review).where(R_.episode.in_(part)).order_by(R_.episode, R_.id)
        for row in database.run(lambda c, q=query: c.execute(q).all()):  # type: ignore[misc]
            review = Review(
                row.episode,
                row.check_name,
                row.check_hash,
                row.verdict,
                tuple(row.reasons),
                bytes(row.evidence).decode(),
                row.id,
                row.created_ns,
            )
            out[row.episode] = (*out.get(row.episode, ()), review)
    return out
