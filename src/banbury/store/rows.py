"""Rows: episodes and segments on their way into their tables, by binary COPY."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import psycopg

from banbury.episode import NO_KEY, Episode, Segment, unkept
from banbury.store import wire
from banbury.store.server import Connection
from banbury.store.wire import Verdict

# The second type is what COPY is told: ids and arrays come packed, which spares an object each.
EPISODE = {
    "id": "bytea",
    "key": "bytea",
    "run": "text",
    "task": "text",
    "actor": "text",
    "sample": "int4",
    "gym": "text",
    "skill": "text",
    "status": "text",
    "route": "text",
    "tags": "bytea",
    "header": "bytea",
    "content": "bytea",
    "body": "bytea",
    "score": "float8",
    "passed": "bool",
    "parents": "bytea",
    "body_key": "text",
}
_SEGMENT = {
    "sha256": "bytea",
    "data": "bytea",
    "count": "int4",
    "refs": "int4",
    "key": "text",
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_SAMPLES = (1 << 31) - 1  # COPY would wrap a larger one round


class Row(msgspec.Struct, frozen=True):
    """One episode as it goes into its table, with those of its segments that have their own rows.

    Attributes:
        id: 16 bytes.
        key: hash of the idempotency key, 16 bytes.
        columns: in the order of `EPISODE`.
        content: hash of the header.
        segments: with their bytes.
    """

    id: bytes
    key: bytes
    columns: tuple[object, ...]
    content: bytes
    segments: Sequence[tuple[Segment, bytes]]


def row_of(
    episode: Episode,
    segments: Sequence[tuple[Segment, bytes]] = (),
    *,
    inline: bool = False,
    verdict: Verdict | None = None,
) -> Row:
    """Return an episode's row.

    Args:
        episode: its header; it lists `segments` behind those that it names already.
        segments: new parts of its body.
        inline: the only segment stands in the row itself.
        verdict: its newest judgement; counts if the episode is done.

    Raises:
        InputError: its id is no UUID, or something in it cannot be kept.
    """
    try:
        return _row(episode, segments, inline, verdict)
    except (UnicodeEncodeError, OverflowError) as error:
        raise unkept(error, f"episode {episode.id}") from error


def _row(
    episode: Episode,
    segments: Sequence[tuple[Segment, bytes]],
    inline: bool,
    verdict: Verdict | None,
) -> Row:
    both = (*episode.segments, *(s for s, _ in segments))
    header, content = wire.encode_header(episode, both)
    key = episode.key
    if not 0 <= key.sample <= _MOST_SAMPLES:
        raise OverflowError(f"the number of a sample, {key.sample}, is not in [0, 2**31)")
    id, hashed = wire.id_bytes(episode.id, "episode"), wire.key_id(key)
    judged = verdict if episode.status == "done" else None
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
        wire.text_array(episode.tags),
        header,
        content,
        segments[0][1] if inline else None,
        judged[4] if judged else None,
        judged[5] if judged else None,
        wire.text_array(parents_of(episode)),
        key_of(episode),
    )
    return Row(id, hashed, columns, content, () if inline else segments)


def key_of(episode: Episode) -> str | None:
    """Return the key of an episode's body as its column has it, None where it has none."""
    return None if episode.body_key == NO_KEY else episode.body_key


def parents_of(episode: Episode) -> tuple[str, ...]:
    """Return the ids of the parents, to look up children by; what is no id names no episode."""
    return tuple(p.episode for p in episode.parents if _ID.fullmatch(p.episode))


def add_episodes(link: Connection, rows: Sequence[Row]) -> set[bytes]:
    """Add the rows whose ids and keys are not there yet; return their ids.

    Nearly always all of them are new, and go straight into the table; where one is not, the
    batch goes by way of a temporary table.
    """
    # Sorted, so that two writers of the same keys wait for one another in one order.
    ordered = sorted(rows, key=lambda r: r.key)
    link.execute("SAVEPOINT straight")
    try:
        copy(link, "episode", EPISODE, (r.columns for r in ordered))
    except psycopg.errors.UniqueViolation:
        link.execute("ROLLBACK TO SAVEPOINT straight")
        return _add_missing(link, ordered)
    return {r.id for r in rows}


def _add_missing(link: Connection, rows: Sequence[Row]) -> set[bytes]:
    temporary(link, "incoming_episode", "episode", EPISODE)
    copy(link, "incoming_episode", EPISODE, (r.columns for r in rows))
    names = ", ".join(EPISODE)
    query = (
        f"INSERT INTO episode ({names}) SELECT {names} FROM incoming_episode ORDER BY key "
        "ON CONFLICT DO NOTHING RETURNING uuid_send(id)"
    )
    return {bytes(id) for (id,) in link.execute(query, binary=True)}


def add_segments(link: Connection, pairs: Sequence[tuple[Segment, bytes]]) -> None:
    """Keep segments, each once, and count one more reference for each mention."""
    if not pairs:
        return
    counts = Counter(segment.sha256 for segment, _ in pairs)
    once = {segment.sha256: (segment, data) for segment, data in pairs}
    temporary(link, "incoming_segment", "segment", _SEGMENT)
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


def temporary(link: Connection, name: str, like: str, columns: Iterable[str]) -> None:
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
    """Send rows by binary COPY; `columns` gives the type in which each column's values come."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with link.cursor() as cursor, cursor.copy(statement) as out:
        out.set_types(list(columns.values()))
        for row in rows:
            out.write_row(row)
