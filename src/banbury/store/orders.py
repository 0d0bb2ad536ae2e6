"""What a journal tells the store most of the time, each in one statement on a line.

A statement fails whole, or changes less than was asked, where it has met something unusual, such
as a second writer or an acknowledgement that was lost. The careful way in `journal` then finds out
what; nothing here tries to.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain

from banbury.episode import Episode, Segment
from banbury.store import wire
from banbury.store.line import Order
from banbury.store.rows import Row
from banbury.store.wire import Verdict

_INT4, _BYTEA = 23, 17
"""Types of array elements, as PostgreSQL numbers them."""

_OPEN = b"""
INSERT INTO episode (id, key, run, task, actor, sample, gym, skill, status, route, tags, header,
    content, parents, body_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT DO NOTHING
"""

_EXTEND = b"""
INSERT INTO journal (episode, seq, step)
SELECT e.id, s.seq, s.step FROM episode e, unnest($2::int4[], $3::bytea[]) AS s (seq, step)
WHERE e.id = $1 AND e.status = 'open' FOR KEY SHARE OF e
"""
"""The episode's row is locked against a close that would leave these steps behind."""

_LOCK = b"SELECT id FROM episode WHERE id = $1 FOR UPDATE"
"""A statement of its own, so that `_CLOSE` sees what was written until the lock was had."""

_CLOSE = b"""
WITH e AS (
    UPDATE episode SET status = $2, header = $3, content = $4, score = $5, passed = $6
    WHERE id = $1 AND status = 'open' AND content = $7
        AND (SELECT count(*) FROM journal WHERE episode = $1) = $8
        AND NOT EXISTS (SELECT FROM judgement WHERE episode = $1)
    RETURNING id
), body AS (
    INSERT INTO segment (sha256, data, count, refs, key) SELECT $9, $10, $11, 1, $12 FROM e
    ON CONFLICT (sha256) DO UPDATE SET refs = segment.refs + 1
), taken AS (
    DELETE FROM journal USING e WHERE episode = e.id
), box AS (
    INSERT INTO outbox (episode, kind, body, created_ns) SELECT e.id, 'closed', $13, $14 FROM e
), verdict AS (
    INSERT INTO judgement (episode, id, judge, judge_hash, score, passed, components, evidence,
        created_ns) SELECT e.id, $15, $16, $17, $18, $19, $20, $21, $22 FROM e
    WHERE $15::uuid IS NOT NULL
)
SELECT id FROM e
"""


def opening(row: Row) -> Order:
    """Return what adds the row of a new episode; it changes one row unless something is there."""
    # The last columns name parents and key; before them stand those of an episode that is over.
    id, key, *words = (*row.columns[:13], *row.columns[-2:])
    return Order(b"journal_open", _OPEN, [_value(v) for v in (id, key, *words)])


def extension(id: bytes, steps: Sequence[tuple[int, bytes]]) -> Order:
    """Return what adds steps, by seq, to an open episode's journal; it changes a row for each."""
    seqs = _array(_INT4, [struct.pack("!i", seq) for seq, _ in steps])
    return Order(b"journal_extend", _EXTEND, [id, seqs, _array(_BYTEA, [s for _, s in steps])])


def closing(
    episode: Episode,
    before: bytes,
    kept: int,
    body: tuple[Segment, bytes],
    box: tuple[bytes, int],
    verdict: Verdict | None,
) -> tuple[Order, Order]:
    """Return what seals an open episode; the last one finds one row if it did.

    Args:
        episode: its header as it will stand.
        before: hash of its header as it stands.
        kept: number of its steps in the journal.
        body: all its steps.
        box: what the house is to know of it, and the time.
        verdict: its judgement, the first.
    """
    id = wire.id_bytes(episode.id, "episode")
    header, content = wire.encode_header(episode)
    segment, data = body
    shown = verdict[4:6] if verdict and episode.status == "done" else (None, None)
    values = [
        *(id, episode.status, header, content, *shown, before),
        *(struct.pack("!q", kept), bytes.fromhex(segment.sha256), data, segment.count),
        *(segment.key, box[0], struct.pack("!q", box[1])),
        *(verdict[1:8] if verdict else [None] * 7),
        struct.pack("!q", verdict[8]) if verdict else None,
    ]
    sealing = Order(b"journal_close", _CLOSE, [_value(v) for v in values])
    return Order(b"journal_lock", _LOCK, [id]), sealing


def _value(value: object) -> bytes | None:
    """Return a value in PostgreSQL's binary format; an int is an int4, bytes are ready."""
    match value:
        case None | bytes():
            return value
        case str():
            return value.encode()
        case bool():
            return b"\1" if value else b"\0"
        case int():
            return struct.pack("!i", value)
        case float():
            return struct.pack("!d", value)
    raise AssertionError(f"no column holds {type(value).__name__}")


def _array(element: int, items: Sequence[bytes]) -> bytes:
    head = struct.pack("!iiiii", 1, 0, element, len(items), 1)
    return head + b"".join(chain(*((struct.pack("!i", len(i)), i) for i in items)))
