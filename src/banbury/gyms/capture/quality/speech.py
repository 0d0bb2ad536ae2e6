"""Whether anybody speaks: Silero's voice activity detector, run by onnxruntime.

The weights are `silero_vad_16k_sequence.onnx` of silero-vad 6.2.3 (MIT).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.libraries import onnxruntime

RATE = 16_000
WINDOW = 512
"""Samples that one probability stands for: 32 ms."""
SPOKEN = 0.5
"""A window with this probability is speech, as Silero's own default."""
_CONTEXT = 64
_WEIGHTS = Path(__file__).parent / "models" / "silero_vad_16k_sequence.onnx"


class Listener:
    """Says how likely each window of one sound is speech, from block to block."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, dtype=np.float32)
        self._before = np.zeros(_CONTEXT, dtype=np.float32)
        self._hidden = np.zeros((1, 1, 128), dtype=np.float32)
        self._cell = np.zeros((1, 1, 128), dtype=np.float32)

    def hear(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities of the windows that this block completes, (n,).

        Args:
            block: the next samples, (n,) mono at 16 kHz.
        """
        samples = np.concatenate([self._rest, block.astype(np.float32, copy=False)])
        count = len(samples) // WINDOW
        self._rest = samples[count * WINDOW :]
        if not count:
            return np.zeros(0, dtype=np.float32)
        windows = samples[: count * WINDOW].reshape(count, WINDOW)
        before = np.concatenate([self._before[None], windows[:-1, -_CONTEXT:]])
        self._before = windows[-1, -_CONTEXT:].copy()
        given = {
            "input": np.concatenate([before, windows], axis=1),
            "h": self._hidden,
            "c": self._cell,
        }
        odds, self._hidden, self._cell = _session().run(["speech_probs", "hn", "cn"], given)
        return np.asarray(odds, dtype=np.float32).reshape(-1)


def speech(blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the probabilities of speech, one each 32 ms, block by block of 16 kHz mono sound."""
    listener = Listener()
    for block in blocks:
        yield listener.hear(block)


@lru_cache(maxsize=1)
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(_WEIGHTS), sess_options=options, providers=["CPUExecutionProvider"]
    )
