"""Prints of two takes against each other: which are near, and how many agree at an offset."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.findings import Prints

NEAR = 12
"""Prints with at most so many different bits show the same; others differ in 20 and more."""
COMMON = 20
"""Sixteen bits that more prints of a take share say nothing."""
LATE_S = 0.75
"""Key frames of a copy may lie this far from those of the original."""

_ONES = np.array([bin(n).count("1") for n in range(1 << 16)], dtype=np.uint8)
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """When near prints were taken, (n,) s each: on the one take's clock and on the other's."""

    here: Floats
    there: Floats


def times(prints: Prints) -> Floats:
    """Return when each print was taken, (n,) s."""
    return np.frombuffer(prints.times_ms, dtype="<u4").astype(np.float64) / 1000


def hashes(raw: bytes) -> Hashes:
    """Return the prints, (n,)."""
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64)


def near_pairs(mine: Prints, theirs: Prints) -> Pairs:
    """Return the pairs of near prints that share sixteen bits in a row."""
    here, there = times(mine), times(theirs)
    found = [
        _near(hashes(a), hashes(b), here, there)
        for a, b in (
            (mine.whole, theirs.whole),
            (mine.whole, theirs.inner),
            (mine.inner, theirs.whole),
        )
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _near(a: Hashes, b: Hashes, here: Floats, there: Floats) -> Pairs:
    mine, others = [], []
    for shift in (0, 16, 32, 48):
        # Sixteen bits are sorted by counting, which takes a fraction of the time.
        keys_a = (a >> np.uint64(shift)).astype(np.uint16)
        keys_b = (b >> np.uint64(shift)).astype(np.uint16)
        order = np.argsort(keys_b, kind="stable")
        sorted_b = keys_b[order]
        low = np.searchsorted(sorted_b, keys_a, side="left")
        high = np.searchsorted(sorted_b, keys_a, side="right")
        counts = np.where((high - low > COMMON) | (a == 0), 0, high - low)
        i = np.repeat(np.arange(len(a)), counts)
        start = np.repeat(low - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        j = order[start + np.arange(len(i))]
        near = (_apart(a[i], b[j]) <= NEAR) & (b[j] != 0)
        mine.append(here[i[near]])
        others.append(there[j[near]])
    return Pairs(np.concatenate(mine), np.concatenate(others))


def agreement(mine: Prints, theirs: Prints, offset: float) -> Floats:
    """Return for each print 1 where the other's at that time is near, 0 where not, else NaN."""
    here, there = times(mine), times(theirs)
    if not len(here) or not len(there):
        return np.full(len(here), np.nan)
    after = np.clip(np.searchsorted(there, here + offset), 1, len(there)) - 1
    best = np.full(len(here), 65, dtype=np.int64)
    close = np.zeros(len(here), dtype=bool)
    a, a_in = hashes(mine.whole), hashes(mine.inner)
    b, b_in = hashes(theirs.whole), hashes(theirs.inner)
    for j in (after, np.minimum(after + 1, len(there) - 1)):
        usable = (np.abs(there[j] - here - offset) <= LATE_S) & (a != 0) & (b[j] != 0)
        for x, y in ((a, b[j]), (a, b_in[j]), (a_in, b[j])):
            best = np.where(usable, np.minimum(best, _apart(x, y)), best)
        close |= usable
    return np.where(close, (best <= NEAR).astype(np.float64), np.nan)


def _apart(a: Hashes, b: Hashes) -> NDArray[np.int64]:
    """Return in how many bits hashes differ."""
    x = a ^ b
    low = np.uint64(0xFFFF)
    parts = [_ONES[(x >> np.uint64(k)) & low].astype(np.int64) for k in (0, 16, 32, 48)]
    return np.asarray(np.sum(parts, axis=0), dtype=np.int64)
