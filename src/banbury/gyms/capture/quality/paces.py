"""Copies that are played faster or slower than they were filmed.

Near prints of such a copy lie on a line whose slope is the pace. More lines than offsets can be
laid through chance pairs, and work that comes again and again looks alike at many paces, so more is
asked than of a copy at its own pace: a minute of it, most of the prints, and that it looks like no
other moment of the original.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from banbury.gyms.capture.quality.findings import Prints
from banbury.gyms.capture.quality.matching import Floats, Pairs, agreement, times
from banbury.gyms.capture.quality.runs import Bools

SLOWEST, FASTEST, STEP = 0.4, 2.5, 0.01
"""Paces that are tried, each so much above the last, as a share of it."""
SAME = 0.003
"""Nearer to 1 than this a copy is played at its own pace."""
LEAST_S = 60.0
"""So long it must be, on its own clock and on the original's."""
AGREE = 0.65
"""Share of its prints that agree."""
ELSEWHERE = 0.3
"""Share that may agree at most at any other moment of the original."""
FEWEST, TRIES = 15, 3
"""Pairs on a line that is checked, and how many lines are."""
_MOST = 20_000
"""Of more pairs some are taken to find lines."""
_OFF_S, _ROUNDS = 1.5, 6
"""Pairs so near to a line are its own; it is fitted to them so often."""
_WINDOW_S = 20.0
_APART = [float(d) for d in range(-60, 61) if abs(d) >= 5]


class Paced(NamedTuple):
    """A stretch of a take that another shows at another pace: other = offset + pace * own time."""

    start_s: float
    end_s: float
    offset_s: float
    pace: float
    share: float


def paced(mine: Prints, theirs: Prints, pairs: Pairs) -> Iterator[Paced]:
    """Yield the stretches of a take that another shows faster or slower.

    Args:
        mine: prints of the take.
        theirs: of the other.
        pairs: near prints of the two.
    """
    for pace, offset in _lines(np.unique(np.stack(pairs, axis=1), axis=0)):
        here = times(mine) * pace
        stretched = msgspec.structs.replace(
            mine, times_ms=np.rint(here * 1000).astype("<u4").tobytes()
        )
        agree = agreement(stretched, theirs, offset)
        for low, high in _runs(agree, here, _WINDOW_S * max(1.0, pace)):
            inside = ~np.isnan(agree) & (here >= low) & (here < high)
            share = float(agree[inside].mean())
            long = high - low >= LEAST_S * max(1.0, pace)
            if long and share >= AGREE and _alone(stretched, theirs, offset, inside):
                yield Paced(low / pace, high / pace, offset, pace, round(share, 3))


def _lines(pairs: Floats) -> Iterator[tuple[float, float]]:
    """Yield paces and offsets of lines that many pairs, (n, 2), lie on."""
    if len(pairs) < FEWEST:
        return
    some = pairs[:: len(pairs) // _MOST + 1]
    found = []
    for pace in np.exp(np.arange(np.log(SLOWEST), np.log(FASTEST), STEP)):
        rest = some[:, 1] - pace * some[:, 0]
        counts = np.bincount(np.floor(rest - rest.min()).astype(np.int64))
        both = counts + np.append(counts[1:], 0)
        best = int(both.argmax())
        found.append((int(both[best]), float(pace), best + float(rest.min()) + 1))
    found.sort(reverse=True)
    tried: list[tuple[float, float]] = []
    for votes, rough, start in found[: 4 * TRIES]:
        if votes < FEWEST or len(tried) == TRIES:
            return
        pace, offset = _fitted(pairs, rough, start)
        known = any(abs(pace - p) < STEP and abs(offset - o) < 2 * _OFF_S for p, o in tried)
        if not known and SLOWEST <= pace <= FASTEST and abs(pace - 1) > SAME:
            tried.append((pace, offset))
            yield pace, offset


def _fitted(pairs: Floats, pace: float, offset: float) -> tuple[float, float]:
    """Return the line through the pairs near it, which grows as it gets better."""
    for _ in range(_ROUNDS):
        near = pairs[np.abs(pairs[:, 1] - pace * pairs[:, 0] - offset) < _OFF_S]
        if len(near) < FEWEST or np.ptp(near[:, 0]) < _WINDOW_S:
            break
        pace, offset = (float(v) for v in np.polyfit(near[:, 0], near[:, 1], 1))
    return pace, offset


def _runs(agree: Floats, here: Floats, window_s: float) -> Iterator[tuple[float, float]]:
    """Yield from when to when most prints agree, in windows that overlap by half."""
    told = ~np.isnan(agree)
    start = end = -1.0
    for low in np.arange(0.0, float(here[-1]) + 1e-6, window_s / 2):
        inside = told & (here >= low) & (here < low + window_s)
        if inside.sum() < window_s / 4 / max(1.0, window_s / _WINDOW_S):
            continue
        if agree[inside].mean() < AGREE / 2:
            continue
        at = here[inside & (agree > 0)]
        if start >= 0 and at[0] > end:
            yield start, end
            start = -1.0
        start = float(at[0]) if start < 0 else start
        end = float(at[-1]) + 1.0
    if start >= 0:
        yield start, end


def _alone(mine: Prints, theirs: Prints, offset: float, inside: Bools) -> bool:
    """Whether these prints look like no other moment nearby."""
    for apart in _APART:
        agree = agreement(mine, theirs, offset + apart)[inside]
        told = agree[~np.isnan(agree)]
        if len(told) >= FEWEST and told.mean() > ELSEWHERE:
            return False
    return True
