"""Whether the picture is one of a screen: the weave of its pixels under the camera's.

Two grids that lie over each other make a pattern of one frequency and direction (moire). In the
spectrum that is a sharp peak which stands far above its surroundings, away from the axes on which
edges of the scene lie. Fabric, tiles, blinds and grilles have such peaks too.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

SIDE = 256
LEAST = 0.12
"""Frequencies below this, in cycles a pixel, belong to the scene."""


def screen_score(image: NDArray[np.uint8]) -> float:
    """Return how far the highest peak of the spectrum stands above its surroundings.

    The ratio of amplitudes; about 2 to 4 for scenes. NaN for a picture that is too small.

    Args:
        image: (H, W) uint8, a part of the picture in full size.
    """
    high, wide = image.shape
    if min(high, wide) < SIDE:
        return float("nan")
    window = _window()
    amplitude = np.zeros((SIDE, SIDE // 2 + 1))
    for top in range(0, high - SIDE + 1, SIDE):
        for left in range(0, wide - SIDE + 1, SIDE):
            part = image[top : top + SIDE, left : left + SIDE].astype(np.float32)
            amplitude += np.abs(np.fft.rfft2((part - part.mean()) * window))
    flat = np.asarray(np.log(amplitude + 1e-3), dtype=np.float32)
    around = np.asarray(cv2.blur(flat, (15, 15)))
    peaks = np.where(_ring(), flat - around, 0.0)
    return float(np.exp(peaks.max()))


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float32]:
    one = np.hanning(SIDE).astype(np.float32)
    return np.outer(one, one)


@lru_cache(maxsize=1)
def _ring() -> NDArray[np.bool_]:
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None]
    far: NDArray[np.bool_] = np.hypot(down, across) > LEAST
    return far
