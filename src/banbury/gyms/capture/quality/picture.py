"""What one picture shows: how sharp it is, how bright, and whether there is anything in it.

Sharpness is the width of edges, after Marziliano, Dufaux, Winkler and Ebrahimi (2002): along short
pieces of rows and of columns, the contrast of the piece divided by its steepest step. The sharpest
fifth of the pieces decides, since a lens that is focused anywhere is no blurred one; rows and
columns are told apart, since motion smears in one direction alone.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

PIECE = 24
"""Pixels in a row or column over which contrast and steepest step are compared."""
CONTRAST = 30
"""A piece with less contrast says nothing of sharpness."""
FEW = 0.01
"""A picture with fewer pieces of contrast than this share cannot be judged."""
TEXTURE = 12
"""A piece with more contrast than this shows something."""

Image = NDArray[np.uint8]


class Look(msgspec.Struct, frozen=True):
    """What one picture shows.

    Attributes:
        edge: width of its sharpest edges in pixels at 640 across, the worse of both directions;
            NaN where there is too little contrast to tell.
        mean: brightness, 0 to 255.
        high: brightness that a fiftieth of the picture exceeds.
        white: share of the picture that is burnt out.
        texture: share of the picture that shows anything at all.
    """

    edge: float
    mean: float
    high: float
    white: float
    texture: float


def look_at(image: Image) -> Look:
    """Return what a grey picture shows.

    Args:
        image: (H, W) uint8, about 640 wide.
    """
    across, some_across = _edges(image)
    down, some_down = _edges(np.ascontiguousarray(image.T))
    widths = [w for w in (across, down) if not math.isnan(w)]
    counts = np.bincount(image.ravel(), minlength=256)
    share = np.cumsum(counts) / counts.sum()
    return Look(
        edge=max(widths) if widths else math.nan,
        mean=float((counts * np.arange(256)).sum() / counts.sum()),
        high=float(np.searchsorted(share, 0.98)),
        white=float(counts[250:].sum() / counts.sum()),
        texture=max(some_across, some_down),
    )


def _edges(image: Image) -> tuple[float, float]:
    """Return the edge width along rows, and the share of pieces that show anything."""
    wide = image.shape[1]
    count = (wide - 1) // PIECE
    if count < 1:
        return math.nan, 0.0
    rows = image[::2, : count * PIECE + 1]
    steps = np.abs(np.diff(rows.astype(np.int16), axis=1))
    pieces = rows[:, :-1].reshape(len(rows), count, PIECE)
    contrast = pieces.max(axis=2).astype(np.int16) - pieces.min(axis=2)
    steepest = steps.reshape(len(rows), count, PIECE).max(axis=2)
    telling = contrast > CONTRAST
    shown = float((contrast > TEXTURE).mean())
    if telling.mean() < FEW:
        return math.nan, shown
    widths = contrast[telling] / np.maximum(steepest[telling], 1)
    return float(np.percentile(widths, 20)), shown
