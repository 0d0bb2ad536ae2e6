"""Perceptual hashes of a picture: what it looks like in 64 bits, however it was encoded.

The low frequencies of a small picture's cosine transform, each above or below their median (the
pHash of Zauner 2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

FLAT = 6.0
"""A picture with a smaller spread of brightness has no print."""

INNER = 0.05
"""Share of the picture that the inner print leaves out."""

_BITS = 1 << np.arange(64, dtype=np.uint64)


def imprint(image: NDArray[np.uint8], crop: float = 0.0) -> int:
    """Return the 64-bit hash of a grey picture, 0 where it shows too little.

    Args:
        image: (h, w) uint8.
        crop: share of each side to leave out first.
    """
    high, wide = image.shape
    top, left = round(high * crop / 2), round(wide * crop / 2)
    part = image[top : high - top, left : wide - left]
    small = np.asarray(cv2.resize(part, (32, 32), interpolation=cv2.INTER_AREA), dtype=np.float32)
    if small.std() < FLAT:
        return 0
    low = np.asarray(cv2.dct(small))[:8, :8].ravel()
    return int(_BITS[low > np.median(low[1:])].sum())
