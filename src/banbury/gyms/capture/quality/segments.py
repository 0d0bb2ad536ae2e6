"""The measures of each ten seconds of a take."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from banbury.gyms.capture.quality.faulting import BLOCK_S, missing_frames
from banbury.gyms.capture.quality.findings import Segment
from banbury.gyms.capture.quality.readings import Sights, Sounds

_SEEN = ("edge", "mean", "high", "white", "texture", "shake", "stands", "hand", "screen")
_HEARD = ("level", "clipped", "speech")


def segments(duration_s: float, sights: Sights, sounds: Sounds) -> tuple[Segment, ...]:
    """Return the measures of each ten seconds: medians, the highest for hands and clipping.

    `edge` is in pixels at 640 across, `mean` and `high` brightness of 255, `white`, `texture`,
    `clipped`, `speech` and `stands` shares, `shake` in widths a second per 1/30 s, `hand` a score,
    `turns` the gyro's changes in rad/s per 1/30 s, `screen` a ratio, `level` in dB, `missing` the
    share of frames that the stamps lack.
    """
    count = max(1, math.ceil(duration_s / BLOCK_S))
    seen = (np.asarray(sights.t_s) // BLOCK_S).astype(np.int64)
    heard = (np.arange(len(sounds.level)) // BLOCK_S).astype(np.int64)
    turned = (np.arange(len(sights.turns)) // BLOCK_S).astype(np.int64)
    times = np.sort(np.asarray(sights.packets.times_s))
    missing = missing_frames(times) if len(times) > 1 else np.zeros(0, np.int64)
    frames = (times[: len(missing)] // BLOCK_S).astype(np.int64)
    made = []
    for k in range(count):
        rows = {name: _told(name, getattr(sights, name), seen == k) for name in _SEEN}
        rows |= {name: _told(name, getattr(sounds, name), heard == k) for name in _HEARD}
        rows["turns"] = _told("turns", sights.turns, turned == k)
        lost, shown = missing[frames == k].sum(), (frames == k).sum()
        rows["missing"] = round(float(lost / (lost + shown)), 4) if shown else None
        made.append(Segment(k * BLOCK_S, min((k + 1) * BLOCK_S, duration_s), rows))
    return tuple(made)


def _told(name: str, values: Sequence[float], here: np.ndarray) -> float | None:
    found = np.asarray(values, dtype=np.float64)[here]
    found = found[~np.isnan(found)]
    if not len(found):
        return None
    if name in ("stands", "speech"):
        return round(float(found.mean()), 4)
    return round(float(found.max() if name in ("hand", "clipped") else np.median(found)), 4)
