"""Fine windows: the generalised cross-correlation with phase transform of a against b.

After Knapp and Carter 1976, "The generalized correlation method for estimation of time delay": the
cross-spectrum keeps its phases alone, so that its transform is a sharp peak at the delay, whatever
the microphones did to the spectrum. The peak is read between samples by a parabola.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from banbury.gyms.capture.sync.recording import RATE, SILENT, Floats, Recording

SIZE, FFT_SIZE = 24_576, 32_768
"""Samples of a window of a, 1.536 s, and of b's stretch that it is sought in."""
REACH = (FFT_SIZE - SIZE) // 2
"""Samples to either side of the expected lag that are searched: 0.256 s."""
BAND_HZ = (150.0, 7_200.0)
PEAKS = 3
BATCH = 32
Doubles = NDArray[np.float64]


class Hits(NamedTuple):
    """Peaks of windows: a's time of the window's middle, b's time less it, standard deviations."""

    t_s: Doubles
    lag_s: Doubles
    z: Doubles

    def where(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Hits:
        """Return those that `keep` names."""
        return Hits(self.t_s[keep], self.lag_s[keep], self.z[keep])


def starts(a: Recording, b: Recording, lag_s: float, hop: int = SIZE) -> NDArray[np.int64]:
    """Return the first samples of a's windows that meet b's sound at about that lag."""
    lag = round(lag_s * RATE)
    first, last = max(0, -lag), min(a.count, b.count - lag) - SIZE
    return np.arange(first, last + 1, hop, dtype=np.int64)


def correlograms(
    a: Recording, b: Recording, at: Sequence[int] | NDArray[np.int64], lags: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
    """Yield batches of windows' starts, expected lags and correlograms, silent ones left out.

    Args:
        a: the one recording.
        b: the other.
        at: first samples of windows of a.
        lags: the lag in samples expected of each.

    Yields:
        starts (n), lags (n), and (n, 2 * REACH) in standard deviations; column REACH is the
        expected lag.
    """
    taper = _taper()
    for begin in range(0, len(at), BATCH):
        x, y, kept = [], [], []
        for n in range(begin, min(begin + BATCH, len(at))):
            one = a.window(int(at[n]), SIZE)
            other = b.window(int(at[n] + lags[n]) - REACH, FFT_SIZE)
            if _sounds(one) and _sounds(other):
                x.append(one * taper)
                y.append(other)
                kept.append(n)
        if kept:
            yield np.asarray(at)[kept], lags[kept], phase_transform(np.stack(x), np.stack(y))


def phase_transform(x: Floats, y: Floats) -> Floats:
    """Return correlograms (n, 2 * REACH) of x (n, SIZE) in y (n, FFT_SIZE), in sigmas."""
    cross = fft.rfft(y, axis=1) * np.conj(fft.rfft(x, FFT_SIZE, axis=1))
    low, high = (int(f * FFT_SIZE / RATE) for f in BAND_HZ)
    flat = np.zeros_like(cross)
    size = np.abs(cross[:, low:high])
    flat[:, low:high] = cross[:, low:high] / (size + 1e-9 * size.max(axis=1, keepdims=True) + 1e-30)
    found = fft.irfft(flat, FFT_SIZE, axis=1)[:, : 2 * REACH]
    scale = FFT_SIZE / np.sqrt(2 * (high - low))
    return np.asarray(found * np.float32(scale), np.float32)


def coherence(a: Recording, b: Recording, at: int, lag_s: float) -> float:
    """Return the correlation of a window with its counterpart, 200 to 4,000 Hz, 0 to 1.

    Nothing is flattened here: of one recording, copied or coded again, it is close to 1.
    """
    whole = int(np.floor(lag_s * RATE))
    x = fft.rfft(a.window(at, SIZE) * _taper())
    y = fft.rfft(b.window(at + whole, SIZE) * _taper())
    bins = slice(200 * SIZE // RATE, 4_000 * SIZE // RATE)
    turn = np.exp(2j * np.pi * np.arange(bins.start, bins.stop) * (lag_s * RATE - whole) / SIZE)
    power = float((np.abs(x[bins]) ** 2).sum() * (np.abs(y[bins]) ** 2).sum())
    return float(abs((np.conj(x[bins]) * y[bins] * turn).sum()) / np.sqrt(power + 1e-30))


def hits(
    a: Recording,
    b: Recording,
    at: NDArray[np.int64],
    lag_at: Callable[[Doubles], Doubles],
    report: Callable[[float], None] | None = None,
) -> tuple[Hits, Doubles]:
    """Return the highest peaks of all windows, and the times of the windows that held sound."""
    times: list[Doubles] = []
    found: list[tuple[Doubles, Doubles, Doubles]] = []
    lags = np.round(lag_at((at + SIZE / 2) / RATE) * RATE).astype(np.int64)
    for starts_, expected, table in correlograms(a, b, at, lags):
        t = (starts_ + SIZE / 2) / RATE
        times.append(t)
        found += [(t, *peak) for peak in _peaks(table, expected)]
        if report:
            report(len(times) * BATCH / max(1, len(at)))
    if not found:
        nothing = np.zeros(0)
        return Hits(nothing, nothing, nothing), nothing
    t, lag, z = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(t, kind="stable")
    return Hits(t, lag, z).where(order), np.concatenate(times)


def _peaks(table: Floats, expected: NDArray[np.int64]) -> Iterator[tuple[Doubles, Doubles]]:
    """Yield, of the PEAKS highest of each row, lags in seconds and heights with their sign."""
    rows = np.arange(len(table))
    left = np.abs(table)
    left[:, [0, -1]] = 0
    for _ in range(PEAKS):
        at = np.argmax(left, axis=1)
        before, here, after = (np.abs(table[rows, at + k]).astype(np.float64) for k in (-1, 0, 1))
        bend = np.minimum(before - 2 * here + after, -1e-9)
        shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
        yield (expected + at - REACH + shift) / RATE, table[rows, at].astype(np.float64)
        for k in range(-8, 9):
            left[rows, np.clip(at + k, 0, left.shape[1] - 1)] = 0


def _sounds(sound: Floats) -> bool:
    return float(np.dot(sound, sound)) > SILENT * SILENT * len(sound)


def _taper() -> Floats:
    """Ends of a twentieth, rounded."""
    edge = SIZE // 20
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    return np.concatenate([rise, np.ones(SIZE - 2 * edge), rise[::-1]]).astype(np.float32)
