"""Whether the picture is one of a screen: the weave of its pixels under the camera's.

Two grids that lie over each other make a pattern of one frequency and direction (moire). In the
spectrum that is a sharp peak far above its surroundings: in brightness where the camera is near
enough, in colour where the pattern is coarse, since colours of a scene seldom repeat. Fabric,
tiles, blinds, test patterns and writing have such peaks too: a peak is a reason to look, no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

SIDE = 256
"""Brightness is looked at in squares of this side; colour, which has half the pixels, of half."""
LEAST = 0.08
"""Frequencies below this, in cycles a pixel, belong to the scene."""

Image = NDArray[np.uint8]


def screen_score(planes: Sequence[Image]) -> float:
    """Return how far the highest peak of the spectrum stands above its surroundings.

    The ratio of amplitudes, of brightness or of both colours, whichever is higher; 3 to 6 for
    scenes. NaN for a picture that is too small.

    Args:
        planes: (H, W) uint8 brightness of a part of the picture in full size, and where there are
            colours their two differences of half the size.
    """
    bright = _peak(planes[0], SIDE)
    colours = [_peak(plane, SIDE // 2) for plane in planes[1:3]]
    if not colours or np.isnan(colours).any():
        return bright
    return float(np.fmax(bright, np.mean(colours)))


def _peak(image: Image, side: int) -> float:
    high, wide = image.shape
    if min(high, wide) < side:
        return float("nan")
    window = _window(side)
    amplitude = np.zeros((side, side // 2 + 1))
    for top in range(0, high - side + 1, side):
        for left in range(0, wide - side + 1, side):
            part = image[top : top + side, left : left + side].astype(np.float32)
            amplitude += np.abs(np.fft.rfft2((part - part.mean()) * window))
    flat = np.asarray(np.log(amplitude + 1e-2 * amplitude.mean() + 1e-3), dtype=np.float32)
    around = np.asarray(cv2.blur(flat, (15, 15)))
    return float(np.exp(np.where(_far(side), flat - around, 0.0).max()))


@lru_cache(maxsize=2)
def _window(side: int) -> NDArray[np.float32]:
    one = np.hanning(side).astype(np.float32)
    return np.outer(one, one)


@lru_cache(maxsize=2)
def _far(side: int) -> NDArray[np.bool_]:
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    far: NDArray[np.bool_] = (np.hypot(down, across) > LEAST) & ~(_blocky(down) & _blocky(across))
    return far


def _blocky(frequencies: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which frequencies are those of the eight pixels that codecs encode together."""
    off = np.abs(frequencies * 8 - np.rint(frequencies * 8))
    near: NDArray[np.bool_] = off < 0.1
    return near
