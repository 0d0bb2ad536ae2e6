"""A belief over time: its mean, its interval, where evidence came, how it fades; and its density.

Both pictures are stretched to their place, so that they need no script to fit a phone; words stand
outside, in the page, where they keep their size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from banbury.charts.svg import number, tag

WIDE, TALL = 600.0, 120.0
MOST = 240
"""Points of a line; of more, some are left out."""


class Point(msgspec.Struct, frozen=True):
    """What was believed at a time; all values in [0, 1]."""

    at: float
    mean: float
    low: float
    high: float


def belief(
    points: Sequence[Point], now: float, marks: Sequence[tuple[float, str]], label: str
) -> str:
    """Return the mean with its interval over time, what lies ahead of now fainter.

    Args:
        points: rising in time.
        now: the moment up to which it is known.
        marks: when evidence came, and the class that its stroke gets.
        label: the same in words, for who cannot see it.
    """
    first, last = points[0].at, points[-1].at
    span = (last - first) or 1.0

    def x(at: float) -> float:
        return WIDE * (at - first) / span

    past = _thin([p for p in points if p.at <= now])
    ahead = _thin([p for p in points if p.at >= now])
    parts = [
        tag("line", class_="rule", x1=0, x2=WIDE, y1=number(y), y2=number(y))
        for y in (0.0, TALL / 4, TALL / 2, 3 * TALL / 4, TALL)
    ]
    for held, look in ((past, "known"), (ahead, "ahead")):
        if len(held) > 1:
            parts += [_band(held, x, look), _line(held, x, look)]
    parts.append(tag("line", class_="now", x1=number(x(now)), x2=number(x(now)), y1=0, y2=TALL))
    for at, look in dict.fromkeys((round(x(at), 0), look) for at, look in marks):
        parts.append(tag("line", class_=f"piece {look}", x1=at, x2=at, y1=TALL - 10, y2=TALL))
    return _svg(parts, WIDE, "belief", label)


def density(pairs: Sequence[tuple[float, float]], label: str) -> str:
    """Return a belief as a shape that lies on its side: wide where it is likely.

    Args:
        pairs: a chance and its weight, both in [0, 1], rising.
        label: the same in words.
    """
    wide = 60.0
    edge = [f"{number(wide * weight)},{number(TALL * (1 - chance))}" for chance, weight in pairs]
    shape = tag("polygon", class_="shape", points=" ".join([f"0,{number(TALL)}", *edge, "0,0"]))
    return _svg([shape], wide, "density", label)


def _thin(points: list[Point]) -> list[Point]:
    step = max(1, len(points) // MOST)
    return points[::step] if step == 1 else [*points[:-1:step], points[-1]]


def _band(points: Sequence[Point], x: Callable[[float], float], look: str) -> str:
    over = [f"{number(x(p.at))},{number(TALL * (1 - p.high))}" for p in points]
    under = [f"{number(x(p.at))},{number(TALL * (1 - p.low))}" for p in reversed(points)]
    return tag("polygon", class_=f"band {look}", points=" ".join([*over, *under]))


def _line(points: Sequence[Point], x: Callable[[float], float], look: str) -> str:
    path = " ".join(f"{number(x(p.at))},{number(TALL * (1 - p.mean))}" for p in points)
    return tag("polyline", class_=f"mean {look}", points=path)


def _svg(parts: Sequence[str], wide: float, look: str, label: str) -> str:
    return tag(
        "svg",
        *parts,
        class_=look,
        role="img",
        aria_label=label,
        viewBox=f"0 0 {number(wide)} {number(TALL)}",
        preserveAspectRatio="none",
        width="100%",
        height=number(TALL),
        display="block",
    )
