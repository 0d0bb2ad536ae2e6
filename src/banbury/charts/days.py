"""Bars by day: each day one bar of parts, stacked, the first part at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury.charts.svg import number, tag, words

BAR, TALL = 14.0, 88.0
_LEAST = 160.0


class DayBar(msgspec.Struct, frozen=True):
    """One day: its name, and the height of each part in one unit."""

    day: str
    parts: tuple[float, ...]


def days(
    bars: Sequence[DayBar], names: Sequence[str], classes: Sequence[str], label: str, unit: str = ""
) -> str:
    """Return the picture, as wide as it has days.

    Args:
        bars: by day, the oldest first; days without anything included.
        names: of the parts, for whoever points at one.
        classes: of the parts, by which a style sheet colours them.
        label: the same in words, for who cannot see it.
        unit: of the heights.
    """
    most = max((sum(bar.parts) for bar in bars), default=0.0)
    marks = []
    for place, bar in enumerate(bars):
        low = TALL
        for value, name, look in zip(bar.parts, names, classes, strict=True):
            high = TALL * value / most if most else 0.0
            low -= high
            if value > 0.0:
                hint = tag("title", f"{bar.day}: {value:.2f} {unit} {name}".replace("  ", " "))
                marks.append(
                    tag(
                        "rect",
                        hint,
                        x=number(place * BAR),
                        y=number(low + 16),
                        width=number(BAR - 3.0),
                        height=number(max(high, 1.0)),
                        class_=look,
                    )
                )
    wide = max(len(bars) * BAR, _LEAST)
    scale = words(f"{most:.2g} {unit}".strip(), x=0, y=11, class_="tick") if most else ""
    ends = _ends(bars)
    return tag(
        "svg",
        scale,
        *marks,
        ends,
        viewBox=f"0 0 {number(wide)} {number(TALL + 36)}",
        role="img",
        width=number(wide),
        height=number(TALL + 36),
        class_="days",
        aria_label=label,
    )


def _ends(bars: Sequence[DayBar]) -> str:
    if not bars:
        return ""
    y = TALL + 31
    first = words(bars[0].day, x=0, y=y, class_="tick")
    if len(bars) * BAR < _LEAST:
        return first
    x = number(len(bars) * BAR)
    return first + words(bars[-1].day, x=x, y=y, class_="tick", text_anchor="end")
