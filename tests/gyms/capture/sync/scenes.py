"""Cameras with known clocks, made of sound that is made here: bursts of coloured noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import signal

RATE = 16_000


@dataclass
class Take:
    """Samples that stand for a take."""

    samples: np.ndarray
    has_sound: bool = True

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE

    def sound(self, rate: int = RATE) -> Iterator[np.ndarray]:
        assert rate == RATE
        for at in range(0, len(self.samples), 10 * RATE):
            yield self.samples[at : at + 10 * RATE].astype(np.float32)


def scene(seconds: float, seed: int) -> np.ndarray:
    """Work noise: bursts of noise, each with its own colour and length, on a quiet ground."""
    rng = np.random.default_rng(seed)
    out = 0.004 * rng.standard_normal(int(seconds * RATE))
    at = 0
    while at < len(out):
        size = int(rng.uniform(0.05, 0.6) * RATE)
        low, high = np.sort(rng.uniform(200, 7_000, 2))
        taps = signal.butter(1, [low, high + 300], "bandpass", fs=RATE)
        burst = signal.lfilter(*taps, rng.standard_normal(size)) * np.hanning(size)
        part = out[at : at + size]
        part += 0.2 * burst[: len(part)]
        at += int(rng.uniform(0.1, 0.9) * RATE)
    return out


def camera(
    world: np.ndarray,
    start_s: float,
    seconds: float,
    ppm: float = 0.0,
    db: float = 20.0,
    seed: int = 0,
) -> np.ndarray:
    """What a camera hears that starts at `start_s` and whose clock runs `ppm` fast."""
    rng = np.random.default_rng(seed)
    t = start_s + np.arange(int(seconds * RATE)) / RATE / (1 + ppm * 1e-6)
    heard = _at(world, t * RATE)
    noise = rng.standard_normal(len(heard))
    return heard + noise * heard.std() * 10 ** (-db / 20)


def _at(world: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The world between its samples, by a cubic spline on twice the samples."""
    twice = signal.resample_poly(world, 2, 1)
    whole = np.floor(2 * places).astype(int)
    f = 2 * places - whole
    p = [twice[np.clip(whole + k, 0, len(twice) - 1)] for k in (-1, 0, 1, 2)]
    return p[1] + 0.5 * f * (
        p[2]
        - p[0]
        + f * (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3] + f * (3 * (p[1] - p[2]) + p[3] - p[0]))
    )


def truth(start_a: float, start_b: float, ppm: float, t: float) -> float:
    """b's time at a's time `t`, where a runs true."""
    return (1 + ppm * 1e-6) * (t + start_a - start_b)
