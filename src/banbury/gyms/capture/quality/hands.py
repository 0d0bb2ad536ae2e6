"""Whether hands are in view: MediaPipe's palm detector, run by OpenCV; MediaPipe is not needed.

The weights are `palm_detection_full.tflite` of mediapipe 0.10.21 (Apache-2.0; Zhang et al. 2020).
They were trained on bare hands of people before a camera. Gloves, hands that are half out of the
picture or hold something large, and hands smaller than about a fifteenth of the picture are missed.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import cv2

SIDE = 192
SEEN = 1.0
"""A score (logit) from here on is a hand: 0.73 by the model's own reckoning."""
_WEIGHTS = Path(__file__).parent / "models" / "palm_detection_full.tflite"


def hand_score(image: NDArray[np.uint8]) -> float:
    """Return the best score (logit) of any place in the picture to be a palm.

    Args:
        image: (h, w, 3) uint8 RGB, upright, the longer side at least 192.
    """
    high, wide = image.shape[:2]
    scale = SIDE / max(high, wide)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    square = np.zeros((SIDE, SIDE, 3), dtype=np.float32)
    square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    net = _net()
    net.setInput(np.ascontiguousarray((square / 255).transpose(2, 0, 1)[None]))
    return float(np.asarray(net.forward("Identity_1")).max())


@lru_cache(maxsize=1)
def _net() -> Any:
    return cv2.dnn.readNetFromTFLite(str(_WEIGHTS), cv2.dnn.ENGINE_CLASSIC)
