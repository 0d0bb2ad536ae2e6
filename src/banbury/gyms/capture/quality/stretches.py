"""Arithmetic of stretches of time: sorted, without overlap, in time linear in their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from banbury.gyms.capture.rest import Stretch, joined

Stretches = list[Stretch]


def common(a: Sequence[Stretch], b: Sequence[Stretch]) -> Stretches:
    """Return what lies in both; both sorted and without overlap."""
    made: Stretches = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            made.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return made


def less(a: Sequence[Stretch], b: Sequence[Stretch]) -> Stretches:
    """Return what lies in the first and not in the second; both sorted and without overlap."""
    if not a:
        return []
    low, high = min(a[0][0], b[0][0] if b else a[0][0]) - 1.0, a[-1][1] + 1.0
    gaps, at = [], low
    for start, end in b:
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    if at < high:
        gaps.append((at, high))
    return common(a, gaps)


def length(stretches: Iterable[Stretch]) -> float:
    """Return how long all of them are together."""
    return sum(end - start for start, end in stretches)


def moved(stretches: Iterable[Stretch], to: Callable[[float], float]) -> Stretches:
    """Return the stretches on another clock; `to` must rise."""
    return joined([(to(start), to(end)) for start, end in stretches])
