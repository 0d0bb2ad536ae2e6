"""From stretches of agreeing windows to the pieces of b's clock, and its jumps.

Every stretch becomes a line; a short one takes the drift of all, since a jump of the clock does not
change the crystal. A long one whose windows bend away from the line (warmth changes a crystal) is
cut in two until they do not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from banbury.gyms.capture.sync import line
from banbury.gyms.capture.sync.line import Line
from banbury.gyms.capture.sync.track import worth
from banbury.gyms.capture.sync.windows import Doubles, Hits

LEAST_HITS, LEAST_WORTH = 3, 45.0
"""What a stretch needs, to be one beside others."""
BEND_S = 60e-6
"""Smoothed distance from the line at which a stretch is cut."""
SMOOTH = 15
"""Windows over which the bend is smoothed; a cut leaves at least twice as many on each side."""
SAME_S = 0.0006
"""Stretches whose lines meet closer than this are one: no clock jumped."""
OWN_DRIFT_S = 40.0
"""A stretch shorter than this takes the drift of the others."""


class Stretch(NamedTuple):
    """Agreeing windows, and their line."""

    hits: Hits
    line: Line
    bent: bool
    """Whether it follows the one before without a jump, only with another slope."""


def stretches(parts: list[Hits]) -> list[Stretch]:
    """Fit the path's parts: weak ones left out, those that are one put together, bent ones cut."""
    kept = [p for p in parts if len(p.t_s) >= LEAST_HITS and worth(p).sum() >= LEAST_WORTH]
    if not kept:
        return []
    joined = _joined(kept)
    drift = _common(joined)
    found = []
    for part in joined:
        own = np.ptp(part.t_s) >= OWN_DRIFT_S or len(joined) == 1
        bits = _cut(_clean(part, drift if not own else None)) if own else [part]
        for n, bit in enumerate(bits):
            fitted = line.fit(bit, None if own else drift)
            found.append(Stretch(bit, fitted, bent=n > 0))
    return found


def _clean(part: Hits, slope: float | None) -> Hits:
    """Leave out windows that lie far from the line, if a line is left."""
    fitted = line.fit(part, slope)
    rest = np.abs(part.lag_s - fitted.of(part.t_s))
    smooth = _smoothed(rest)
    kept = part.where(np.abs(rest - smooth) <= max(6 * fitted.spread_s, 5e-5))
    return kept if len(kept.t_s) >= LEAST_HITS else part


def _joined(parts: list[Hits]) -> list[Hits]:
    """Put neighbours together whose lines meet: a stray window had come between them."""
    out = [parts[0]]
    drift = _common(parts)
    for part in parts[1:]:
        one, other = line.fit(out[-1], drift), line.fit(part, drift)
        at = np.array([(out[-1].t_s[-1] + part.t_s[0]) / 2])
        room = SAME_S + 20e-6 * (part.t_s[0] - out[-1].t_s[-1])
        if abs(float((one.of(at) - other.of(at))[0])) < room and not _sharp(out[-1], part, drift):
            out[-1] = Hits(*(np.concatenate(two) for two in zip(out[-1], part, strict=True)))
        else:
            out.append(part)
    return out


def _sharp(one: Hits, other: Hits, drift: float) -> bool:
    """Whether two stretches differ by much more than they scatter."""
    a, b = line.fit(one, drift), line.fit(other, drift)
    at = np.array([(one.t_s[-1] + other.t_s[0]) / 2])
    gap = abs(float((a.of(at) - b.of(at))[0]))
    return gap > 1.5e-4 + 5 * (a.lag_error + b.lag_error)


def _common(parts: list[Hits]) -> float:
    """The drift of all parts together: slopes of the longer ones, by how sure they are."""
    lines = [line.fit(p) for p in parts]
    sure = [x for x, p in zip(lines, parts, strict=True) if np.ptp(p.t_s) >= OWN_DRIFT_S]
    chosen = sure or [max(zip(lines, parts, strict=True), key=lambda two: np.ptp(two[1].t_s))[0]]
    weights = [1 / max(x.slope_error, 1e-9) ** 2 for x in chosen]
    return float(np.average([x.slope for x in chosen], weights=weights))


def _cut(part: Hits) -> list[Hits]:
    """Cut where the smoothed windows lie farthest from the line, until they lie close."""
    if len(part.t_s) < 4 * SMOOTH:
        return [part]
    fitted = line.fit(part)
    rest = _smoothed(part.lag_s - fitted.of(part.t_s))
    if np.max(np.abs(rest)) < max(BEND_S, 4 * fitted.spread_s / np.sqrt(SMOOTH)):
        return [part]
    inner = slice(2 * SMOOTH, len(rest) - 2 * SMOOTH)
    if inner.stop <= inner.start:
        return [part]
    at = 2 * SMOOTH + int(np.argmax(np.abs(rest[inner])))
    keep = np.arange(len(rest))
    return [*_cut(part.where(keep[:at])), *_cut(part.where(keep[at:]))]


def _smoothed(values: Doubles) -> Doubles:
    """Running median over SMOOTH windows, the ends padded by their own."""
    width = min(SMOOTH, len(values))
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(padded, width)
    return np.asarray(np.median(views, axis=1), np.float64)
