"""Two slow series, such as how fast two cameras turn: at which lag they match, if at any."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

LEAST_Z, LEAST_ALIKE, MOST_SECOND = 9.0, 0.5, 0.75
LEAST_S = 4.0
Doubles = NDArray[np.float64]


class Series(NamedTuple):
    """Values (n,) at `start_s + n / rate` on a take's clock."""

    start_s: float
    rate: float
    values: Doubles


class Match(NamedTuple):
    """b's time less a's; how alike both are there (0 to 1), how far above the other lags."""

    lag_s: float
    alike: float
    z: float
    second: float

    @property
    def sure(self) -> bool:
        """Whether it is neither chance nor one of several."""
        return self.z >= LEAST_Z and self.alike >= LEAST_ALIKE and self.second <= MOST_SECOND


def match(a: Series, b: Series) -> Match | None:
    """Return the lag at which two series of one rate match best; None if they are too short."""
    x, y = _still(a.values), _still(b.values)
    least = int(LEAST_S * a.rate)
    if min(len(x), len(y)) < least or not x.any() or not y.any():
        return None
    size = fft.next_fast_len(len(x) + len(y), real=True)

    def crossed(one: Doubles, other: Doubles) -> Doubles:
        turned = np.conj(fft.rfft(one, size)) * fft.rfft(other, size)
        return np.roll(fft.irfft(turned, size), len(x))

    products = crossed(x, y)
    powers = crossed(np.ones_like(x), y * y) * crossed(x * x, np.ones_like(y))
    shared = crossed(np.ones_like(x), np.ones_like(y))
    alike = products / np.sqrt(np.maximum(powers, 1e-12))
    alike[shared < max(least, 0.1 * min(len(x), len(y)))] = 0
    at = int(np.argmax(alike))
    beside = alike.copy()
    near = int(0.3 * a.rate) + 1
    beside[max(0, at - near) : at + near + 1] = 0
    spread = 1.4826 * float(np.median(np.abs(beside[beside != 0]))) if beside.any() else 1.0
    before, here, over = (float(alike[(at + k) % size]) for k in (-1, 0, 1))
    bend = min(before - 2 * here + over, -1e-9)
    shift = float(np.clip(0.5 * (before - over) / bend, -0.5, 0.5))
    lag = (at + shift - len(x)) / a.rate + b.start_s - a.start_s
    top = max(here, 1e-9)
    return Match(lag, here, here / max(spread, 1e-9), float(beside.max()) / top)


def _still(values: Doubles) -> Doubles:
    """Changes about a running mean, large ones held down to four spreads."""
    if len(values) < 8:
        return np.zeros(len(values))
    moved = values - np.convolve(values, np.ones(15) / 15, mode="same")
    spread = 1.4826 * float(np.median(np.abs(moved - np.median(moved)))) or float(moved.std())
    return np.clip(moved, -4 * spread, 4 * spread) if spread > 0 else np.zeros(len(values))


def regular(times_s: Doubles, values: Doubles, rate: float) -> Series | None:
    """Bring values at uneven times to one rate; None if there are too few."""
    order = np.argsort(times_s, kind="stable")
    times, kept = times_s[order], values[order]
    if len(times) < 8 or times[-1] - times[0] < LEAST_S:
        return None
    count = int((times[-1] - times[0]) * rate)
    grid = times[0] + np.arange(count) / rate
    return Series(float(times[0]), rate, np.interp(grid, times, kept))
