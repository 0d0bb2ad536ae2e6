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
    unkept,
)
from banbury.errors import CorruptBlob, InputError
from banbury.store import boxes
from banbury.store.keyring import Keyring

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


def encode_step(step: Step, episode: Episode, keyring: Keyring) -> bytes:
    """Return the bytes of one step of an episode's journal.

    Raises:
        InputError: a text has half a surrogate pair, or a number more than 64 bits.
        Erased: the episode's key was destroyed.
    """
    try:
        return boxes.seal_step(_step(step), episode, step.seq, keyring)
    except (UnicodeEncodeError, OverflowError) as error:
        raise unkept(error, "a step") from error


def decode_step(data: bytes, episode: Episode, seq: int, keyring: Keyring) -> Step:
    """Return one step of an episode's journal.

    Raises:
        CorruptBlob: the bytes hold none.
        Erased: the episode's key was destroyed.
    """
    try:
        return _unstep(boxes.open_step(data, episode, seq, keyring))
    except msgspec.MsgspecError as error:
        raise CorruptBlob(
            f"a journaled step cannot be read: {error}", where=f"episode {episode.id}"
        ) from error


def sealed(steps: Sequence[Step], key: str, keyring: Keyring) -> list[tuple[Segment, bytes]]:
    """Return the segments of a run of steps with their bytes; the first step's seq counts.

    Raises:
        InputError: the steps' `seq` has a hole.
        Erased: the key was destroyed.
    """
    out = [
        boxes.pack(steps[first : first + SEGMENT_STEPS], key, keyring)
        for first in range(0, len(steps), SEGMENT_STEPS)
    ]
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


def judgement_row(judgement: Judgement, key: str, keyring: Keyring) -> Verdict:
    """Return a judgement in the order of its table's columns.

    Args:
        judgement: the judgement.
        key: of the episode's body, under which its evidence is sealed.
        keyring: that has it.

    Raises:
        InputError: an id is no UUID, or the score is not in [0, 1].
        Erased: the key was destroyed.
    """
    if not 0.0 <= judgement.score <= 1.0:
        raise InputError(
            f"a score of {judgement.score} is not in [0, 1]", where=f"judge {judgement.judge}"
        )
    try:
        evidence = judgement.evidence.encode()
    except UnicodeEncodeError as error:
        raise unkept(error, f"judgement {judgement.id}") from error
    episode = id_bytes(judgement.episode, "episode")
    return (
        episode,
        id_bytes(judgement.id, "judgement"),
        judgement.judge,
        judgement.judge_hash,
        float(judgement.score),
        judgement.passed,
        encode_components(judgement.components),
        boxes.seal_evidence(evidence, key, episode, keyring),
        judgement.created_ns,
    )


def batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield ids in lists of at most `size`."""
    iterator = iter(ids)
    while part := list(islice(iterator, size)):
        yield part
