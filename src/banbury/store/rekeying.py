"""Rekeying: what may stay of a person who is erased comes out from under their key.

Of an answer that stays without its author, everything but the answer is left out: reasons in their
own words, recordings, and how it was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from banbury.episode import GYM, NO_KEY, Episode, Record, Step, canonical
from banbury.store import boxes, reading, rows, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring
from banbury.store.sealing import INLINE
from banbury.store.server import Connection

REASONS = frozenset({"reason", "reasons", "why", "comment", "comments", "remark", "remarks"})
"""Names under which actions hold what people say in their own words beside an answer."""
SEAT = "seat"
"""The track of how an answer came about: keystrokes, pastes, times."""
PERSONAL = ["interview"]
"""Gyms whose episodes are about the person, not work for the lab: none of them ever stays."""
_PAGE = 100
_NEXT = (
    "SELECT id, header, body FROM episode WHERE body_key = %s AND status <> 'open' AND id > %s "
    "AND gym <> ALL(%s) ORDER BY id LIMIT %s FOR UPDATE"
)
_FIRST = "00000000-0000-0000-0000-000000000000"
_KEEP = (
    "UPDATE episode SET header = %s, content = %s, body = %s, body_key = NULL WHERE id = %s "
    "AND body_key = %s"
)
_EVIDENCE = "SELECT id, evidence FROM judgement WHERE episode = %s"
_COUNT = "UPDATE erasure SET kept = kept + %s WHERE key = %s"
_SAY = "UPDATE judgement SET evidence = %s WHERE episode = %s AND id = %s"


def rekey(database: Database, lab: str, key: str, *, whole: bool) -> None:
    """Take a person's episodes that are over out from under their key, and count them.

    Each page is a transaction, so that a process killed between two leaves the rest for the next.

    Args:
        database: of the lab.
        lab: its name.
        key: the person's.
        whole: keep them as they are; else the answers alone.

    Raises:
        Erased: the key is destroyed already.
    """
    after = _FIRST

    def work(connection: Any) -> tuple[int, str]:
        link = raw(connection)
        page = link.execute(_NEXT, [key, after, PERSONAL, _PAGE], binary=True).fetchall()
        found = [(wire.decode_header(header, str(id), lab), body) for id, header, body in page]
        for record in reading.bodies(connection, found, database.keyring):
            _kept(link, record if whole else bare(record), key, database.keyring, whole)
        link.execute(_COUNT, [len(page), key])
        return len(page), str(page[-1][0]) if page else ""

    while True:
        count, after = database.run(work)
        if count < _PAGE:
            return


def bare(record: Record) -> Record:
    """Return a record with nothing of its person but what they answered."""
    return Record(record.episode, tuple(_bare(step) for step in record.steps))


def _bare(step: Step) -> Step:
    if step.track == SEAT:
        return msgspec.structs.replace(step, payload=b"null", schema="", spans=())
    spans = tuple(span for span in step.spans if span.blob.key == NO_KEY)
    payload = without_reasons(step.payload)
    schema = step.schema if step.actor == GYM or payload == step.payload else ""
    return msgspec.structs.replace(step, payload=payload, schema=schema, spans=spans)


def without_reasons(data: bytes) -> bytes:
    """Return JSON without what stands in one's own words beside an answer; as it is if none does.

    What is no JSON is returned as it is.
    """
    try:
        said = msgspec.json.decode(data)
    except msgspec.MsgspecError:
        return data
    cut = _cut(said)
    return data if cut == said else canonical(cut)


def _cut(said: Any) -> Any:
    if isinstance(said, dict):
        return {k: _empty(v) if k in REASONS else _cut(v) for k, v in said.items()}
    if isinstance(said, list):
        return [_cut(one) for one in said]
    return said


def _empty(said: Any) -> Any:
    return [] if isinstance(said, list) else "" if isinstance(said, str) else said


def _kept(link: Connection, record: Record, key: str, keyring: Keyring, whole: bool) -> None:
    """Write an episode's row again, without a key, and what judges say of it."""
    episode = msgspec.structs.replace(record.episode, body_key=NO_KEY, segments=())
    segments = wire.sealed(record.steps, NO_KEY, keyring)
    short = len(segments) == 1 and len(segments[0][1]) <= INLINE
    if not short:
        rows.add_segments(link, segments)
    header, content = wire.encode_header(episode, tuple(s for s, _ in segments))
    body = segments[0][1] if short else None
    link.execute(_KEEP, [header, content, body, episode.id, key])
    _say(link, episode, key, keyring, whole)


def _say(link: Connection, episode: Episode, key: str, keyring: Keyring, whole: bool) -> None:
    id = wire.id_bytes(episode.id, "episode")
    held: Sequence[Any] = link.execute(_EVIDENCE, [episode.id], binary=True).fetchall()
    for judgement, box in held:
        plain = boxes.open_evidence(bytes(box), key, id, keyring).encode()
        said = plain if whole else without_reasons(plain)
        link.execute(_SAY, [said, episode.id, judgement])
