"""Footage that was handed in before: the same pictures in the same order.

Prints that share sixteen bits in a row are compared; pairs that are near vote for the offset in
time between the takes. An offset with votes is then checked print by print. A scene in which little
changes looks like itself at any offset, so a copy must agree at one offset much better than at
others; of a scene in which nothing changes for long, nothing can be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

import msgspec
import numpy as np

from banbury.gyms.capture.quality.findings import LOSES, Fault, Prints, Quality
from banbury.gyms.capture.quality.matching import (
    LATE_S,
    Hashes,
    Pairs,
    agreement,
    hashes,
    near_pairs,
    times,
)
from banbury.gyms.capture.quality.paces import paced
from banbury.gyms.capture.rest import Stretch, joined

VOTES, TRIES = 4, 6
"""An offset with so many votes is checked, at most so many of them."""
WINDOW_S = 20.0
"""Prints are compared over this long."""
SHORTEST_S = 15.0
"""Less than this may agree by chance where two takes show one place."""
AGREE, BETTER = 0.4, 0.3
"""Share of a window's prints that agree, and by how much more than at other offsets."""
BRIDGE_S = 60.0
"""Two stretches at one offset with less between them are one."""
_ELSEWHERE = (-61.0, -29.0, -13.0, 13.0, 29.0, 61.0)

_ACROSS = sum(1 << (8 * row + column) for row in range(8) for column in range(1, 8, 2))
_DOWN = sum(1 << (8 * row + column) for row in range(1, 8, 2) for column in range(8))
_SWAPS = ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0))
"""Steps that swap the rows and the columns of eight times eight bits (Warren, Hacker's Delight)."""


class Turn(NamedTuple):
    """How a picture may stand: its rows and columns swapped or not, and then mirrored.

    Attributes:
        mask: bits of a print that change when the picture is mirrored across, down, or both.
        swapped: rows and columns change places; with a mirror that is a quarter turn.
    """

    mask: int
    swapped: bool


TURNS = tuple(
    Turn(mask, swapped)
    for swapped, mask in product((False, True), (0, _ACROSS, _DOWN, _ACROSS ^ _DOWN))
)
"""All eight ways in which a picture can stand; the first is upright."""


class Copy(msgspec.Struct, frozen=True):
    """A stretch of a take that another one shows too.

    Attributes:
        other: name of the other take.
        start_s: on this take's clock.
        end_s: on this take's clock.
        offset_s: the other's time at this take's zero.
        share: of the prints there that agree.
        pace: seconds of the other that are shown in one of this take.
        turned: the other shows it mirrored, or turned by a quarter or by half.
    """

    other: str
    start_s: float
    end_s: float
    offset_s: float
    share: float
    turned: bool = False
    pace: float = 1.0


def copies(mine: Prints, others: Mapping[str, Prints]) -> list[Copy]:
    """Return the stretches of a take that others show too.

    Encoding again, a few percent cut off at the edges, an offset in time, a mirror, and turning it
    by a quarter or on its head do not hide a copy; less than 20 s do. Nor does another speed, where
    a minute and more of it stands upright.

    Args:
        mine: prints of the take.
        others: prints of other takes, by name.
    """
    found: list[Copy] = []
    for name, theirs in others.items():
        here: list[Copy] = []
        for turn in TURNS:
            seen = _seen(theirs, turn)
            pairs = near_pairs(mine, seen)
            for at in _offsets(pairs):
                some = _stretches(mine, seen, name, at)
                here += (msgspec.structs.replace(c, turned=turn != TURNS[0]) for c in some)
            if turn == TURNS[0]:
                here += (Copy(name, p.start_s, p.end_s, p.offset_s, p.share, pace=p.pace)
                         for p in paced(mine, theirs, pairs))  # fmt: skip
        here.sort(key=lambda c: -c.share * (c.end_s - c.start_s))
        kept: list[Copy] = []
        for one in here:
            if all(one.end_s <= k.start_s or one.start_s >= k.end_s for k in kept):
                kept.append(one)
        found += kept
    return sorted(found, key=lambda c: c.start_s)


def _seen(prints: Prints, turn: Turn) -> Prints:
    """Return prints of the pictures as they look turned.

    A mirror changes the signs of some of the cosines; their median, which the bits are told by, is
    near zero, so few other bits change. To swap rows and columns swaps those of the cosines.
    """
    if turn == TURNS[0]:
        return prints
    whole, inner = (_turned(hashes(raw), turn) for raw in (prints.whole, prints.inner))
    return Prints(prints.times_ms, *(h.astype("<u8").tobytes() for h in (whole, inner)))


def _turned(own: Hashes, turn: Turn) -> Hashes:
    made = own
    for shift, bits in _SWAPS if turn.swapped else ():
        by = np.uint64(shift)
        moved = (made ^ (made >> by)) & np.uint64(bits)
        made = made ^ moved ^ (moved << by)
    return np.where(own == 0, own, made ^ np.uint64(turn.mask))


def with_copies(quality: Quality, found: list[Copy]) -> Quality:
    """Return a quality with its copies among its faults."""
    faults = [*quality.faults, *(_fault(copy) for copy in found)]
    faults.sort(key=lambda f: (f.start_s, f.kind))
    return msgspec.structs.replace(quality, faults=tuple(faults))


def _fault(copy: Copy) -> Fault:
    at = max(0.0, copy.pace * copy.start_s + copy.offset_s)
    clock = f"{int(at // 3600)}:{int(at % 3600 // 60):02}:{int(at % 60):02}"
    how = ", mirrored or turned," if copy.turned else ""
    if copy.pace != 1.0:
        how = f", played at {copy.pace:.2g} times their speed,"
    said = f"The same pictures{how} as in {copy.other} from {clock} on."
    return Fault(copy.start_s, copy.end_s, "duplicate", copy.share, LOSES["duplicate"], said)


def _offsets(pairs: Pairs) -> Iterator[float]:
    """Yield the offsets in time that many pairs of prints agree on, in seconds."""
    all_votes = pairs.there - pairs.here
    if not len(all_votes):
        return
    bins, counts = np.unique(np.floor(all_votes), return_counts=True)
    together = counts + np.where(np.append(np.diff(bins), 0) == 1, np.append(counts[1:], 0), 0)
    tried: list[float] = []
    for k in np.argsort(-together, kind="stable"):
        inside = all_votes[(all_votes >= bins[k]) & (all_votes < bins[k] + 2)]
        at = float(np.median(inside))
        if together[k] < VOTES or len(tried) == TRIES:
            return
        if all(abs(at - other) > 2 * LATE_S for other in tried):
            tried.append(at)
            yield at


def _stretches(mine: Prints, theirs: Prints, name: str, offset: float) -> list[Copy]:
    here = times(mine)
    agree = agreement(mine, theirs, offset)
    told = ~np.isnan(agree)
    windows = []
    for start in np.arange(0.0, here[-1] + 1e-6 if len(here) else 0.0, WINDOW_S / 2):
        inside = told & (here >= start) & (here < start + WINDOW_S)
        if inside.sum() >= WINDOW_S / 4 and agree[inside].mean() >= AGREE:
            windows.append(inside)
    if not windows:
        return []
    others = np.stack([agreement(mine, theirs, offset + apart) for apart in _ELSEWHERE])
    stretches = []
    for inside in windows:
        elsewhere = others[:, inside]
        known = elsewhere[~np.isnan(elsewhere)]
        if agree[inside].mean() - (float(known.mean()) if len(known) else 0.0) >= BETTER:
            at = here[inside & (agree > 0)]
            stretches.append((float(at[0]), float(at[-1]) + 1.0))
    made = []
    for start, end in (s for s in _bridged(stretches) if s[1] - s[0] >= SHORTEST_S):
        inside = told & (here >= start) & (here < end)
        made.append(Copy(name, start, end, offset, round(float(agree[inside].mean()), 3)))
    return made


def _bridged(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Yield the union of stretches, short gaps closed."""
    wide = joined([(start, end + BRIDGE_S) for start, end in stretches])
    yield from ((start, end - BRIDGE_S) for start, end in wide)
