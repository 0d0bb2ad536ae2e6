"""Identities: UUIDv7 for what happens, SHA-256 for what a thing is."""

from __future__ import annotations

import hashlib
import os
import threading
import uuid
from typing import Any

import msgspec

from banbury import clock

_lock = threading.Lock()
_last = 0


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
    rand_b = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = ((stamp >> 12) << 80) | (0x7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | rand_b
    return str(uuid.UUID(int=value))


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
