"""The rules of rest: how much footage within how many hours, and when a break is due."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence

from banbury.gyms.capture.brief import Rest

Stretch = tuple[float, float]
"""[start, end) in seconds of any one clock."""


def beyond(takes: Sequence[Stretch], rules: Rest) -> list[Stretch]:
    """Return the stretches of footage that the rules do not allow, in order, without overlap.

    Args:
        takes: takes in order, without overlap, on one clock.
        rules: the rules.
    """
    over = [*_stretches(takes, rules), *_windows(takes, rules)]
    return joined(over)


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return the union of stretches, in order."""
    out: list[Stretch] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def without(takes: Sequence[Stretch], cut: Sequence[Stretch]) -> list[Stretch]:
    """Return takes less what is cut out of them; both in order, without overlap."""
    out: list[Stretch] = []
    for start, end in takes:
        at = start
        for a, b in cut:
            if b <= at or a >= end:
                continue
            if a > at:
                out.append((at, a))
            at = max(at, b)
        if at < end:
            out.append((at, end))
    return out


def left(takes: Sequence[Stretch], rules: Rest, now: float) -> tuple[float, float]:
    """Return seconds that may be filmed from now on without a break, and seconds to wait first.

    The second is above 0 only where the first is 0.
    """
    used = used_at(takes, rules, now)
    since = _since_break(takes, rules, now)
    free = max(0.0, min(rules.footage_s - used, rules.stretch_s - since))
    if free > 0.0 or not takes:
        return free, 0.0
    last = takes[-1][1]
    wait = max(0.0, last + rules.break_s - now) if since >= rules.stretch_s else 0.0
    return 0.0, max(wait, _until_free(takes, rules, now))


def used_at(takes: Sequence[Stretch], rules: Rest, now: float) -> float:
    """Return the seconds of footage within the window that ends now."""
    first = now - rules.window_s
    return sum(max(0.0, min(end, now) - max(start, first)) for start, end in takes)


def _since_break(takes: Sequence[Stretch], rules: Rest, now: float) -> float:
    """Return the seconds of footage since the last break."""
    total, last = 0.0, None
    for start, end in takes:
        if start >= now:
            break
        if last is not None and start - last >= rules.break_s:
            total = 0.0
        total += min(end, now) - start
        last = end
    return 0.0 if last is not None and now - last >= rules.break_s else total


def _until_free(takes: Sequence[Stretch], rules: Rest, now: float) -> float:
    """Return the seconds until the window holds less footage than it may."""
    used = used_at(takes, rules, now)
    if used < rules.footage_s:
        return 0.0
    surplus, first = used - rules.footage_s, now - rules.window_s
    for start, end in takes:
        held = max(0.0, min(end, now) - max(start, first))
        if held > surplus:
            return max(start, first) + surplus - first
        surplus -= held
    return 0.0


def _stretches(takes: Sequence[Stretch], rules: Rest) -> list[Stretch]:
    """Return what was filmed although a break was due."""
    over: list[Stretch] = []
    total, last = 0.0, None
    for start, end in takes:
        if last is not None and start - last >= rules.break_s:
            total = 0.0
        over.append((start + max(0.0, rules.stretch_s - total), end))
        total += end - start
        last = end
    return over


def _windows(takes: Sequence[Stretch], rules: Rest) -> list[Stretch]:
    """Return what was filmed while the window held as much footage as it may.

    Within a take the footage in the window grows by a second a second, or stays where as much
    leaves the window behind; so between two marks it is a straight line.
    """
    marks = sorted({t + rules.window_s for take in takes for t in take})
    over: list[Stretch] = []
    for start, end in takes:
        inner = marks[bisect.bisect_right(marks, start) : bisect.bisect_left(marks, end)]
        points = [start, *inner, end]
        for a, b in itertools.pairwise(points):
            low, high = used_at(takes, rules, a), used_at(takes, rules, b)
            if high > rules.footage_s:
                over.append((max(a, b - (high - rules.footage_s)) if high > low else a, b))
    return over
