"""What a few consecutive frames show: shaking, and whether the picture stands still.

The shift from frame to frame is found by phase correlation (Kuglin and Hines 1975). Turning the
head is a steady shift, shaking one that changes from frame to frame: the changes are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

SURE = 0.05
"""A peak of the phase correlation below this is no match."""
STILL_MEAN, STILL_MOST = 0.4, 8
"""Frames that differ by less, in brightness of 255, are the same one."""
NEARLY_MEAN = 1.0
"""Frames that differ by less on the mean may be the same one, encoded at another quality."""

Image = NDArray[np.uint8]


def shifts(frames: Image) -> NDArray[np.float64]:
    """Return the shift between consecutive frames, (n - 1, 2) in picture widths, NaN where unsure.

    Args:
        frames: (n, h, w) uint8.
    """
    wide = frames.shape[2]
    window = _window(frames.shape[1], wide)
    floats = [f.astype(np.float32) for f in frames]
    made = np.full((max(0, len(frames) - 1), 2), np.nan)
    for k in range(len(frames) - 1):
        (x, y), sure = cv2.phaseCorrelate(floats[k], floats[k + 1], window)
        if sure >= SURE:
            made[k] = x / wide, y / wide
    return made


@lru_cache(maxsize=4)
def _window(high: int, wide: int) -> NDArray[np.float32]:
    return np.asarray(cv2.createHanningWindow((wide, high), cv2.CV_32F), dtype=np.float32)


def shake(moves: NDArray[np.float64], times_s: Sequence[float]) -> float:
    """Return how fast the speed of the picture changes, in widths per second, per frame of 1/30 s.

    NaN where fewer than two changes can be told.
    """
    steps = np.diff(np.asarray(times_s))
    speeds = moves / np.maximum(steps, 1e-3)[:, None]
    changes = np.diff(speeds, axis=0)
    gaps = np.maximum((steps[1:] + steps[:-1]) / 2 * 30, 1e-2)
    rates = np.hypot(changes[:, 0], changes[:, 1]) / gaps
    told = rates[~np.isnan(rates)]
    return float(np.mean(told)) if len(told) >= 2 else float("nan")


def unsteady(frames: Image, times_s: Sequence[float]) -> float:
    """Return `shake` of a few consecutive frames; those that the camera repeats are left out.

    Args:
        frames: (n, h, w) uint8.
        times_s: when each is shown.
    """
    new = [k for k in range(len(frames)) if k == 0 or not same(frames[k - 1], frames[k])]
    if len(new) == 1 and len(frames) > 2:
        return 0.0
    return shake(shifts(frames[new]), [times_s[k] for k in new])


def same(a: Image, b: Image, mean: float = STILL_MEAN) -> bool:
    """Return whether two small frames are one and the same but for coding."""
    if a.shape != b.shape:
        return False
    apart = cv2.absdiff(a, b)
    return bool(apart.mean() <= mean and apart.max() <= STILL_MOST)
