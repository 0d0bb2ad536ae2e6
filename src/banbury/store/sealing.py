"""Sealing: a batch of finished episodes becomes visible in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from banbury.episode import NO_KEY, Episode, Judgement, Record
from banbury.errors import InputError
from banbury.store import boxes, judging, rows, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring
from banbury.store.rows import Row
from banbury.store.server import Connection
from banbury.store.wire import Verdict

INLINE = 1_000
"""Most bytes of a body that stands in its episode's row; a longer one is a segment of its own."""


class Written(msgspec.Struct, frozen=True):
    """What became of one record.

    Attributes:
        id: id of the episode that the store holds under the record's key.
        new: it was written now.
        same: the store holds the same content; False where the key had other content before.
    """

    id: str
    new: bool
    same: bool


def write(
    database: Database, lab: str, records: Iterable[Record], judgements: Iterable[Judgement]
) -> list[Written]:
    """Write records that are over, with their first judgements, in one transaction.

    Judgements of records that are not new are dropped. A failed episode gives up its key, so that
    the attempt may be made again. Returns one `Written` per record, in order.

    Raises:
        InputError: a record is open, of another lab, or its steps have holes.
        StoreFull: no space; nothing was written.
    """
    made, verdicts = _made(lab, records, judgements, database.keyring)
    return database.run(lambda c: _insert(raw(c), made, verdicts)) if made else []


class Box(NamedTuple):
    """What the house is to know of an episode: a row of the outbox."""

    kind: str
    body: bytes
    created_ns: int


_SEAL = f"""
WITH e AS (
    INSERT INTO episode ({", ".join(rows.EPISODE)})
    VALUES ({", ".join(f"%(e_{name})s" for name in rows.EPISODE)})
    ON CONFLICT DO NOTHING RETURNING id
), part AS (
    INSERT INTO segment (sha256, data, count, refs, key)
    SELECT %(sha256)s, %(data)s, %(count)s, 1, %(segment_key)s FROM e
    WHERE %(sha256)s::bytea IS NOT NULL ON CONFLICT (sha256) DO UPDATE SET refs = segment.refs + 1
), verdict AS (
    INSERT INTO judgement (episode, id, judge, judge_hash, score, passed, components, evidence,
        created_ns)
    SELECT e.id, %(id)s, %(judge)s, %(judge_hash)s, %(score)s, %(passed)s, %(components)s,
        %(evidence)s, %(created_ns)s FROM e WHERE %(id)s::uuid IS NOT NULL
), box AS (
    INSERT INTO outbox (episode, kind, body, created_ns)
    SELECT e.id, %(box_kind)s, %(box_body)s, %(box_ns)s FROM e
)
SELECT count(*) FROM e
"""
"""One episode with all that belongs to it, in one round trip."""

_SAY = """
INSERT INTO outbox (episode, kind, body, created_ns) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


def seal(
    link: Connection,
    lab: str,
    record: Record,
    judgements: Iterable[Judgement],
    box: Box,
    keyring: Keyring,
) -> Written:
    """Write one record with its row of the outbox, within a transaction that writes more.

    See `write`; most records, with a verdict and a short body, take one round trip.
    """
    made, verdicts = _made(lab, [record], judgements, keyring)
    [row] = made
    if len(verdicts) <= 1 and len(row.segments) <= 1 and all(v[0] == row.id for v in verdicts):
        values = _values(row, next(iter(verdicts), None), record.episode, box)
        [(new,)] = link.execute(_SEAL, values).fetchall()
        if new:
            return Written(record.episode.id, True, True)
    [written] = _insert(link, made, verdicts)
    if written.new:
        say(link, written.id, box)
    return written


def say(link: Connection, episode: str, box: Box) -> None:
    """Leave a row in the outbox, once."""
    link.execute(_SAY, [episode, *box])


def _values(row: Row, verdict: Verdict | None, episode: Episode, box: Box) -> dict[str, object]:
    """Return the parameters of `_SEAL`; ids and arrays are packed for COPY only."""
    segment, data = row.segments[0] if row.segments else (None, None)
    held = {f"e_{name}": value for name, value in zip(rows.EPISODE, row.columns, strict=True)}
    said = ("judge", "judge_hash", "score", "passed", "components", "evidence", "created_ns")
    return {
        **held,
        "e_id": wire.id_text(row.id),
        "e_key": wire.id_text(row.key),
        "e_tags": list(episode.tags),
        "e_parents": list(rows.parents_of(episode)),
        "sha256": bytes.fromhex(segment.sha256) if segment else None,
        "data": data,
        "count": segment.count if segment else 0,
        "segment_key": segment.key if segment else "",
        "id": wire.id_text(verdict[1]) if verdict else None,
        **dict(zip(said, verdict[2:] if verdict else (None,) * 7, strict=True)),
        "box_kind": box.kind,
        "box_body": box.body,
        "box_ns": box.created_ns,
    }


def _made(
    lab: str, records: Iterable[Record], judgements: Iterable[Judgement], keyring: Keyring
) -> tuple[list[Row], list[Verdict]]:
    theirs = [Record(boxes.owned(r.episode, keyring), r.steps) for r in records]
    keys = {r.episode.id: r.episode.body_key for r in theirs}
    said = (wire.judgement_row(j, keys.get(j.episode, NO_KEY), keyring) for j in judgements)
    verdicts = {v[0] + v[1]: v for v in said}
    newest = judging.newest(verdicts.values())
    return [_row(record, lab, newest, keyring) for record in theirs], list(verdicts.values())


def _row(record: Record, lab: str, newest: Mapping[bytes, Verdict], keyring: Keyring) -> Row:
    episode = record.episode
    where = f"episode {episode.id}"
    if episode.status == "open":
        raise InputError("an open episode cannot be sealed", where=where, do="use lab.journal")
    if episode.lab != lab:
        raise InputError(
            f"this episode belongs to the lab {episode.lab!r}, not {lab!r}", where=where
        )
    if (episode.status == "failed") != (episode.failure is not None):
        raise InputError(
            f"status {episode.status!r} and failure {episode.failure} disagree", where=where
        )
    if record.steps and record.steps[0].seq != 0:
        raise InputError("the first step is not numbered 0", where=where)
    segments = wire.sealed(record.steps, episode.body_key, keyring)
    short = len(segments) == 1 and len(segments[0][1]) <= INLINE
    return rows.row_of(
        episode,
        segments,
        inline=short,
        verdict=newest.get(wire.id_bytes(episode.id, "episode")),
    )


def _insert(link: Connection, made: Sequence[Row], verdicts: Iterable[Verdict]) -> list[Written]:
    added = rows.add_episodes(link, made)
    rows.add_segments(link, [pair for r in made if r.id in added for pair in r.segments])
    judging.add_first(link, [v for v in verdicts if v[0] in added])
    if len(added) == len(made):
        return [Written(wire.id_text(r.id), True, True) for r in made]
    return _outcome(link, made, added)


def _outcome(link: Connection, made: Sequence[Row], added: set[bytes]) -> list[Written]:
    """Say what became of each row where not all were new."""
    held: dict[bytes, tuple[bytes, bytes, bytes]] = {}
    # A failed one is known by its id alone: it gave up its key.
    for id, key, status, content in link.execute(
        "SELECT uuid_send(id), uuid_send(key), status, content FROM episode "
        "WHERE id = ANY(%s::uuid[]) OR (key = ANY(%s::uuid[]) AND status <> 'failed')",
        [[wire.id_text(r.id) for r in made], [wire.id_text(r.key) for r in made]],
        binary=True,
    ):
        held[id] = (id, key, content)
        if status != "failed":
            held[key] = held[id]
    fresh = set(added)
    out = []
    for row in made:
        if row.id in fresh:
            fresh.discard(row.id)
            out.append(Written(wire.id_text(row.id), True, True))
            continue
        there = held.get(row.id) or held.get(row.key)
        if there is None or there[1] != row.key:
            raise InputError(
                "this id belongs to an episode with another key",
                where=f"episode {wire.id_text(row.id)}",
                do="make ids with new_id()",
            )
        out.append(Written(wire.id_text(there[0]), False, there[2] == row.content))
    return out
