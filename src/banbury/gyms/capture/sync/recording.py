"""One take's sound, decoded once: 16 kHz in a scratch file, a flattened 4 kHz track in memory.

A five-hour take is 576 MB of scratch file, which is read in windows, and 72 MB of memory.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.sync.flatten import Flattener

RATE = 16_000
"""Samples a second of the windows."""
LOW_RATE = 4_000
"""Samples a second of the flattened track."""
SILENT = 6e-5
"""Root mean square below which a block holds no sound: two steps of 16 bits, -84 dB."""
Floats = NDArray[np.float32]


class Footage(Protocol):
    """What is synchronized: a `media.Take`, or anything else with sound on one clock."""

    @property
    def duration_s(self) -> float:
        """Seconds of the take."""

    @property
    def has_sound(self) -> bool:
        """Whether there is a track of sound."""

    def sound(self, rate: int = RATE) -> Iterator[Floats]:
        """Yield float32 mono blocks in [-1, 1]; holes are filled with zeros."""


class Recording:
    """The sound of a take, to be read in windows. Close it, or use it in a `with`."""

    def __init__(self, take: Footage, report: Callable[[float], None] | None = None) -> None:
        self._file = tempfile.TemporaryFile(prefix="banbury-sound-")  # noqa: SIM115
        self.count = 0
        low, loud = [], []
        flattener = Flattener()
        left = np.zeros(0, np.float32)
        for block in take.sound(RATE) if take.has_sound else ():
            sound = np.nan_to_num(np.asarray(block, np.float32), copy=False)
            np.clip(sound, -1.0, 1.0, out=sound)
            self._file.write(np.round(sound * 32767).astype(np.int16).tobytes())
            self.count += len(sound)
            low.append(flattener.feed(sound))
            left = np.concatenate([left, sound])
            whole = len(left) // RATE
            seconds = left[: whole * RATE].reshape(whole, RATE)
            loud.append(np.sqrt(np.mean(seconds * seconds, axis=1)))
            left = left[whole * RATE :]
            if report and take.duration_s > 0:
                report(min(1.0, self.count / RATE / take.duration_s))
        if len(left):
            loud.append(np.sqrt(np.mean(left * left, keepdims=True)))
        self._file.flush()
        low.append(flattener.finish())
        self.low = np.concatenate(low)
        """int8, flattened, at 4 kHz; sample n stands at n / 4,000 s."""
        self.levels = np.concatenate([*loud, np.zeros(0, np.float32)])
        """Root mean square of each second."""

    @property
    def duration_s(self) -> float:
        """Seconds of sound."""
        return self.count / RATE

    @property
    def sounding_s(self) -> float:
        """Seconds in which there is something to hear."""
        return float((self.levels > SILENT).sum())

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear in any second."""
        return not bool((self.levels > SILENT).any())

    def window(self, start: int, count: int) -> Floats:
        """Return samples at 16 kHz, zeros outside the take."""
        out = np.zeros(count, np.float32)
        first, last = max(0, start), min(self.count, start + count)
        if last > first:
            data = os.pread(self._file.fileno(), 2 * (last - first), 2 * first)
            out[first - start : last - start] = np.frombuffer(data, np.int16)
        out *= 1 / 32767
        return out

    def blocks(self, count: int = 60 * RATE) -> Iterator[Floats]:
        """Yield the whole sound in blocks of `count` samples."""
        for start in range(0, self.count, count):
            yield self.window(start, min(count, self.count - start))

    def close(self) -> None:
        """Remove the scratch file."""
        self._file.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
