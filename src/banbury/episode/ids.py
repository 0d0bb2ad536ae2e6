"""Identities: UUIDv7 for what happens, SHA-256 for what a thing is."""

from __future__ import annotations

import hashlib
import os
import struct
import threading
from collections.abc import Iterator
from typing import Any

import msgspec

from banbury import clock

_lock = threading.Lock()
_last = 0
_random: Iterator[int] = iter(())
_RAND_B = (1 << 62) - 1
_VARIANT = 1 << 63


def new_id() -> str:
    """Return a UUIDv7 as text: sorts by creation time, strictly so within a process.

    Source: RFC 9562, section 5.7, with the 12 bits of `rand_a` as sub-millisecond
    fraction (method 3), so that ids made within one millisecond keep their order.
    """
    global _last
    ns = clock.wall_ns()
    stamp = ((ns // 1_000_000) << 12) | ((ns % 1_000_000) * 4096 // 1_000_000)
    with _lock:
        _last = stamp = max(stamp, _last + 1)
        rand_b = next(_random, None) or _refilled()
    text = f"{stamp >> 12:012x}7{stamp & 0xFFF:03x}{rand_b & _RAND_B | _VARIANT:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _refilled() -> int:
    """Draw random bits for many ids at once: a system call for each would cost more than it."""
    global _random
    _random = iter(struct.unpack("<128Q", os.urandom(1024)))
    return next(_random)


def _forget() -> None:
    global _lock, _random
    _lock, _random = threading.Lock(), iter(())


# A forked child may not draw the same bits as its parent.
os.register_at_fork(after_in_child=_forget)


def canonical(value: Any) -> bytes:
    """Return `value` as JSON with sorted keys: equal values give equal bytes."""
    return msgspec.json.encode(value, order="sorted")


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of the parts, each preceded by its length, as 64 hex digits."""
    h = hashlib.sha256()
    for part in parts:
        h.update(len(part).to_bytes(8, "big"))
        h.update(part)
    return h.hexdigest()
