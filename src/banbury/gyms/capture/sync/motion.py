"""Image motion: when the pictures change, against each other and against the sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media import Take
from banbury.gyms.capture.sync import series
from banbury.gyms.capture.sync.result import Method
from banbury.gyms.capture.sync.series import Series

RATE = 15.0
MOST_S = 1_200.0
"""Seconds of a take that are looked at, from its start: decoding pictures is slow."""
WIDTH = 96
AROUND_S = 0.6
LEAST_CLAPS = 3
Doubles = NDArray[np.float64]


def change(take: Take) -> Series | None:
    """Return how much brightness changes from frame to frame; None without pictures."""
    if not take.has_picture:
        return None
    times, values = _changes(take, 0.0, min(MOST_S, take.duration_s), 1 / RATE)
    return series.regular(times, values, RATE)


def _changes(take: Take, start_s: float, end_s: float, every_s: float) -> tuple[Doubles, Doubles]:
    """Times of frames and the mean change of brightness since the frame before."""
    times, values = [], []
    before: NDArray[np.float32] | None = None
    for frame in take.frames(every_s=every_s, width=WIDTH, start_s=start_s, end_s=end_s):
        image = frame.image.astype(np.float32)
        if before is not None and before.shape == image.shape:
            times.append(frame.t_s)
            values.append(float(np.abs(image - before).mean()))
        before = image
    return np.array(times), np.array(values)


def compare(a: Series | None, b: Series | None) -> Method:
    """Return b's clock against a's by when their pictures change."""
    if a is None or b is None:
        return Method("motion", why="not both takes have pictures of four seconds or more")
    found = series.match(a, b)
    if found is None:
        return Method("motion", why="too short, or nothing moves")
    if not found.sure:
        return Method("motion", why=f"the pictures do not move alike (at most {found.alike:.2f})")
    why = f"the pictures move alike ({found.alike:.2f})"
    return Method("motion", True, found.lag_s, 1 / RATE, None, False, why)


def lag_ms(take: Take, claps_s: Doubles) -> float | None:
    """Return how far the sound is behind the picture, in ms, to about a frame.

    About each clap the frame is sought in which the picture changes most: of a clap the hands'
    way together, of a flash its light. It is told where three claps or more agree, and no two
    clusters of them compete.
    """
    if not take.has_picture or len(claps_s) < LEAST_CLAPS:
        return None
    found = []
    for clap in claps_s:
        start = max(0.0, float(clap) - AROUND_S)
        times, values = _changes(take, start, float(clap) + AROUND_S, 0.0)
        if len(values) > 4 and values.max() > 4 * np.median(values) + 1.0:
            first = int(np.argmax(values >= 0.7 * values.max()))
            found.append(float(clap) - float(times[first]))
    room = 1.5 / max(1.0, _rate(take))
    most, rest = _gathered(np.array(found), room)
    if len(most) < LEAST_CLAPS or 2 * len(_gathered(rest, room)[0]) > len(most):
        return None
    return 1e3 * float(np.mean(most))


def _gathered(values: Doubles, room: float) -> tuple[Doubles, Doubles]:
    """The most values that lie within `room` of one of them, and the rest."""
    if len(values) == 0:
        return values, values
    near = np.abs(values[:, None] - values[None, :]) <= room
    best = near[int(np.argmax(near.sum(axis=1)))]
    return values[best], values[~best]


def _rate(take: Take) -> float:
    tracks = take.media[0].of("video")
    return tracks[0].rate if tracks else 0.0
