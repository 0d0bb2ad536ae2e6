"""Shaking: what a few frames in a row show, and what the camera's gyro says of it.

A picture that shakes while the gyro is calm shows something that moves before the camera; a gyro
that shakes while the picture is calm belongs to a stabilised one. Where there is a gyro, a fault
needs both, and its start and end are the gyro's.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from banbury.gyms.capture.quality.findings import Fault
from banbury.gyms.capture.quality.readings import Sights
from banbury.gyms.capture.quality.runs import Bools, Floats, fault, runs, settled
from banbury.gyms.capture.quality.sampling import BURST_EVERY_S

SHAKE = 0.35
"""The picture's speed changes by this many widths a second from frame to frame of 1/30 s."""
TURNS = 0.3
"""The camera turns faster or slower by this, rad/s, from 1/30 s to the next, the mean of a second.

A lens sees 1.2 to 2.1 rad across, so `SHAKE` is 0.4 to 0.7; in a walk it is below 0.2.
"""
REACH_S = 2
"""Seconds before and after a burst in which the gyro's shaking is the same."""
SAID = "The camera shakes."


def shaken(sights: Sights, times: Floats, unseen: Bools, duration_s: float) -> Iterator[Fault]:
    """Yield where the camera shakes.

    Args:
        sights: what was seen.
        times: (n,) when each burst begins.
        unseen: (n,) where the picture shows nothing.
        duration_s: of the take.
    """
    told = ~np.isnan(sights.shake) & ~unseen
    at, worst = times[told], np.asarray(sights.shake)[told] / SHAKE
    turns = np.asarray(sights.turns, dtype=np.float64)
    by_gyro = _known(turns, at)
    yield from _by_picture(at, np.where(by_gyro, 0.0, worst), duration_s)
    yield from _by_both(at[by_gyro & (worst > 1)], worst[by_gyro & (worst > 1)], turns, duration_s)


def _by_picture(at: Floats, worst: Floats, duration_s: float) -> Iterator[Fault]:
    """One burst may fall on a start of the head; two in a row are shaking."""
    half = BURST_EVERY_S / 2
    starts, ends = np.maximum(at - half, 0.0), np.minimum(at + half, duration_s)
    yield from runs("shake", settled(worst > 1), worst, starts, ends, 2.0, SAID)


def _by_both(at: Floats, worst: Floats, turns: Floats, duration_s: float) -> Iterator[Fault]:
    """The seconds around a shaken burst in which the gyro shakes too."""
    marks = np.zeros(len(turns))
    with np.errstate(invalid="ignore"):
        moving = turns > TURNS
    for t, how_much in zip(at, worst, strict=True):
        second = min(int(t), len(turns) - 1)
        for way in (range(second, -1, -1), range(second, len(turns))):
            for k in way:
                if abs(k - second) > REACH_S or (not moving[k] and k != second):
                    break
                marks[k] = max(marks[k], how_much * moving[k])
    edges = np.diff(np.concatenate([[0], (marks > 0).astype(np.int8), [0]]))
    for a, b in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        severity = float(np.median(marks[a:b]))
        yield fault(float(a), min(float(b), duration_s), "shake", severity, SAID)


def _known(turns: Floats, at: Floats) -> Bools:
    """Return at which times the gyro tells anything."""
    second = np.minimum(at.astype(np.int64), len(turns) - 1)
    if not len(turns):
        return np.zeros(len(at), dtype=bool)
    known: Bools = ~np.isnan(turns[second])
    return known
