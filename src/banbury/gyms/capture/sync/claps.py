"""Claps against claps: the sharpest sounds of both takes, and the shift at which most meet.

This looks at times alone, not at how the sounds are shaped, and so it fails in other ways than the
correlation of sound does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from banbury.gyms.capture.sync.recording import RATE, Floats, Recording
from banbury.gyms.capture.sync.result import Method

STEP = 32
"""Samples of a frame: 2 ms."""
RISE_DB = 14.0
APART_S = 0.12
MOST = 150
"""Onsets kept of a take."""
NEAR_S, DRIFT = 0.002, 60e-6
CHANCE = 1e-9
LEAST = 3
Doubles = NDArray[np.float64]


class Onsets(NamedTuple):
    """Sharp sounds: times in seconds, ascending, and how far each stands out, in dB."""

    times_s: Doubles
    rise_db: Doubles

    def strongest(self, count: int) -> Doubles:
        """Return the times of the `count` strongest."""
        return np.sort(self.times_s[np.argsort(-self.rise_db)[:count]])


def onsets(recording: Recording) -> Onsets:
    """Return a take's sharpest sounds, at most 150."""
    times, rises = [np.zeros(0)], [np.zeros(0)]
    start = 0
    for block in recording.blocks():
        at, rise = _sharp(block)
        times.append(at + start / RATE)
        rises.append(rise)
        start += len(block)
    t, r = np.concatenate(times), np.concatenate(rises)
    keep = np.sort(np.argsort(-r)[:MOST])
    return Onsets(t[keep], r[keep])


def _sharp(block: Floats) -> tuple[Doubles, Doubles]:
    """Times and rises of the onsets of one block."""
    count = len(block) // STEP
    past, hold = int(0.1 * RATE / STEP), int(APART_S * RATE / STEP)
    if count <= past + hold:
        return np.zeros(0), np.zeros(0)
    bright = np.diff(block[: count * STEP], prepend=np.float32(0)).reshape(count, STEP)
    power = np.square(bright).mean(axis=1).astype(np.float64) + 1e-12
    total = np.concatenate([[0.0], np.cumsum(power)])
    before = np.ones(count) * 1e9
    before[past:] = (total[past:-1] - total[: count - past]) / past
    rise = 10 * np.log10(power / before)
    level = np.lib.stride_tricks.sliding_window_view(np.pad(power, (0, hold)), hold)[:count]
    first = (rise >= RISE_DB) & (power >= 0.25 * level[:, : int(0.01 * RATE / STEP)].max(axis=1))
    places, last = [], -hold
    for n in np.flatnonzero(first):
        if n - last >= hold:
            places.append(int(n))
            last = int(n)
    return np.array([_edge(block, n) for n in places]), rise[places]


def _edge(block: Floats, frame: int) -> float:
    """The moment within the frame, or the next, at which the sound reaches half its height."""
    begin = max(0, (frame - 1) * STEP)
    part = np.abs(block[begin : (frame + 3) * STEP])
    return (begin + int(np.argmax(part >= 0.5 * part.max()))) / RATE


def compare(a: Onsets, b: Onsets, seconds: float) -> Method:
    """Return b's clock against a's by their sharp sounds; `seconds` is the longer take."""
    if min(len(a.times_s), len(b.times_s)) < LEAST:
        return Method("claps", why="fewer than three sharp sounds in a take")
    gaps = (b.times_s[None, :] - a.times_s[:, None]).ravel()
    times = np.repeat(a.times_s, len(b.times_s))
    order = np.argsort(gaps)
    gaps, times = gaps[order], times[order]
    span = max(float(np.ptp(a.times_s)), 1.0)
    room = NEAR_S + DRIFT * min(span, 600.0) / 2
    high = np.searchsorted(gaps, gaps + 2 * room, side="right")
    counts = high - np.arange(len(gaps))
    best = int(np.argmax(counts))
    inside = slice(best, int(high[best]))
    number = min(len(np.unique(times[inside])), int(counts[best]))
    expected = len(gaps) * 2 * room / max(2 * seconds, 1.0)
    chance = float(stats.poisson.sf(number - 1, expected)) * len(gaps)
    if number < LEAST or chance > CHANCE:
        return Method("claps", why=f"{number} sharp sounds meet, as chance may have it")
    lag = float(np.median(gaps[inside]))
    error = max(0.001, 2 * float(np.std(gaps[inside])) / np.sqrt(number) + DRIFT * span / 2)
    return Method("claps", True, lag, error, None, False, f"{number} sharp sounds meet")
