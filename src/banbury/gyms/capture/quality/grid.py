"""A picture in cells: how bright each part of it is, and how much it shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

COLUMNS, ROWS = 8, 6


def cells(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return brightness and detail of each cell of a small grey picture, (2, ROWS, COLUMNS).

    Detail is how far pixels stand off from the five by five around them.

    Args:
        image: (h, w) uint8, about 160 wide.
    """
    plain = image.astype(np.float32)
    off = np.abs(plain - np.asarray(cv2.blur(plain, (5, 5)), dtype=np.float32))
    size = (COLUMNS, ROWS)
    made = [cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (plain, off)]
    return np.stack(made).astype(np.float32)
