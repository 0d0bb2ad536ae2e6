"""How loud the sound is in each second, and how much of it is clipped.

A clipped wave is cut off at full scale, so many of its samples lie near there, where a wave that is
not cut has a few in a thousand. Codecs and resampling bend the flat tops, so that looking for equal
samples in a row finds nothing in a camera's AAC. A loud pure tone looks clipped to this; sound that
was cut before it was recorded, at a lower level, does not.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

FULL = 0.85
"""Samples from here on, of 1, lie near full scale."""
MANY = 0.01
"""A second with this share of such samples is clipped."""


class Loudness(msgspec.Struct, frozen=True):
    """One second of sound.

    Attributes:
        level: root mean square, dB below full scale; -120 for none.
        clipped: share of the samples near full scale.
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
    power = float(np.mean(np.square(second, dtype=np.float64)))
    level = float(10 * np.log10(max(1e-12, power)))
    return Loudness(level, float((np.abs(second) >= FULL).mean()))
