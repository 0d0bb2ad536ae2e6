"""How loud the sound is in each second, and how much of it is clipped.

A clipped wave has flat tops: many samples lie at the highest level of all. After resampling and a
lossy codec the tops ripple, so samples within `NEAR` of the top count, where there are more of them
than a wave that is not cut has, and only where the top is near full scale.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

FULL = 0.89
"""Sound whose top lies lower than this, of 1, is not clipped by the camera."""
NEAR = 0.06
"""Samples within this share of the top are at the top."""
MANY = 0.012
"""A second with this share of its samples at the top is clipped."""


class Loudness(msgspec.Struct, frozen=True):
    """One second of sound.

    Attributes:
        level: root mean square, dB below full scale; -120 for none.
        clipped: share of the samples that lie at a top near full scale.
    """

    level: float
    clipped: float


def listen(second: NDArray[np.float32]) -> Loudness:
    """Return how loud and how clipped a second of sound is.

    Args:
        second: (n,) mono samples, full scale 1.
    """
    if not len(second):
        return Loudness(-120.0, 0.0)
    size = np.abs(second)
    level = float(10 * np.log10(max(1e-12, float(np.mean(np.square(second, dtype=np.float64))))))
    top = float(np.percentile(size, 99.9))
    if top < FULL:
        return Loudness(level, 0.0)
    return Loudness(level, float((size >= top * (1 - NEAR)).mean()))
