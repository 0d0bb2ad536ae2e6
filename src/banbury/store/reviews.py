"""Reviews by automatic checks: rows that are added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from banbury import clock
from banbury.episode import new_id
from banbury.store import boxes, lab_tables, wire
from banbury.store.database import Database
from banbury.store.keyring import Keyring

Verdict = Literal["accept", "reject"]
R_ = lab_tables.review.c
E_ = lab_tables.episode.c
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
    keys = _keys(database, [r.episode for r in reviews])
    rows = [
        {
            "episode": str(wire.as_uuid(r.episode, "episode")),
            "id": str(wire.as_uuid(r.id, "review")),
            "check_name": r.check,
            "check_hash": r.check_hash,
            "verdict": r.verdict,
            "reasons": _sealed(r.reasons, keys.get(r.episode), database.keyring),
            "evidence": _sealed((r.evidence,), keys.get(r.episode), database.keyring)[0].encode(),
            "created_ns": r.created_ns,
        }
        for r in reviews
    ]
    statement = insert(lab_tables.review).on_conflict_do_nothing()

    def work(connection: sa.Connection) -> None:
        for first in range(0, len(rows), _BATCH):
            connection.execute(statement, rows[first : first + _BATCH])

    database.run(work)


def _keys(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return the keys of the episodes that are under one."""
    query = sa.select(E_.id, E_.body_key).where(E_.body_key.is_not(None))
    out: dict[str, str] = {}
    for part in wire.batches(ids, 2000):
        rows = database.ask(lambda c, p=part: c.execute(query.where(E_.id.in_(p))).all())  # type: ignore[misc]
        out |= {row.id: row.body_key for row in rows}
    return out


def _sealed(words: Sequence[str], key: str | None, keyring: Keyring) -> list[str]:
    return list(words) if key is None else boxes.seal_words(words, key, keyring)


def _evidence(said: str, keyring: Keyring) -> str:
    """Return evidence as it was written, `{}` where it is erased."""
    [plain] = boxes.open_words([said], keyring)
    return "{}" if plain == boxes.GONE else plain


def reviews(database: Database, ids: Sequence[str]) -> dict[str, tuple[Review, ...]]:
    """Return the reviews of episodes, the newest last; those without any are left out."""
    out: dict[str, tuple[Review, ...]] = {}
    for part in wire.batches(ids, 2000):
        query = sa.select(lab_tables.review).where(R_.episode.in_(part)).order_by(R_.episode, R_.id)
        for row in database.run(lambda c, q=query: c.execute(q).all()):  # type: ignore[misc]
            review = Review(
                row.episode,
                row.check_name,
                row.check_hash,
                row.verdict,
                boxes.open_words(row.reasons, database.keyring),
                _evidence(bytes(row.evidence).decode(), database.keyring),
                row.id,
                row.created_ns,
            )
            out[row.episode] = (*out.get(row.episode, ()), review)
    return out
