"""How unsteadily the camera turned in each second, by its own gyro."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media import Take, telemetry

STEP_S = 1 / 30
"""The turning is averaged over this long, as a frame does."""
ENOUGH = 0.8
"""Share of a second that must have samples."""
_SLOWEST = 60.0
"""Samples a second that a gyro must have, two for each step."""


def turns(take: Take) -> list[float]:
    """Return how much the speed of turning changes from 1/30 s to the next, in rad/s.

    One mean for each second of the take, NaN where there is no telemetry; empty without a gyro.

    Raises:
        InputError: a file cannot be read.
    """
    if not any(m.telemetry for m in take.media):
        return []
    stream = telemetry(take, ["GYRO"]).streams.get("GYRO")
    if stream is None or stream.values.shape[1] < 3 or stream.rate < _SLOWEST:
        return []
    return unsteadiness(stream.times_s, stream.values[:, :3], take.duration_s)


def unsteadiness(
    times_s: NDArray[np.float64], speeds: NDArray[np.float64], duration_s: float
) -> list[float]:
    """Return the mean change of turning in each second, NaN where too little is known.

    Args:
        times_s: (n,) on the take's clock.
        speeds: (n, 3) in rad/s, whatever the axes.
        duration_s: of the take.
    """
    steps = max(1, round(1 / STEP_S))
    count = max(1, int(np.ceil(duration_s)))
    place = np.floor(times_s * steps).astype(np.int64)
    inside = (place >= 0) & (place < count * steps) & np.isfinite(speeds).all(axis=1)
    place, speeds = place[inside], speeds[inside]
    often = np.bincount(place, minlength=count * steps).astype(np.float64)
    sums = [np.bincount(place, weights=speeds[:, k], minlength=count * steps) for k in range(3)]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.stack(sums, axis=1) / often[:, None]
    changes = np.linalg.norm(np.diff(mean, axis=0, prepend=mean[:1]), axis=1)
    by_second = changes.reshape(count, steps)
    known = np.isfinite(by_second)
    total = np.where(known, by_second, 0.0).sum(axis=1)
    enough = known.mean(axis=1) >= ENOUGH
    return [float(x) for x in np.where(enough, total / np.maximum(known.sum(axis=1), 1), np.nan)]
