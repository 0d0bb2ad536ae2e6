"""One line of a dot plot, or of a timeline, as wide as the place where it stands.

Positions are percentages, so a strip needs no script to fit a phone. Words stand outside, in the
page, where they keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from banbury.charts.svg import percent, tag, words

Look = Literal["before", "after", "harm"]
LANE = 13
"""Height of one lane, in pixels."""
DOT = 4.5


class Mark(msgspec.Struct, frozen=True):
    """A value with its interval, in its own lane.

    Attributes:
        value: where the dot lies.
        low: lower end of the interval.
        high: upper end.
        look: before (hollow, grey), after (filled, blue), harm (filled, red).
    """

    value: float
    low: float
    high: float
    look: Look = "after"


class Bar(msgspec.Struct, frozen=True):
    """A stretch of a timeline."""

    start: float
    end: float
    look: Look = "after"


def strip(
    marks: Sequence[Mark],
    label: str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    line: float | None = None,
    guides: bool = True,
) -> str:
    """Return a strip with one lane a mark, the first on top.

    Args:
        marks: values with intervals.
        label: the same in words, for who cannot see it.
        low: value at the left edge.
        high: value at the right edge.
        line: value of a dashed line (a threshold, a margin), if any.
        guides: hairlines at the ends and the middle; a page of many strips draws its own.
    """
    height = LANE * max(len(marks), 1) + 4
    parts = [_guides(height, low, high, line, 3 if guides else 0)]
    for lane, mark in enumerate(marks):
        y = 2 + LANE * lane + LANE / 2
        ends = {"x1": percent(mark.low, low, high), "x2": percent(mark.high, low, high)}
        parts.append(tag("line", class_=f"{mark.look} whisker", y1=y, y2=y, **ends))
        x = percent(mark.value, low, high)
        parts.append(tag("circle", class_=mark.look, cx=x, cy=y, r=DOT))
    return _frame(parts, height, label)


def axis(ticks: Sequence[tuple[float, str]], *, low: float = 0.0, high: float = 1.0) -> str:
    """Return the labels of the strips below it; each tick is (value, words)."""
    parts = []
    for value, text in ticks:
        anchor = "start" if value <= low else "end" if value >= high else "middle"
        x = percent(value, low, high)
        parts.append(words(text, class_="tick", x=x, y=12, text_anchor=anchor))
    return _frame(parts, 16, "scale: " + ", ".join(text for _, text in ticks))


def bars(stretches: Sequence[Bar], label: str, *, end: float) -> str:
    """Return one line of a timeline from 0 to `end`; a stretch is never thinner than 2 pixels."""
    parts = [tag("line", class_="rule", x1="0%", x2="100%", y1=LANE + 1, y2=LANE + 1)]
    span = max(end, 1e-9)
    for bar in stretches:
        x = percent(bar.start, 0, span)
        y = {"y1": LANE / 2, "y2": LANE / 2}
        # A line with square ends keeps short stretches visible; a thin rect would vanish.
        ends = {"x1": x, "x2": percent(max(bar.end, bar.start), 0, span)}
        parts.append(tag("line", class_=f"bar {bar.look}", **ends, **y))
        parts.append(tag("rect", class_=f"fill-{bar.look}", x=x, y=2, width=2, height=9))
    return _frame(parts, LANE + 2, label)


def _guides(height: float, low: float, high: float, line: float | None, count: int = 3) -> str:
    """Return hairlines at both ends and the middle, and the dashed line."""
    middle = (low + high) / 2
    places = [low, middle, high][:count]
    parts = []
    for value in places:
        x = percent(value, low, high)
        parts.append(tag("line", class_="rule", x1=x, x2=x, y1=0, y2=height))
    if line is not None:
        x = percent(line, low, high)
        parts.append(tag("line", class_="line", x1=x, x2=x, y1=0, y2=height))
    return "".join(parts)


def _frame(parts: Sequence[str], height: float, label: str) -> str:
    return tag(
        "svg",
        *parts,
        class_="strip",
        role="img",
        aria_label=label,
        width="100%",
        height=height,
        overflow="visible",
        display="block",
    )
