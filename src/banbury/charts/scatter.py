"""A small cloud of dots over two axes of the same unit, with the line on which both are alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from banbury.charts.svg import number, tag, words

WIDTH, HEIGHT = 320.0, 200.0
_LEFT, _BELOW, _EDGE, _ABOVE = 44.0, 34.0, 8.0, 26.0


def scatter(
    xs: Sequence[float], ys: Sequence[float], label: str, *, x: str, y: str, unit: str = ""
) -> str:
    """Return dots on logarithmic axes that span both; values of 0 and below stand at the edge.

    Args:
        xs: positions.
        ys: values, as many.
        label: the same in words, for who cannot see it.
        x: what the horizontal axis is, in words.
        y: what the vertical axis is.
        unit: of both.
    """
    least = 0.1
    held = [max(v, least) for v in (*xs, *ys) if math.isfinite(v)] or [1.0]
    low, high = math.log(min(held) / 1.3), math.log(max(held) * 1.3)

    def across(value: float) -> float:
        share = (math.log(max(value, least)) - low) / (high - low)
        return _LEFT + share * (WIDTH - _LEFT - _EDGE)

    def up(value: float) -> float:
        share = (math.log(max(value, least)) - low) / (high - low)
        return HEIGHT - _BELOW - share * (HEIGHT - _BELOW - _ABOVE)

    ends = [math.exp(low), math.exp(high)]
    line = {"x1": number(across(ends[0])), "y1": number(up(ends[0])),
            "x2": number(across(ends[1])), "y2": number(up(ends[1]))}  # fmt: skip
    parts = [tag("line", class_="rule", **line)]
    for value in _ticks(*ends):
        said = f"{number(value)}{' ' + unit if unit else ''}"
        parts.append(words(said, class_="tick", x=number(across(value)),
                           y=number(HEIGHT - _BELOW + 14), text_anchor="middle"))  # fmt: skip
        parts.append(words(said, class_="tick", x=number(_LEFT - 6), y=number(up(value) + 4),
                           text_anchor="end"))  # fmt: skip
    parts += [
        tag("circle", class_="after", cx=number(across(a)), cy=number(up(b)), r=2.5)
        for a, b in zip(xs, ys, strict=True)
    ]
    parts.append(words(y, class_="tick", x=0, y=12))
    parts.append(words(x, class_="tick", x=number((WIDTH + _LEFT) / 2), y=number(HEIGHT - 4),
                       text_anchor="middle"))  # fmt: skip
    return tag(
        "svg", *parts, class_="scatter", role="img", aria_label=f"{label}: {y} against {x}",
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}", width="100%", display="block",
    )  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    """Round values between two ends: at most four."""
    found = [m * 10.0**e for e in range(-1, 6) for m in (1, 2, 5) if low <= m * 10.0**e <= high]
    return found[:: max(1, math.ceil(len(found) / 4))]
