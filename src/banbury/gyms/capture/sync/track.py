"""Follow b's clock through the windows' peaks: the path that explains most of them.

A dynamic programme over the peaks: a peak is worth what it says against chance; two peaks that lie
on one clock follow each other freely; a jump of the clock costs more than a stray window is worth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.sync.windows import REACH, Hits

LEAST_Z = 4.6
"""Peaks below are chance: the highest of a window's 8,192 lags is mostly under 4.5."""
MOST_WORTH = 25.0
JUMP = 30.0
"""Nats that a jump costs: two clear windows."""
BACK = 60
"""Peaks that a peak looks back at."""
SLACK_S = 0.00035
DRIFT = 300e-6


def worth(hits: Hits) -> NDArray[np.float64]:
    """Return what each peak says against chance, in nats: z^2 / 2 less the lags that were tried."""
    return np.asarray(np.clip(hits.z**2 / 2 - np.log(2 * REACH), 0.0, MOST_WORTH))


def path(hits: Hits) -> list[Hits]:
    """Return the best path's stretches without a jump, in order of time."""
    hits = hits.where(np.abs(hits.z) > LEAST_Z)
    count = len(hits.t_s)
    if count == 0:
        return []
    value = worth(hits)
    score = value.copy()
    before = np.full(count, -1)
    jumped = np.zeros(count, bool)
    for n in range(1, count):
        near = slice(max(0, n - BACK), n)
        over = hits.t_s[n] - hits.t_s[near]
        miss = np.abs(hits.lag_s[n] - hits.lag_s[near])
        room = SLACK_S + DRIFT * over
        cost = np.where(miss <= room, (miss / room) ** 2, JUMP)
        cost[over <= 0] = np.inf
        total = score[near] - cost
        best = int(np.argmax(total))
        if total[best] > 0:
            score[n] = value[n] + total[best]
            before[n] = near.start + best
            jumped[n] = cost[best] >= JUMP
    parts: list[list[int]] = [[]]
    at = int(np.argmax(score))
    while at >= 0:
        parts[-1].append(at)
        if jumped[at]:
            parts.append([])
        at = int(before[at])
    return [hits.where(np.array(p[::-1])) for p in parts[::-1] if p]
