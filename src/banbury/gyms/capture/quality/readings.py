"""What one pass over a take brings: a row for each burst of frames and for each second of sound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.media import Take
from banbury.gyms.capture.quality.grid import cells
from banbury.gyms.capture.quality.hands import hand_score
from banbury.gyms.capture.quality.motion import NEARLY_MEAN, same, unsteady
from banbury.gyms.capture.quality.picture import look_at
from banbury.gyms.capture.quality.prints import INNER, imprint
from banbury.gyms.capture.quality.sampling import Burst, Packets, bursts
from banbury.gyms.capture.quality.screens import screen_score
from banbury.gyms.capture.quality.sound import listen
from banbury.gyms.capture.quality.speech import RATE, SPOKEN, WINDOW, Listener
from banbury.gyms.capture.quality.turning import turns

HANDS_EVERY_S = 4.0
SCREEN_EVERY = 4
"""Each fourth burst is looked at in full size for a screen."""

Report = Callable[[float], object]
Floats = NDArray[np.float64]


class Sights(msgspec.Struct):
    """What the bursts showed, one entry each; NaN where it could not be told.

    Attributes:
        t_s: when a burst begins, on the take's clock.
        edge: width of the sharpest edges, in pixels at 640 across.
        mean: brightness, 0 to 255.
        high: brightness that a fiftieth exceeds.
        white: share that is burnt out.
        texture: share that shows anything.
        shake: change of the picture's speed, widths per second and frame of 1/30 s.
        stands: 1 where the picture is the same as at the end of the burst before, and all through;
            0.5 where it is but for coding.
        cells: brightness and detail of each part of the picture.
        hand: score of the likeliest palm.
        screen: how strongly the picture is woven like a screen.
        prints: perceptual hashes of the whole picture and of its inner part.
        packets: times and sizes of all packets of the picture.
        turns: how unsteadily the camera turned in each second, by its gyro; empty without one.
    """

    t_s: list[float] = msgspec.field(default_factory=list)
    edge: list[float] = msgspec.field(default_factory=list)
    mean: list[float] = msgspec.field(default_factory=list)
    high: list[float] = msgspec.field(default_factory=list)
    white: list[float] = msgspec.field(default_factory=list)
    texture: list[float] = msgspec.field(default_factory=list)
    shake: list[float] = msgspec.field(default_factory=list)
    stands: list[float] = msgspec.field(default_factory=list)
    cells: list[NDArray[np.float32]] = msgspec.field(default_factory=list)
    hand: list[float] = msgspec.field(default_factory=list)
    screen: list[float] = msgspec.field(default_factory=list)
    prints: list[tuple[int, int]] = msgspec.field(default_factory=list)
    packets: Packets = msgspec.field(default_factory=Packets)
    turns: list[float] = msgspec.field(default_factory=list)


class Sounds(msgspec.Struct):
    """What each second of sound was, one entry each.

    Attributes:
        level: dB below full scale.
        clipped: share of samples at a top near full scale.
        speech: share of it in which somebody speaks.
    """

    level: list[float] = msgspec.field(default_factory=list)
    clipped: list[float] = msgspec.field(default_factory=list)
    speech: list[float] = msgspec.field(default_factory=list)


def see(take: Take, report: Report) -> Sights:
    """Return what a take's picture shows, in one pass over its files.

    Raises:
        InputError: a file cannot be read.
    """
    sights = Sights(turns=turns(take))
    last: Burst | None = None
    for part in take.parts:
        for burst in bursts(part, sights.packets, color_every_s=HANDS_EVERY_S):
            _note(sights, burst, last)
            last = burst
            report(min(1.0, burst.t_s / max(take.duration_s, 1e-3)))
    return sights


def _note(sights: Sights, burst: Burst, before: Burst | None) -> None:
    count = len(sights.t_s)
    shown = look_at(burst.wide)
    sights.t_s.append(burst.t_s)
    sights.edge.append(shown.edge)
    sights.mean.append(shown.mean)
    sights.high.append(shown.high)
    sights.white.append(shown.white)
    sights.texture.append(shown.texture)
    sights.shake.append(unsteady(burst.small, burst.times_s))
    sights.stands.append(_stands(burst, before))
    sights.cells.append(cells(burst.small[0]))
    sights.hand.append(math.nan if burst.color is None else hand_score(burst.color))
    looked = count % SCREEN_EVERY == 0
    sights.screen.append(screen_score(burst.middle) if looked else math.nan)
    sights.prints.append((imprint(burst.small[0]), imprint(burst.small[0], INNER)))


def _stands(burst: Burst, before: Burst | None) -> float:
    """Return 1 where the picture is the one before, 0.5 where it is but for coding, else 0."""
    if before is None:
        return 0.0
    chain = [before.small[-1], *burst.small]
    pairs = list(pairwise(chain))
    if all(same(a, b) for a, b in pairs):
        return 1.0
    return 0.5 * all(same(a, b, NEARLY_MEAN) for a, b in pairs)


def hear(take: Take, report: Report) -> Sounds:
    """Return what a take's sound is, second by second; empty without sound.

    Raises:
        InputError: a file cannot be read.
    """
    sounds, listener = Sounds(), Listener()
    odds: list[NDArray[np.float32]] = []
    for second in _seconds(take):
        loud = listen(second)
        sounds.level.append(loud.level)
        sounds.clipped.append(loud.clipped)
        odds.append(listener.hear(second))
        report(min(1.0, len(sounds.level) / max(take.duration_s, 1.0)))
    said = np.concatenate(odds) >= SPOKEN if odds else np.zeros(0, dtype=bool)
    at = (np.arange(len(said)) * WINDOW // RATE).astype(np.int64)
    counts = np.bincount(at, minlength=len(sounds.level))[: len(sounds.level)]
    hits = np.bincount(at, weights=said, minlength=len(sounds.level))[: len(sounds.level)]
    sounds.speech = [float(x) for x in hits / np.maximum(counts, 1)]
    return sounds


def _seconds(take: Take) -> Iterator[NDArray[np.float32]]:
    rest = np.zeros(0, dtype=np.float32)
    for block in take.sound(RATE) if take.has_sound else ():
        whole = np.concatenate([rest, block])
        count = len(whole) // RATE
        yield from whole[: count * RATE].reshape(count, RATE)
        rest = whole[count * RATE :]
    if len(rest) >= RATE // 2:
        yield rest
