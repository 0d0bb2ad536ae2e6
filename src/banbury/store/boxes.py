"""Boxes: what people wrote, sealed under their keys on its way into rows, opened on its way out.

An episode in which a person sat is theirs: its steps, and what judges say of it, are under their
key of the lab. What machines made has no key and stays as it is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from banbury.episode import NO_KEY, Episode, Segment, Step, decode_steps, encode_steps
from banbury.errors import CorruptBlob, Erased
from banbury.store.keyring import Keyring, work_key

GONE = "(erased)"
"""What stands where words were that are erased."""
_SEGMENT = b"segment"
_EVIDENCE = b"evidence "
_STEP = b"step "
_WORDS = b"words"
_MARK = "\x01box:"
MARKED = b"\\u0001box:"
"""How the mark of sealed words stands in JSON."""


def owned(episode: Episode, keyring: Keyring) -> Episode:
    """Return a header that names the key of whoever sat there, which is made.

    What several people did together is under a key of its own, which ends with any of theirs.

    Raises:
        Erased: that key, or one of theirs, was destroyed: nothing more is kept of them.
    """
    people = {a.name: None for a in episode.actors if a.kind == "person"}
    if "\0" in episode.body_key:  # PostgreSQL's text has no zero
        episode = msgspec.structs.replace(episode, body_key=episode.body_key.replace("\0", ""))
    if episode.body_key == NO_KEY:
        if not people:
            return episode
        key = work_key(episode.lab, *people)
        episode = msgspec.structs.replace(episode, body_key=key)
    for one in people if len(people) > 1 else ():
        keyring.make(work_key(episode.lab, one))
    keyring.make(episode.body_key)
    return episode


def pack(steps: Sequence[Step], key: str, keyring: Keyring) -> tuple[Segment, bytes]:
    """Return a run of steps as a segment, which is named by the hash of its box.

    Raises:
        InputError: a text has half a surrogate pair, or a number more than 64 bits.
        Erased: the key was destroyed.
    """
    sha256, data = encode_steps(steps)
    if key != NO_KEY:
        data = keyring.seal(key, data, _SEGMENT)
        sha256 = hashlib.sha256(data).hexdigest()
    return Segment(sha256, steps[0].seq, len(steps), key), data


def unpack(segment: Segment, data: bytes, keyring: Keyring) -> tuple[Step, ...]:
    """Return the steps of a segment.

    Raises:
        CorruptBlob: the bytes do not have the hash that names them, or hold no steps.
        Erased: the key was destroyed.
    """
    if segment.key == NO_KEY:
        return decode_steps(data, segment.sha256)
    if hashlib.sha256(data).hexdigest() != segment.sha256:
        raise CorruptBlob(
            "an episode's segment does not have the hash that names it",
            where=f"sha256 {segment.sha256}",
            do="restore it from a back-up; nothing was changed",
        )
    plain = keyring.open(segment.key, data, _SEGMENT)
    return decode_steps(plain, hashlib.sha256(plain).hexdigest())


def seal_step(data: bytes, episode: Episode, seq: int, keyring: Keyring) -> bytes:
    """Return a step of a journal as it is stored."""
    if episode.body_key == NO_KEY:
        return data
    return keyring.seal(episode.body_key, data, _STEP + f"{episode.id} {seq}".encode())


def open_step(data: bytes, episode: Episode, seq: int, keyring: Keyring) -> bytes:
    """Return a step of a journal as it was written.

    Raises:
        Erased: the key was destroyed.
    """
    if episode.body_key == NO_KEY:
        return data
    return keyring.open(episode.body_key, data, _STEP + f"{episode.id} {seq}".encode())


def seal_evidence(data: bytes, key: str, episode: bytes, keyring: Keyring) -> bytes:
    """Return what a judge or a check says of an episode (16 bytes of its id) as it is stored."""
    return data if key == NO_KEY else keyring.seal(key, data, _EVIDENCE + episode)


def open_evidence(data: bytes, key: str | None, episode: bytes, keyring: Keyring) -> str:
    """Return what a judge or a check says of an episode; `{}` where that is erased."""
    if key is None or key == NO_KEY:
        return data.decode()
    try:
        return keyring.open(key, data, _EVIDENCE + episode).decode()
    except Erased:
        return "{}"


def seal_words(words: Iterable[str], key: str, keyring: Keyring) -> list[str]:
    """Return short texts as they are stored: each names its key, the same text is the same box."""
    keyring.make(key)
    made = (keyring.seal(key, word.encode("utf-8", "surrogatepass"), _WORDS) for word in words)
    return [f"{_MARK}{key} {base64.b64encode(box).decode()}" for box in made]


def open_words(words: Iterable[str], keyring: Keyring) -> tuple[str, ...]:
    """Return short texts as they were written; `GONE` for what is erased."""
    return tuple(_word(word, keyring) for word in words)


def open_all(said: Any, keyring: Keyring) -> Any:
    """Return JSON values with all sealed words in them as they were written."""
    if isinstance(said, str):
        return _word(said, keyring)
    if isinstance(said, list):
        return [open_all(one, keyring) for one in said]
    if isinstance(said, dict):
        return {name: open_all(one, keyring) for name, one in said.items()}
    return said


def under(key: str) -> str:
    """Return how all short texts begin that are sealed under a key."""
    return f"{_MARK}{key} "


def _word(word: str, keyring: Keyring) -> str:
    if not word.startswith(_MARK):
        return word
    key, _, box = word.removeprefix(_MARK).rpartition(" ")
    try:
        return keyring.open(key, base64.b64decode(box), _WORDS).decode("utf-8", "surrogatepass")
    except Erased:
        return GONE
