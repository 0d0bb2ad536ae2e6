"""From what was measured to faults: limits, and how long something must last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality import sound
from banbury.gyms.capture.quality.covering import partly_covered
from banbury.gyms.capture.quality.findings import Fault, Kind
from banbury.gyms.capture.quality.freezing import frozen
from banbury.gyms.capture.quality.hands import SEEN
from banbury.gyms.capture.quality.readings import Sights, Sounds
from banbury.gyms.capture.quality.runs import Bools, Floats, fault, filled, halfway, runs
from banbury.gyms.capture.quality.shaking import shaken

BLUR = 3.6
"""Edges wider than this, in pixels at 640 across: a Gaussian blur of 2 such pixels and more."""
BLIND = 11.0
"""Edges this wide: nothing in the picture has an outline."""
DARK = 56
"""Nothing but a fiftieth of the picture is brighter than this, of 255."""
WHITE = 0.4
"""This share of the picture is burnt out."""
BARE = 0.01
"""A picture in which less than this share shows anything."""
NO_HANDS_S = 30.0
"""Hands out of view for this long are worth saying."""
SCREEN = 7.0
"""A peak of the spectrum this far above its surroundings."""
SILENT = -75.0
"""Sound below this level, in dB of full scale, is none."""
HOLE_S = 0.5
"""A gap between two frames that is lost time."""
GAPPY = 0.05
"""Ten seconds with this share of their frames missing are lost."""
LATE = 1.7
"""A frame that comes after so many usual steps is not the next one."""
BLOCK_S = 10.0
NOTHING = "The picture shows nothing: the lens is covered, or it is pitch dark."


def picture_faults(sights: Sights, duration_s: float) -> Iterator[Fault]:
    """Yield what is wrong with the picture.

    Args:
        sights: what was seen.
        duration_s: of the take.
    """
    if not sights.t_s:
        yield fault(0.0, duration_s, "no picture", 1.0, "There is no picture.")
        return
    times = np.asarray(sights.t_s)
    edge, texture = filled(sights.edge, 0.0), np.asarray(sights.texture)
    high, white = np.asarray(sights.high), np.asarray(sights.white)
    starts, ends = halfway(times, duration_s)
    covered = (texture < BARE) & (white < WHITE) | (edge > BLIND)
    dark = (high < DARK) & ~covered
    unseen = covered | dark
    rows: list[tuple[Kind, Bools, Floats, float, str]] = [
        ("covered", covered, np.ones(len(times)), 2.0, NOTHING),
        ("dark", dark, DARK / np.maximum(high, 1), 3.0, "The picture is too dark."),
        ("bright", white > WHITE, white / WHITE, 3.0, "The picture is burnt out."),
        ("blur", (edge > BLUR) & ~unseen, edge / BLUR, 2.0, "The picture is blurred."),
    ]
    for kind, flags, how_much, least, said in rows:
        yield from runs(kind, flags, how_much, starts, ends, least, said)
    yield from shaken(sights, times, unseen, duration_s)
    yield from frozen(sights, times, unseen)
    yield from partly_covered(sights, starts, ends, unseen)
    yield from dropped(np.sort(np.asarray(sights.packets.times_s)), duration_s)
    yield from _no_hands(sights, times, duration_s)
    yield from _screen(sights, times, duration_s)


def _no_hands(sights: Sights, times: Floats, duration_s: float) -> Iterator[Fault]:
    looked = ~np.isnan(sights.hand)
    if not looked.any():
        return
    at = times[looked]
    missing = np.asarray(sights.hand)[looked] < SEEN
    ends = np.append(at[1:], duration_s)
    said = "No bare hand was seen."
    yield from runs("no hands", missing, np.ones(len(at)), at, ends, NO_HANDS_S, said)


def _screen(sights: Sights, times: Floats, duration_s: float) -> Iterator[Fault]:
    looked = ~np.isnan(sights.screen)
    if not looked.any():
        return
    at, score = times[looked], np.asarray(sights.screen)[looked]
    ends = np.append(at[1:], duration_s)
    said = "The picture is woven as when a screen is filmed."
    yield from runs("screen", score > SCREEN, score / SCREEN, at, ends, 8.0, said)


def dropped(times: Floats, duration_s: float) -> Iterator[Fault]:
    """Yield where frames are missing by their time stamps, and the time is lost.

    Args:
        times: (n,) when each frame is shown, in seconds, ascending.
        duration_s: of the take.
    """
    missing = missing_frames(times)
    steps = np.diff(times)
    for k in np.flatnonzero((steps > HOLE_S) & (missing > 0)):
        said = f"{steps[k]:.1f} s without a new frame."
        yield fault(float(times[k]), float(times[k + 1]), "dropped", steps[k] / HOLE_S, said)
    small = np.where(steps > HOLE_S, 0, missing)
    block = (times[:-1] // BLOCK_S).astype(np.int64) if len(times) else np.zeros(0, np.int64)
    lost, shown = np.bincount(block, weights=small), np.bincount(block)
    share = lost / np.maximum(lost + shown, 1)
    for b in np.flatnonzero(share > 0):
        start, end = b * BLOCK_S, min((b + 1) * BLOCK_S, duration_s)
        said = f"{share[b]:.1%} of the frames are missing."
        yield fault(start, end, "dropped", share[b] / GAPPY, said, loses=bool(share[b] >= GAPPY))


def missing_frames(times: Floats) -> NDArray[np.int64]:
    """Return how many frames are missing after each but the last, (n - 1,), by their stamps.

    What is usual is the median step of the ten seconds around, so that a rate may change.
    """
    steps = np.diff(times)
    made = np.zeros(len(steps), dtype=np.int64)
    block = (times[:-1] // BLOCK_S).astype(np.int64)
    for b in np.unique(block):
        here = np.flatnonzero(block == b)
        usual = float(np.median(steps[here]))
        if usual > 0:
            late = steps[here] > LATE * usual
            made[here[late]] = np.rint(steps[here[late]] / usual).astype(np.int64) - 1
    return made


def sound_faults(sounds: Sounds, duration_s: float, *, sounded: bool) -> Iterator[Fault]:
    """Yield what is to be said of the sound, second by second."""
    if not sounded:
        yield fault(0.0, duration_s, "no sound", 1.0, "There is no sound.")
        return
    times = np.arange(len(sounds.level), dtype=np.float64)
    ends = np.minimum(times + 1, duration_s)
    ones = np.ones(len(times))
    silent = np.asarray(sounds.level) < SILENT
    yield from runs("no sound", silent, ones, times, ends, 5.0, "The sound is silent.")
    clipped = np.asarray(sounds.clipped)
    worst = clipped / sound.MANY
    yield from runs("clipping", worst > 1, worst, times, ends, 1.0, "The sound is clipped.")
    spoken = np.asarray(sounds.speech)
    yield from runs("speech", spoken > 0.25, spoken, times, ends, 1.0, "Somebody speaks.")
