"""A small curve, stretched to its place: the loss of a training run, the reward of another."""

from __future__ import annotations

import math
from collections.abc import Sequence

from banbury.charts.svg import number, share, tag

WIDTH, HEIGHT = 240.0, 48.0


def curve(
    xs: Sequence[float],
    ys: Sequence[float],
    label: str,
    *,
    low: float | None = None,
    high: float | None = None,
) -> str:
    """Return a curve through the points that are finite, over a base line.

    Args:
        xs: positions, rising.
        ys: values, as many.
        label: the same in words.
        low: value at the bottom; the least value, or 0 if that is less, if None.
        high: value at the top; the greatest value if None.
    """
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
    base = tag("line", class_="rule", x1=0, x2=WIDTH, y1=HEIGHT, y2=HEIGHT)
    parts = [base]
    if points:
        left, right = points[0][0], points[-1][0]
        bottom = min(0.0, *(y for _, y in points)) if low is None else low
        top = max(y for _, y in points) if high is None else high
        path = " ".join(
            f"{number(WIDTH * share(x, left, right))},"
            f"{number(HEIGHT - HEIGHT * share(y, bottom, top))}"
            for x, y in points
        )
        parts.append(tag("polyline", class_="curve", points=path))
    return tag(
        "svg",
        *parts,
        class_="chart",
        role="img",
        aria_label=label,
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        preserveAspectRatio="none",
        width="100%",
        height=number(HEIGHT),
        overflow="visible",
        display="block",
    )
