"""Bytes of steps: one segment is zstd of a MessagePack array, named by the SHA-256 of both."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable

import msgspec
import zstandard

from banbury.episode.step import Step
from banbury.errors import CorruptBlob, InputError

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Step, ...]).decode
_MAX_BYTES = 1 << 32
_SMALL = 512
"""Bytes below which the quick level packs as well as the thorough one, in a quarter of the time."""


class _Packers(threading.local):
    """A thread's own compressors: making one costs more than packing a short body."""

    def __init__(self) -> None:
        self.quick = zstandard.ZstdCompressor(level=-1)
        self.thorough = zstandard.ZstdCompressor(level=3)
        self.unpack = zstandard.ZstdDecompressor()


_packers = _Packers()


def encode_steps(steps: Iterable[Step]) -> tuple[str, bytes]:
    """Return (SHA-256 of the stored bytes, stored bytes) of a run of steps.

    Raises:
        InputError: a text has half a surrogate pair, or a number more than 64 bits.
    """
    try:
        plain = _encode(tuple(steps))
    except (UnicodeEncodeError, OverflowError) as error:
        raise unkept(error, "a step") from error
    data = (_packers.quick if len(plain) < _SMALL else _packers.thorough).compress(plain)
    return hashlib.sha256(data).hexdigest(), data


def unkept(error: Exception, where: str) -> InputError:
    """Return the error that says why something cannot become bytes."""
    return InputError(
        f"this cannot be kept: {error}",
        where=where,
        do="give text that is valid Unicode and numbers of at most 64 bits",
    )


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
        return _decode(_packers.unpack.decompress(data, max_output_size=_MAX_BYTES))
    except (msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise CorruptBlob(
            f"an episode's segment cannot be read: {error}",
            where=f"sha256 {sha256}",
            do="read it with the version of Banbury that wrote it",
        ) from error
