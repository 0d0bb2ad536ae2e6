"""Bytes of steps: one segment is zstd of a MessagePack array, named by the SHA-256 of both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec
import zstandard

from banbury.episode.step import Step
from banbury.errors import CorruptBlob

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Step, ...]).decode
_MAX_BYTES = 1 << 32


def encode_steps(steps: Iterable[Step]) -> tuple[str, bytes]:
    """Return (SHA-256 of the stored bytes, stored bytes) of a run of steps."""
    data = zstandard.compress(_encode(tuple(steps)), 3)
    return hashlib.sha256(data).hexdigest(), data


def decode_steps(data: bytes, sha256: str) -> tuple[Step, ...]:
    """Return the steps of a segment.

    Raises:
        CorruptBlob: the bytes do not have this hash, or do not hold steps.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CorruptBlob(
            "an episode's segment does not have the hash that names it",
            where=f"sha256 {sha256}",
            do="restore it from a back-up; nothing was changed",
        )
    try:
        return _decode(zstandard.ZstdDecompressor().decompress(data, max_output_size=_MAX_BYTES))
    except (msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise CorruptBlob(
            f"an episode's segment cannot be read: {error}",
            where=f"sha256 {sha256}",
            do="read it with the version of Banbury that wrote it",
        ) from error
