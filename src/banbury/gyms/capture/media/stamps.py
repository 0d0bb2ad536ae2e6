"""When each packet of a track is presented, without decoding any, and what is missing by that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media.media import Hole

SLACK_S = 0.01
"""Sound that is missing for less is jitter of the stamps: no codec has shorter packets lost."""
STILL_S, STILL_TIMES = 0.25, 4.0
"""Pictures are missing where the next comes this late, and this many times later than usual."""


class Stamps(NamedTuple):
    """The packets of one track, in the order of presentation.

    Attributes:
        times_s: (n,) float64, when each is presented, on the file's clock.
        lengths_s: (n,) float64, how long each lasts.
        keys: (n,) bool, which can be decoded alone.
    """

    times_s: NDArray[np.float64]
    lengths_s: NDArray[np.float64]
    keys: NDArray[np.bool_]

    @property
    def end_s(self) -> float:
        """When the last packet ends, 0 without any."""
        return float((self.times_s + self.lengths_s).max()) if len(self.times_s) else 0.0


def sorted_stamps(rows: NDArray[np.float64]) -> Stamps:
    """Return stamps from (time, length, key) rows; a length of 0 is told by the next packet."""
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    times, lengths = rows[:, 0].copy(), rows[:, 1].copy()
    if len(times) > 1 and (lengths <= 0).any():
        steps = np.diff(times, append=2 * times[-1] - times[-2])
        lengths = np.where(lengths <= 0, np.minimum(steps, np.median(steps)), lengths)
    return Stamps(times, lengths, rows[:, 2] > 0)


def capped(track: Stamps) -> Stamps:
    """Cut what is longer than a packet can be: MP4 lets a packet last until the next one comes."""
    usual = float(np.median(track.lengths_s)) if len(track.lengths_s) else 0.0
    over = track.lengths_s > usual + SLACK_S
    return track._replace(lengths_s=np.where(over, usual, track.lengths_s))


def sound_holes(sound: Stamps, end_s: float, slack_s: float = SLACK_S) -> Iterator[Hole]:
    """Yield the times up to `end_s` in which a track has no sound, the start and end included."""
    for k in np.flatnonzero(_gaps(sound) > slack_s):
        at = float(sound.times_s[k - 1] + sound.lengths_s[k - 1]) if k else 0.0
        yield Hole(at, float(sound.times_s[k]), "sound")
    if end_s - sound.end_s > slack_s:
        yield Hole(max(0.0, sound.end_s), end_s, "sound")


def _gaps(track: Stamps) -> NDArray[np.float64]:
    """Return how long after the end of the packet before it each packet begins, (n,)."""
    ends = np.concatenate([[0.0], (track.times_s + track.lengths_s)[:-1]])
    gaps: NDArray[np.float64] = track.times_s - ends
    return gaps


def picture_holes(picture: Stamps, end_s: float) -> Iterator[Hole]:
    """Yield the times up to `end_s` in which no new picture comes, though one should."""
    if not len(picture.times_s):
        return
    usual = float(np.median(np.diff(picture.times_s))) if len(picture.times_s) > 1 else 0.0
    late = max(STILL_S, STILL_TIMES * usual)
    points = np.concatenate([[0.0], picture.times_s, [end_s]])
    for k in np.flatnonzero(np.diff(points) > late):
        shown = usual if k else 0.0
        yield Hole(float(points[k]) + shown, float(points[k + 1]), "picture")


def varies(picture: Stamps) -> bool:
    """Return whether the frames follow at changing intervals: a tenth of them off by a tenth."""
    steps = np.diff(picture.times_s)
    if len(steps) < 2:
        return False
    usual = float(np.median(steps))
    return bool(np.mean(np.abs(steps - usual) > 0.1 * usual) > 0.02)
