"""Faults from flags: how long something must last, and which gaps are bridged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from banbury.gyms.capture.quality.findings import LOSES, Fault, Kind

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def runs(
    kind: Kind,
    flags: Bools,
    how_much: Floats,
    starts: Floats,
    ends: Floats,
    least_s: float,
    said: str,
    *,
    loses: bool | None = None,
) -> Iterator[Fault]:
    """Yield a fault for each run of flags of at least `least_s`; one gap of one is bridged."""
    flags = flags | (_before(flags) & _after(flags))
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    for a, b in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        start, end = float(starts[a]), float(ends[b - 1])
        if end - start >= least_s - 0.25:
            yield fault(start, end, kind, float(np.median(how_much[a:b])), said, loses=loses)


def _before(flags: Bools) -> Bools:
    return np.concatenate([[False], flags[:-1]])


def _after(flags: Bools) -> Bools:
    return np.concatenate([flags[1:], [False]])


def settled(flags: Bools) -> Bools:
    """Return which have at least two of three in a row flagged, themselves among them."""
    return flags & (_before(flags) | _after(flags))


def filled(values: Sequence[float], instead: float) -> Floats:
    """Return values with something else for NaN."""
    made = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(made), instead, made)


def halfway(times: Floats, duration_s: float) -> tuple[Floats, Floats]:
    """Return from when to when each glance stands: halfway to the ones before and after it."""
    between = (times[1:] + times[:-1]) / 2
    return np.append(np.minimum(times[:1], 0.0), between), np.append(between, duration_s)


def fault(
    start: float, end: float, kind: Kind, severity: float, said: str, *, loses: bool | None = None
) -> Fault:
    """Return one fault; whether it loses the time is by its kind, where nothing is said."""
    counts_out = LOSES[kind] if loses is None else loses
    return Fault(float(start), float(end), kind, round(float(severity), 3), counts_out, said)
