"""Flatten sound in time and frequency, and bring it from 16 kHz to 4 kHz in the same step.

Each short spectrum is divided by most of its own magnitude (what the phase transform of Knapp and
Carter 1976 does to a cross-spectrum), so that hum, a loud voice or the wind weigh no more than what
else there is to hear, and chance has one known spread: that of white noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

FRAME, HOP = 1024, 512
"""Samples of a frame at 16 kHz, and between frames."""
LOW_FRAME, LOW_HOP = FRAME // 4, HOP // 4
BINS = slice(9, 125)
"""140 to 1,950 Hz: above the mains and the rumble of hands, below half of 4 kHz."""
FLOOR = 3e-3
"""Magnitude of a bin below which it counts as silent: that of noise of about one 16-bit step."""
SCALE = 40.0
"""int8 for a standard deviation of one."""


class Flattener:
    """Takes blocks at 16 kHz; gives int8 at 4 kHz, of standard deviation 40 where sound is."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(FRAME + 1)[:-1]).astype(np.float32)
        self._low_window = np.sqrt(np.hanning(LOW_FRAME + 1)[:-1]).astype(np.float32)
        self._rest = np.zeros(HOP, np.float32)
        self._over = np.zeros(LOW_HOP, np.float32)
        self._first = True

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.int8]:
        """Take samples; return what is ready."""
        sound = np.concatenate([self._rest, block])
        count = (len(sound) - FRAME) // HOP + 1
        if count <= 0:
            self._rest = sound
            return np.zeros(0, np.int8)
        parts = [
            self._frames(sound[at * HOP : (min(at + 512, count) - 1) * HOP + FRAME])
            for at in range(0, count, 512)
        ]
        self._rest = sound[count * HOP :]
        out = np.concatenate(parts)
        if self._first:
            self._first, out = False, out[LOW_HOP:]
        return out

    def finish(self) -> NDArray[np.int8]:
        """Return the rest."""
        return self.feed(np.zeros(2 * FRAME, np.float32))

    def _frames(self, sound: NDArray[np.float32]) -> NDArray[np.int8]:
        views = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
        spectra = fft.rfft(views * self._window, axis=1)[:, : LOW_FRAME // 2 + 1]
        flat = np.zeros_like(spectra)
        size = np.abs(spectra[:, BINS])
        flat[:, BINS] = spectra[:, BINS] / np.maximum(size, FLOOR)
        low = fft.irfft(flat, n=LOW_FRAME, axis=1) * self._low_window
        out = np.zeros((len(low) + 1, LOW_HOP), np.float32)
        out[0] = self._over
        out[:-1] += low[:, :LOW_HOP]
        out[1:] += low[:, LOW_HOP:]
        self._over = out[-1].copy()
        scale = SCALE * LOW_FRAME / np.sqrt(2 * (BINS.stop - BINS.start))
        return np.asarray(np.clip(np.round(out[:-1].ravel() * scale), -127, 127), np.int8)
