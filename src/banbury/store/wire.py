"""How headers, steps and small structs become the bytes of a row, and back."""

from __future__ import annotations

import functools
import hashlib
import struct
import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec

from banbury.episode import (
    Episode,
    Judgement,
    RunKey,
    Segment,
    Step,
    encode_steps,
    unkept,
)
from banbury.errors import CorruptBlob, InputError

SEGMENT_STEPS = 4096
"""Most steps in one segment, so that a long episode is read and forked in parts."""

_TEXT_OID = 25

Verdict = tuple[bytes, bytes, str, str, float, bool, str, bytes, int]
"""A judgement in the order of its table's columns: episode, id, judge, its hash, score, ..."""

_header = msgspec.msgpack.Encoder().encode
_episode = msgspec.msgpack.Decoder(Episode).decode
_components = msgspec.json.Encoder(order="deterministic").encode
_parts = msgspec.json.Decoder(dict[str, float]).decode
_step = msgspec.msgpack.Encoder().encode
_unstep = msgspec.msgpack.Decoder(Step).decode


def key_id(key: RunKey) -> bytes:
    """Return the first 16 bytes of the SHA-256 of an idempotency key."""
    run, task, actor = key.run.encode(), key.task.encode(), key.actor.encode()
    head = b"%d %d %d %d\n" % (len(run), len(task), len(actor), key.sample)
    return hashlib.sha256(head + run + task + actor).digest()[:16]


def as_uuid(text: str, what: str) -> uuid.UUID:
    """Return an id as PostgreSQL keeps it.

    Raises:
        InputError: it is no UUID.
    """
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise InputError(
            f"the id of the {what}, {text[:80]!r}, is no UUID", do="make ids with new_id()"
        ) from error


def id_bytes(text: str, what: str) -> bytes:
    """Return the 16 bytes of an id, as binary COPY sends it.

    Raises:
        InputError: it is no UUID.
    """
    try:
        found = bytes.fromhex(text.replace("-", ""))
    except (ValueError, AttributeError):
        found = b""
    return found if len(found) == 16 and len(text) == 36 else as_uuid(text, what).bytes


def id_text(id: bytes) -> str:
    """Return 16 bytes as an id."""
    h = id.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


@functools.lru_cache(256)
def text_array(words: tuple[str, ...]) -> bytes:
    """Return words as a `text[]` in PostgreSQL's binary format."""
    if not words:
        return struct.pack("!iii", 0, 0, _TEXT_OID)
    packed = [word.encode() for word in words]
    body = b"".join(struct.pack("!i", len(word)) + word for word in packed)
    return struct.pack("!iiiii", 1, 0, _TEXT_OID, len(packed), 1) + body


def encode_header(
    episode: Episode, segments: tuple[Segment, ...] | None = None
) -> tuple[bytes, bytes]:
    """Return (bytes of the header, their SHA-256), with other segments if some are given.

    Id and lab are left out: they are the row's own, and two attempts with the same content are
    the same whatever their ids.
    """
    held = episode.segments if segments is None else segments
    data = _header(msgspec.structs.replace(episode, id="", lab="", segments=held))
    return data, hashlib.sha256(data).digest()


def decode_header(data: bytes, id: str, lab: str) -> Episode:
    """Return the header of a row.

    Raises:
        CorruptBlob: the bytes hold none.
    """
    try:
        return msgspec.structs.replace(_episode(data), id=id, lab=lab)
    except msgspec.MsgspecError as error:
        raise CorruptBlob(
            f"an episode's header cannot be read: {error}",
            where=f"episode {id}",
            do="read it with the version of Banbury that wrote it",
        ) from error


def encode_step(step: Step) -> bytes:
    """Return the bytes of one step of a journal.

    Raises:
        InputError: a text has half a surrogate pair, or a number more than 64 bits.
    """
    try:
        return _step(step)
    except (UnicodeEncodeError, OverflowError) as error:
        raise unkept(error, "a step") from error


def decode_step(data: bytes, id: str) -> Step:
    """Return one step of a journal.

    Raises:
        CorruptBlob: the bytes hold none.
    """
    try:
        return _unstep(data)
    except msgspec.MsgspecError as error:
        raise CorruptBlob(f"a journaled step cannot be read: {error}", where=f"episode {id}") from (
            error
        )


def sealed(steps: Sequence[Step], key: str) -> list[tuple[Segment, bytes]]:
    """Return the segments of a run of steps with their bytes; the first step's seq counts.

    Raises:
        InputError: the steps' `seq` has a hole.
    """
    out = []
    for first in range(0, len(steps), SEGMENT_STEPS):
        part = steps[first : first + SEGMENT_STEPS]
        sha256, data = encode_steps(part)
        out.append((Segment(sha256, part[0].seq, len(part), key), data))
    for seq, step in enumerate(steps, steps[0].seq if steps else 0):
        if step.seq != seq:
            raise InputError(
                f"step {seq} is numbered {step.seq}", do="number steps from 0 without holes"
            )
    return out


def encode_components(components: dict[str, float]) -> str:
    """Return the named parts of a score as JSON."""
    return _components(components).decode() if components else "{}"


def decode_components(text: str) -> dict[str, float]:
    """Return the named parts of a score."""
    return {} if text == "{}" else _parts(text)


def judgement_row(judgement: Judgement) -> Verdict:
    """Return a judgement in the order of its table's columns.

    Raises:
        InputError: an id is no UUID, or the score is not in [0, 1].
    """
    if not 0.0 <= judgement.score <= 1.0:
        raise InputError(
            f"a score of {judgement.score} is not in [0, 1]", where=f"judge {judgement.judge}"
        )
    try:
        evidence = judgement.evidence.encode()
    except UnicodeEncodeError as error:
        raise unkept(error, f"judgement {judgement.id}") from error
    return (
        id_bytes(judgement.episode, "episode"),
        id_bytes(judgement.id, "judgement"),
        judgement.judge,
        judgement.judge_hash,
        float(judgement.score),
        judgement.passed,
        encode_components(judgement.components),
        evidence,
        judgement.created_ns,
    )


def batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield ids in lists of at most `size`."""
    iterator = iter(ids)
    while part := list(islice(iterator, size)):
        yield part
