"""Where exactly b's clock jumps: the moment at which the sound stops to match one line.

Short frames are compared with b under the line before and the line after; the moment that explains
all of them best is taken, with the span of those that do nearly as well, which no piece covers.
Where b lost a block, a's sound meanwhile has no counterpart in b.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import fft

from banbury.gyms.capture.sync.line import Line
from banbury.gyms.capture.sync.pieces import Stretch
from banbury.gyms.capture.sync.recording import RATE, SILENT, Recording
from banbury.gyms.capture.sync.result import Jump, Kind, Piece
from banbury.gyms.capture.sync.windows import Doubles

FRAME, HOP = 2048, 512
AROUND_S = 1.8
PRIOR_PPM = 40.0
"""Spread of camera clocks, to which a drift that cannot be told is drawn."""
LEAST_JUMP_S = 1e-4
NEARLY = 20.0
"""What a moment may explain less than the best one: of jumps in scenes that were made for
this (seeds other than the benchmark's), the true moment lay in the span in over 98 %."""


class Moment(NamedTuple):
    """When a line ends, by a's time: best, earliest and latest."""

    at_s: float
    low_s: float
    high_s: float


def clock(
    a: Recording, b: Recording, found: tuple[Stretch, ...]
) -> tuple[tuple[Piece, ...], tuple[Jump, ...]]:
    """Return b's clock in pieces over all that a and b have in common, and its jumps."""
    ends: list[float] = []
    begins = [max(0.0, -found[0].line.lag_s)]
    jumps = []
    for one, other in pairwise(found):
        by = _gap(one.line, other.line, other.hits.t_s[0])
        if other.bent or abs(by) < LEAST_JUMP_S:
            at = _meeting(one, other)
            ends.append(at)
            begins.append(at)
            continue
        when = _moment(a, b, one, other, by)
        ends.append(when.low_s)
        begins.append(when.high_s + max(0.0, -by))
        jumps.append(_jump(b, one.line, when, by))
    last = found[-1].line
    tail = float(last.of(np.array([a.duration_s]))[0])
    ends.append(max(begins[-1], min(a.duration_s, b.duration_s - tail)))
    made = [_piece(s.line, begin, end) for s, begin, end in zip(found, begins, ends, strict=True)]
    return tuple(p for p in made if p.end_s > p.start_s), tuple(jumps)


def _piece(line: Line, start_s: float, end_s: float) -> Piece:
    """A line as a piece; a drift that is not sure is drawn towards none, about its middle."""
    sure = PRIOR_PPM**2 / (PRIOR_PPM**2 + (line.slope_error * 1e6) ** 2)
    slope = line.slope * sure
    return Piece(start_s, end_s, line.lag_s - slope * line.at_s, slope * 1e6)


def _gap(one: Line, other: Line, at: float) -> float:
    here = np.array([at])
    return float((other.of(here) - one.of(here))[0])


def _meeting(one: Stretch, other: Stretch) -> float:
    """Where two lines cross, if that is between the stretches; else half way."""
    first, last = float(one.hits.t_s[-1]), float(other.hits.t_s[0])
    bend = other.line.slope - one.line.slope
    middle = (first + last) / 2
    if abs(bend) < 1e-9:
        return middle
    crossing = middle - _gap(one.line, other.line, middle) / bend
    return crossing if first - 60 <= crossing <= last + 60 else middle


def _moment(a: Recording, b: Recording, one: Stretch, other: Stretch, by: float) -> Moment:
    """When the line before ends."""
    start = max(0.0, float(one.hits.t_s[-1]) - AROUND_S)
    end = min(a.duration_s, float(other.hits.t_s[0]) + AROUND_S)
    count = min(2000, int((end - start) * RATE) // HOP)
    if count < 3:
        return Moment((start + end) / 2, start, end)
    times = start + (np.arange(count) * HOP + FRAME / 2) / RATE
    before = _match(a, b, times, one.line)
    after = _match(a, b, times, other.line)
    missing = max(0.0, -by)
    done = np.concatenate([[0.0], np.cumsum(before)])
    left = np.concatenate([np.cumsum(after[::-1])[::-1], [0.0]])
    edges = np.concatenate([times - HOP / 2 / RATE, [times[-1] + HOP / 2 / RATE]])
    resumed = np.searchsorted(edges, edges + missing).clip(0, count)
    explained = done + left[resumed]
    nearly = edges[explained >= explained.max() - NEARLY]
    return Moment(*(float(t) for t in (edges[np.argmax(explained)], nearly[0], nearly[-1])))


def _match(a: Recording, b: Recording, times: Doubles, line: Line) -> Doubles:
    """How well short frames of a match b along a line, less what chance gives."""
    lags = line.of(times)
    starts = np.round(times * RATE - FRAME / 2).astype(int)
    shifts = np.round(lags * RATE).astype(int)
    taper = np.hanning(FRAME).astype(np.float32)
    x = np.stack([a.window(int(s), FRAME) for s in starts]) * taper
    y = np.stack([b.window(int(s + d), FRAME) for s, d in zip(starts, shifts, strict=True)]) * taper
    cross = np.conj(fft.rfft(x, axis=1)) * fft.rfft(y, axis=1)
    low, high = 200 * FRAME // RATE, 6_000 * FRAME // RATE
    flat = np.zeros_like(cross)
    flat[:, low:high] = cross[:, low:high] / (np.abs(cross[:, low:high]) + 1e-12)
    found = np.abs(fft.irfft(flat, axis=1))
    near = np.maximum.reduce([found[:, k] for k in (-2, -1, 0, 1, 2)])
    scale = FRAME / np.sqrt(2 * (high - low))
    return np.asarray(near * scale - 1.2, np.float64)


def _jump(b: Recording, before: Line, when: Moment, by: float) -> Jump:
    at, low, high = (round(t, 3) for t in when)
    return Jump(at, round(by, 6), _kind(b, before, when.at_s, by), low, high)


def _kind(b: Recording, line: Line, at: float, by: float) -> Kind:
    """A jump back: b lost sound. Forward: a did, or b's clock stepped and left silence."""
    if by < 0:
        return "dropped on b"
    start = int((at + float(line.of(np.array([at]))[0])) * RATE)
    middle = b.window(start + int(0.1 * by * RATE), max(1, int(0.8 * by * RATE)))
    silent = float(np.sqrt(np.mean(middle * middle))) < SILENT
    return "step" if silent else "dropped on a"
