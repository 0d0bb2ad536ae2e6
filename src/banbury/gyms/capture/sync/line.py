"""Two clocks as a line: robust fits with intervals.

The slope starts from the median of slopes (Theil 1950, Sen 1968) and is refined by least squares
with Tukey's biweight.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from banbury.gyms.capture.sync.windows import Doubles, Hits

TUKEY = 4.685
LEAST_SPREAD_S = 4e-6
"""A window is never trusted further than this: a sixteenth of a sample."""
NEIGHBOURS = 2.0
"""Variance inflation, as neighbouring windows err alike."""


class Line(NamedTuple):
    """lag = lag_s + slope * (t - at_s), with standard errors, and the windows' scatter."""

    at_s: float
    lag_s: float
    slope: float
    lag_error: float
    slope_error: float
    spread_s: float

    def of(self, t_s: Doubles) -> Doubles:
        """Return the lag at times."""
        return self.lag_s + self.slope * (np.asarray(t_s) - self.at_s)


def fit(hits: Hits, slope: float | None = None) -> Line:
    """Fit a line to at least two hits; with `slope` given, its height alone."""
    t, lag = hits.t_s, hits.lag_s
    weight = np.minimum(hits.z**2, 400.0)
    middle = float(np.average(t, weights=weight))
    held = theil_sen(t, lag) if slope is None else slope
    height = float(np.median(lag - held * (t - middle)))
    used = weight
    spread = LEAST_SPREAD_S
    for _ in range(20):
        rest = lag - height - held * (t - middle)
        spread = max(LEAST_SPREAD_S, 1.4826 * float(np.median(np.abs(rest))))
        ratio = np.clip(rest / (TUKEY * spread), -1, 1)
        used = weight * (1 - ratio**2) ** 2
        if not used.any():
            used = weight
        if slope is None:
            middle, height, held, moved = _step(t, lag, used, middle, height, held)
        else:
            new = float(np.average(lag - held * (t - middle), weights=used))
            moved, height = abs(new - height), new
        if moved < 1e-9:
            break
    total = used.sum()
    effective = max(1.0, total**2 / float((used**2).sum()))
    moment = float((used * (t - middle) ** 2).sum() / total)
    error = spread * np.sqrt(NEIGHBOURS / effective)
    tilt = 0.0 if slope is not None else error / np.sqrt(max(moment, 1e-9))
    return Line(middle, height, held, float(error), float(tilt), spread)


def _step(
    t: Doubles, lag: Doubles, used: Doubles, middle: float, height: float, slope: float
) -> tuple[float, float, float, float]:
    new_middle = float(np.average(t, weights=used))
    x = t - new_middle
    moment = float((used * x * x).sum())
    new = float((used * x * lag).sum() / moment) if moment > 0 else slope
    new_height = float(np.average(lag, weights=used))
    moved = abs(new_height - height - slope * (new_middle - middle))
    span = float(np.ptp(t)) or 1.0
    return new_middle, new_height, new, moved + abs(new - slope) * span


def theil_sen(t: Doubles, lag: Doubles, most: int = 400) -> float:
    """Return the median slope, of pairs at least a third of the span apart."""
    if len(t) < 2 or np.ptp(t) == 0:
        return 0.0
    keep = np.unique(np.linspace(0, len(t) - 1, min(len(t), most)).astype(int))
    x, y = t[keep], lag[keep]
    over = x[None, :] - x[:, None]
    rise = y[None, :] - y[:, None]
    far = over >= np.ptp(t) / 3
    return float(np.median(rise[far] / over[far]))
