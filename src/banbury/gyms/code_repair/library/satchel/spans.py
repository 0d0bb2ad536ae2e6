"""Spans of whole numbers, half open: (2, 5) holds 2, 3 and 4."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap or touch as one, and no empty ones."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def length(spans: Iterable[Span]) -> int:
    """Return how many numbers the spans hold together, each counted once."""
    return sum(end - start for start, end in merged(spans))


def common(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """Return what lies in both."""
    left, right = merged(first), merged(second)
    out: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i][0], right[j][0])
        end = min(left[i][1], right[j][1])
        if start < end:
            out.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return out


def gaps(spans: Iterable[Span], within: Span) -> list[Span]:
    """Return what the spans leave free of a span."""
    out: list[Span] = []
    at, end = within
    for low, high in merged(spans):
        if low > at and at < end:
            out.append((at, min(low, end)))
        at = max(at, high)
    if at < end:
        out.append((at, end))
    return out


def holding(spans: Iterable[Span], number: int) -> Span | None:
    """Return the merged span that holds a number, None if there is none."""
    for start, end in merged(spans):
        if start <= number < end:
            return (start, end)
    return None
