"""A lens that is covered in part: a finger, a strap, a cap's brim before it.

What covers a lens is out of focus and moves with the camera: a dark part of the picture at its
border that shows nothing and keeps its brightness, while the rest changes because the head moves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from banbury.gyms.capture.quality.findings import Fault
from banbury.gyms.capture.quality.libraries import cv2
from banbury.gyms.capture.quality.readings import Sights
from banbury.gyms.capture.quality.runs import Bools, Floats, runs

GLANCES = 6
"""So many glances running, each second one, must show it."""
BLANK = 1.5
"""A cell whose pixels stand off from those around them by less, of 255, shows nothing."""
STEADY = 6.0
"""What moves with the camera keeps its brightness to so much, of 255."""
LIVELY = 8.0
"""The rest of the picture must change by so much, else nobody can tell."""
DIM = 40.0
"""Where the rest is darker than this, of 255, what is dark in it may be anything."""
DARKER = 0.7
"""What covers the lens is darker than the rest, by this factor."""
SOME, MUCH = 0.12, 0.25
"""Share of the picture that is worth saying, and that loses the time."""


def partly_covered(sights: Sights, starts: Floats, ends: Floats, unseen: Bools) -> Iterator[Fault]:
    """Yield where part of the lens is covered.

    Args:
        sights: what was seen.
        starts: (n,) from when each burst stands for the picture.
        ends: (n,) until when.
        unseen: (n,) where the picture shows nothing.
    """
    shares = covered_shares(np.asarray(sights.cells), unseen)
    for low, high, loses in ((MUCH, 2.0, True), (SOME, MUCH, False)):
        flags = (shares >= low) & (shares < high)
        said = "Part of the lens is covered."
        yield from runs("covered", flags, shares / MUCH, starts, ends, 5.0, said, loses=loses)


def covered_shares(seen: NDArray[np.float32], unseen: Bools) -> Floats:
    """Return the share of the picture that is covered, (n,) 0 to 1, at each burst.

    Args:
        seen: (n, 2, ROWS, COLUMNS) of `grid.cells`.
        unseen: (n,) bursts that show nothing at all.
    """
    shares = np.zeros(len(seen))
    if len(seen) < GLANCES:
        return shares
    bright, detail = seen[:, 0], seen[:, 1]
    wide = sliding_window_view(bright, GLANCES, axis=0)
    blank = sliding_window_view(detail, GLANCES, axis=0).max(axis=-1) < BLANK
    spread, level = wide.std(axis=-1), np.median(wide, axis=-1)
    dim = sliding_window_view(unseen, GLANCES, axis=0).any(axis=-1)
    for n in np.flatnonzero(~dim & blank.any(axis=(1, 2)) & ~blank.all(axis=(1, 2))):
        rest = ~blank[n]
        light = float(np.median(level[n][rest]))
        if light < DIM or np.median(spread[n][rest]) < LIVELY:
            continue
        stuck = blank[n] & (spread[n] < STEADY) & (level[n] < DARKER * light)
        patch = _at_border(stuck)
        if patch.any():
            first, end = _lasting(bright, detail, patch, int(n))
            shares[first:end] = np.maximum(shares[first:end], patch.mean())
    return shares


def _lasting(
    bright: NDArray[np.float32], detail: NDArray[np.float32], patch: Bools, start: int
) -> tuple[int, int]:
    """Return from which glance to before which a patch looks as in the window at `start`.

    It stays there while the head rests, when the rest of the picture would not tell.
    """
    looks = bright[:, patch]
    level = np.median(looks[start : start + GLANCES], axis=0)
    alike = (detail[:, patch].max(axis=1) < BLANK) & (np.abs(looks - level).max(axis=1) < STEADY)
    first, end = start, start + GLANCES
    while first > 0 and alike[first - 1]:
        first -= 1
    while end < len(alike) and alike[end]:
        end += 1
    return first, end


def _at_border(stuck: Bools) -> Bools:
    """Return the largest patch that touches the border on a quarter of a side."""
    count, labels = cv2.connectedComponents(stuck.astype(np.uint8), connectivity=4)
    best = np.zeros(stuck.shape, dtype=np.bool_)
    for k in range(1, count):
        patch: Bools = labels == k
        sides = (patch[0], patch[-1], patch[:, 0], patch[:, -1])
        if max(side.mean() for side in sides) >= 1 / 4 and patch.sum() > best.sum():
            best = patch
    return best
