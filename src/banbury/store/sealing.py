"""Sealing: a batch of finished episodes becomes visible in one transaction, or not at all."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury.episode import Episode, Judgement, Record, Segment
from banbury.errors import InputError
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.server import Connection

_EPISODE = {
    "id": "uuid",
    "key": "uuid",
    "run": "text",
    "task": "text",
    "actor": "text",
    "sample": "int4",
    "gym": "text",
    "skill": "text",
    "status": "text",
    "route": "text",
    "tags": "text[]",
    "header": "bytea",
    "content": "bytea",
}
_SEGMENT = {
    "sha256": "bytea",
    "data": "bytea",
    "count": "int4",
    "refs": "int4",
    "key": "text",
}
_JUDGEMENT = {
    "episode": "uuid",
    "id": "uuid",
    "judge": "text",
    "judge_hash": "text",
    "score": "float8",
    "passed": "bool",
    "components": "text",
    "evidence": "bytea",
    "created_ns": "int8",
}


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


class Row(msgspec.Struct, frozen=True):
    """One episode as it goes into its table, with its segments."""

    id: uuid.UUID
    key: uuid.UUID
    columns: tuple[object, ...]
    content: bytes
    segments: list[tuple[Segment, bytes]]


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
    rows = [_row(record, lab) for record in records]
    verdicts = [wire.judgement_row(j) for j in judgements]
    if not rows:
        return []
    return database.run(lambda c: _insert(c, rows, verdicts))


def _row(record: Record, lab: str) -> Row:
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
    segments = wire.sealed(record.steps, episode.body_key)
    sealed = msgspec.structs.replace(episode, segments=tuple(s for s, _ in segments))
    return row_of(sealed, segments)


def row_of(episode: Episode, segments: list[tuple[Segment, bytes]]) -> Row:
    """Return the columns of an episode's row.

    Raises:
        InputError: its id is no UUID.
    """
    header, content = wire.encode_header(episode)
    key = episode.key
    id, hashed = wire.as_uuid(episode.id, "episode"), wire.key_id(key)
    columns = (
        id,
        hashed,
        key.run,
        key.task,
        key.actor,
        key.sample,
        episode.gym,
        episode.skill,
        episode.status,
        episode.route,
        list(episode.tags),
        header,
        content,
    )
    return Row(id, hashed, columns, content, segments)


def _insert(
    connection: sa.Connection, rows: Sequence[Row], verdicts: Sequence[tuple[object, ...]]
) -> list[Written]:
    link = raw(connection)
    added = add_episodes(link, rows)
    add_segments(link, [pair for r in rows if r.id in added for pair in r.segments])
    first = {(v[0], v[1]): v for v in verdicts if v[0] in added}
    if first:
        copy(link, "judgement", _JUDGEMENT, first.values())
    return _outcome(link, rows, added)


def add_episodes(link: Connection, rows: Sequence[Row]) -> set[uuid.UUID]:
    """Add the rows whose ids and keys are not there yet; return their ids."""
    _temporary(link, "incoming_episode", "episode", _EPISODE)
    copy(link, "incoming_episode", _EPISODE, (r.columns for r in rows))
    names = ", ".join(_EPISODE)
    # Sorted, so that two writers of the same keys wait for one another in one order.
    return {
        id
        for (id,) in link.execute(
            f"INSERT INTO episode ({names}) SELECT {names} FROM incoming_episode ORDER BY key "
            "ON CONFLICT DO NOTHING RETURNING id",
            binary=True,
        )
    }


def _outcome(link: Connection, rows: Sequence[Row], added: set[uuid.UUID]) -> list[Written]:
    held: dict[uuid.UUID, tuple[uuid.UUID, uuid.UUID, bytes]] = {}
    if len(added) < len(rows):
        # A failed one is known by its id alone: it gave up its key.
        for id, key, status, content in link.execute(
            "SELECT id, key, status, content FROM episode WHERE id = ANY(%s) "
            "OR (key = ANY(%s) AND status <> 'failed')",
            [[r.id for r in rows], [r.key for r in rows]],
            binary=True,
        ):
            held[id] = (id, key, bytes(content))
            if status != "failed":
                held[key] = held[id]
    fresh = set(added)
    out = []
    for row in rows:
        if row.id in fresh:
            fresh.discard(row.id)
            out.append(Written(str(row.id), True, True))
            continue
        there = held.get(row.id) or held.get(row.key)
        if there is None or there[1] != row.key:
            raise InputError(
                "this id belongs to an episode with another key",
                where=f"episode {row.id}",
                do="make ids with new_id()",
            )
        out.append(Written(str(there[0]), False, there[2] == row.content))
    return out


def add_segments(link: Connection, pairs: Sequence[tuple[Segment, bytes]]) -> None:
    """Keep segments, each once, and count one more reference for each mention."""
    if not pairs:
        return
    counts = Counter(segment.sha256 for segment, _ in pairs)
    once = {segment.sha256: (segment, data) for segment, data in pairs}
    _temporary(link, "incoming_segment", "segment", _SEGMENT)
    copy(
        link,
        "incoming_segment",
        _SEGMENT,
        (
            (bytes.fromhex(sha256), data, s.count, counts[sha256], s.key)
            for sha256, (s, data) in once.items()
        ),
    )
    names = ", ".join(_SEGMENT)
    link.execute(
        f"INSERT INTO segment ({names}) SELECT {names} FROM incoming_segment ORDER BY sha256 "
        "ON CONFLICT (sha256) DO UPDATE SET refs = segment.refs + excluded.refs"
    )


def add_judgements(link: Connection, judgements: Iterable[Judgement]) -> None:
    """Add judgements; those that are there already are left as they are."""
    rows = [wire.judgement_row(j) for j in judgements]
    if not rows:
        return
    _temporary(link, "incoming_judgement", "judgement", _JUDGEMENT)
    copy(link, "incoming_judgement", _JUDGEMENT, rows)
    names = ", ".join(_JUDGEMENT)
    link.execute(
        f"INSERT INTO judgement ({names}) SELECT {names} FROM incoming_judgement "
        "ORDER BY episode, id ON CONFLICT DO NOTHING"
    )


def _temporary(link: Connection, name: str, like: str, columns: Mapping[str, str]) -> None:
    """Make a session's own table of incoming rows; it is emptied at each commit."""
    link.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ON COMMIT DELETE ROWS AS "
        f"SELECT {', '.join(columns)} FROM {like} WITH NO DATA"
    )


def copy(
    link: Connection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Send rows by binary COPY; `columns` gives each column its type."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with link.cursor() as cursor, cursor.copy(statement) as out:
        out.set_types(list(columns.values()))
        for row in rows:
            out.write_row(row)
