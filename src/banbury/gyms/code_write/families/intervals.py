"""Half-open intervals of whole numbers."""

from __future__ import annotations

from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS

_NUMBERS = ("sum", "list", "mode", "above", "running_max", "spread", "by_size", "no_multiples")


def intervals(rng: Random) -> list[tuple[int, int]]:
    """Return some intervals, many of which meet."""
    made = []
    for _ in range(rng.randint(3, 8)):
        start = rng.randint(-5, 20)
        made.append((start, start + rng.choice((0, 1, 2, 3, 5, 8))))
    return made


INTERVALS = (
    piece(
        "proper",
        "intervals>intervals",
        "x = [(a, b) for a, b in x if b - a > $k]",
        "Drop the intervals that are not longer than $k.",
        "Keep only intervals whose length exceeds $k.",
        k=(0, 1, 2),
    ),
    piece(
        "merge",
        "intervals>intervals",
        "merged = []\nfor a, b in sorted(x):\n    if merged and a <= merged[-1][1]:\n"
        "        merged[-1] = (merged[-1][0], max(b, merged[-1][1]))\n    else:\n"
        "        merged.append((a, b))\nx = merged",
        "Sort the intervals by start, then by end, and merge those that overlap or touch (one ends "
        "where the other starts) into one.",
        "Unite all intervals that have a point in common or meet end to start, and order the "
        "results by start; an empty interval at the border of another is swallowed too.",
    ),
    piece(
        "clip",
        "intervals>intervals",
        "x = [(max(a, $a), min(b, $b)) for a, b in x if a < $b and b > $a]",
        "Keep only intervals with start < $b and end > $a, and cut them to the part from $a to $b.",
        "Drop intervals with end <= $a or start >= $b; of the others take what lies between $a and "
        "$b.",
        a=(-1, 0, 2),
        b=(10, 12, 15),
    ),
    piece(
        "widen",
        "intervals>intervals",
        "x = [(a - $k, b + $k) for a, b in x]",
        "Move each start $k down and each end $k up.",
        "Make every interval longer by $k on both sides.",
        k=(1, 2, 3),
    ),
    piece(
        "by_length",
        "intervals>intervals",
        "x = sorted(x, key=lambda s: (s[0] - s[1], s[0]))",
        "Sort the intervals by length, the longest first, and equally long ones by start.",
        "Order the intervals from long to short; of the same length, the smaller start comes "
        "first.",
    ),
    piece(
        "gaps",
        "intervals>intervals",
        "free, end = [], None\nfor a, b in sorted(x):\n    if end is not None and a > end:\n"
        "        free.append((end, a))\n    end = b if end is None else max(end, b)\nx = free",
        "Replace them by the gaps between them: the intervals, in ascending order, that lie after "
        "the end of some of them and before the start of the others, and that none of them covers.",
        "Go on with the stretches, from low to high, that are left uncovered between the smallest "
        "start and the largest end.",
    ),
    piece(
        "lengths",
        "intervals>numbers",
        "x = [b - a for a, b in x]",
        "Replace each interval by its length.",
        "Go on with the list of their lengths.",
    ),
    piece(
        "starts",
        "intervals>numbers",
        "x = [a for a, _ in x]",
        "Take the starts.",
        "Go on with the list of where they start.",
    ),
    piece(
        "spans",
        "intervals>",
        "return x",
        "Return the list of intervals as tuples (start, end).",
        "The resulting list of tuples (start, end) is returned.",
    ),
    piece(
        "covered",
        "intervals>",
        "return len({p for a, b in x for p in range(a, b)})",
        "Return how many integers lie in at least one of them.",
        "Give back the number of different integers that they cover.",
    ),
    piece(
        "depth",
        "intervals>",
        "points = {p for a, b in x for p in range(a, b)}\n"
        "return max((sum(a <= p < b for a, b in x) for p in points), default=0)",
        "Return the largest number of intervals that share one integer, 0 if none holds any.",
        "Give back how many of them overlap at most in a single integer; 0 if they cover nothing.",
    ),
    piece(
        "longest",
        "intervals>",
        "return max(x, key=lambda s: (s[1] - s[0], -s[0]), default=None)",
        "Return the longest as a tuple, of several the one with the smallest start, None if there "
        "is none.",
        "Give back the tuple of the interval with the greatest length, the leftmost on a tie; None "
        "if there is no interval.",
    ),
    piece(
        "clashes",
        "intervals>",
        "return sum(a < d and c < b for i, (a, b) in enumerate(x) for c, d in x[i + 1 :])",
        "Return for how many pairs of them each starts before the other ends.",
        "Give back the number of pairs in which either one's start is less than the other's end.",
    ),
)
DOMAIN = Domain(
    "code_write.intervals",
    "write a function on intervals",
    (
        Source(
            "intervals",
            "intervals",
            "intervals",
            "a list of tuples (start, end) of integers with start <= end; each is the half-open "
            "interval from start up to, but without, end",
            "a list of half-open intervals: tuples (start, end) of integers, start <= end, where "
            "the end does not belong to the interval",
            intervals,
            ([], [(1, 1)], [(0, 5), (5, 9)], [(3, 8), (0, 10)], [(0, 2), (2, 4), (7, 9), (0, 2)]),
        ),
    ),
    (*INTERVALS, *(p for p in NUMBERS if p.name in _NUMBERS)),
)
