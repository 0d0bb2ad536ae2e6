"""When each sample of telemetry was taken, from the packets' times and the camera's counts."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Timing = Literal["stamps", "fit", "packets"]

WINDOW = 121
"""Packets, of a second each, over which a sensor's rate is taken as steady."""


class Anchors(NamedTuple):
    """Where each packet of a stream begins.

    Attributes:
        starts_s: (p,) when the packet begins, on the file's clock.
        ends_s: (p,) when it ends.
        counts: (p,) samples in it.
        totals: (p,) samples up to its end as the camera counts, or -1.
        stamps_s: (p,) when its first sample was taken, on the camera's clock, or NaN.
    """

    starts_s: Numbers
    ends_s: Numbers
    counts: NDArray[np.int64]
    totals: NDArray[np.int64]
    stamps_s: Numbers


def sample_times(anchors: Anchors, zero_s: float | None) -> tuple[Numbers, Timing]:
    """Return when each sample was taken, (sum of counts,) s, and how that is known.

    `stamps`: the camera stamped the packets' first samples; between them samples are even.
    `fit`: the packets hold now more, now fewer samples of a steady sensor, so a line through
    their starts (over hours a running line) is nearer than the packets' own times.
    `packets`: samples that come at no steady rate are spread over their packet.

    Args:
        anchors: the stream's packets, at least one with a sample.
        zero_s: the camera's clock at the file's zero, None where it is not known.
    """
    first = _firsts(anchors)
    inside = np.concatenate([np.arange(n) for n in anchors.counts])
    index = np.repeat(first, anchors.counts) + inside
    full = anchors.counts > 0
    if zero_s is not None and (made := _by_stamps(anchors, first, full, index, zero_s)) is not None:
        return made, "stamps"
    if (made := _by_line(anchors, first, full, index)) is not None:
        return made, "fit"
    share = inside / np.repeat(np.maximum(anchors.counts, 1), anchors.counts)
    span = anchors.ends_s - anchors.starts_s
    return np.repeat(anchors.starts_s, anchors.counts) + share * np.repeat(
        span, anchors.counts
    ), "packets"


def _firsts(anchors: Anchors) -> Numbers:
    """Return each packet's first sample's number: the camera's count where it is sound."""
    own = (anchors.totals - anchors.counts).astype(np.float64)
    if (anchors.totals > 0).all() and (np.diff(own) >= anchors.counts[:-1]).all():
        return own - float(own[0])
    made: Numbers = np.concatenate([[0.0], np.cumsum(anchors.counts)[:-1]]).astype(np.float64)
    return made


def _by_stamps(
    anchors: Anchors,
    first: Numbers,
    full: NDArray[np.bool_],
    index: Numbers,
    zero_s: float,
) -> Numbers | None:
    known = full & np.isfinite(anchors.stamps_s)
    if known.sum() < 2 or (known != full).any():
        return None
    x, y = first[known], anchors.stamps_s[known] - zero_s
    span = anchors.ends_s[known][-1] - anchors.starts_s[known][0]
    if (np.diff(y) <= 0).any() or abs((y[-1] - y[0]) - span) > 0.5 * span + 2.0:
        return None
    return _stretched(x, y, index)


def _by_line(
    anchors: Anchors, first: Numbers, full: NDArray[np.bool_], index: Numbers
) -> Numbers | None:
    if full.sum() < 3 or not full.all():
        return None
    x, y = first, anchors.starts_s
    slope, base = np.polyfit(x - x.mean(), y, 1)
    off = y - (base + slope * (x - x.mean()))
    length = float(np.median(anchors.ends_s - anchors.starts_s))
    if slope <= 0 or np.abs(off).max() > 0.25 * length + 0.05:
        return None
    smooth = _running(off) if len(x) > WINDOW else np.zeros(len(x))
    return _stretched(x, y - off + smooth, index)


def _running(values: Numbers) -> Numbers:
    """Return a line's value fitted around each point, and at both ends that of the last window."""
    half = WINDOW // 2
    inner = np.convolve(values, np.full(WINDOW, 1.0 / WINDOW), "valid")
    x = np.arange(WINDOW)
    ends = [np.polyval(np.polyfit(x, part, 1), x) for part in (values[:WINDOW], values[-WINDOW:])]
    return np.concatenate([ends[0][:half], inner, ends[1][-half:]])


def _stretched(x: Numbers, y: Numbers, at: Numbers) -> Numbers:
    """Interpolate, and go on beyond the ends at the mean rate."""
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    made = np.interp(at, x, y)
    made = np.where(at > x[-1], y[-1] + slope * (at - x[-1]), made)
    return np.where(at < x[0], y[0] + slope * (at - x[0]), made)
