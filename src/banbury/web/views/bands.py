"""Pictures of a campaign: one strip of where its tasks are, bars of what was done by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from markupsafe import Markup

from banbury.charts.svg import number, tag, words
from banbury.store.queue import Day
from banbury.web.views.campaigns import Bands

_WIDTH, _HEIGHT = 600.0, 14.0
_PARTS = ("accepted", "review", "third", "out", "open", "broken")
LABELS = {
    "accepted": "accepted",
    "review": "in review",
    "third": "third decides",
    "out": "being worked on",
    "open": "open",
    "broken": "broken",
}
_SHOWN_DAYS = 60
_BAR, _TALL = 9.0, 64.0


def strip(bands: Bands) -> Markup:
    """Return the strip: each part as wide as its share of the tasks, none thinner than a hair."""
    counts = {part: int(getattr(bands, part)) for part in _PARTS}
    total = sum(counts.values())
    at, marks = 0.0, []
    for part in _PARTS:
        width = _WIDTH * counts[part] / total if total else 0.0
        if counts[part]:
            drawn = max(width - 1.0, 1.0)
            hint = tag("title", f"{counts[part]:,} {LABELS[part]}")
            marks.append(
                tag(
                    "rect",
                    hint,
                    x=number(at),
                    y=0,
                    width=number(drawn),
                    height=number(_HEIGHT),
                    class_=f"band-{part}",
                )
            )
        at += width
    if not total:
        marks = [tag("rect", x=0, y=0, width=_WIDTH, height=_HEIGHT, class_="band-open")]
    said = ", ".join(f"{n:,} {LABELS[part]}" for part, n in counts.items() if n)
    return Markup(
        tag(
            "svg",
            *marks,
            viewBox=f"0 0 {number(_WIDTH)} {number(_HEIGHT)}",
            preserveAspectRatio="none",
            class_="strip",
            role="img",
            aria_label=f"Of {total:,} tasks: {said or 'none yet'}",
        )
    )


class Bars(msgspec.Struct, frozen=True):
    """Bars by day as a picture, and the same as rows for a table."""

    picture: Markup
    rows: list[tuple[str, int, int]]
    left_out: int


def by_day(days: Sequence[Day]) -> Bars:
    """Return what was done on the last days, days without work included."""
    if not days:
        return Bars(Markup(""), [], 0)
    counted = {_date(d.start_ns): (d.answers, d.reviews) for d in days}
    first, last = _date(days[0].start_ns), _date(days[-1].start_ns)
    count = (last - first).days + 1
    shown = [last - timedelta(days=n) for n in range(min(count, _SHOWN_DAYS))][::-1]
    rows = [(f"{d:%Y-%m-%d}", *counted.get(d, (0, 0))) for d in shown]
    return Bars(_bars(rows), rows, max(count - _SHOWN_DAYS, 0))


def _bars(rows: Sequence[tuple[str, int, int]]) -> Markup:
    most = max(a + r for _, a, r in rows)
    marks = []
    for i, (day, answers, reviews) in enumerate(rows):
        low = _TALL
        for n, kind, word in ((answers, "day-work", "answers"), (reviews, "day-review", "reviews")):
            high = _TALL * n / most if most else 0.0
            low -= high
            if n:
                hint = tag("title", f"{day}: {n:,} {word}")
                marks.append(
                    tag(
                        "rect",
                        hint,
                        x=number(i * _BAR),
                        y=number(low),
                        height=number(high),
                        width=number(_BAR - 2.0),
                        class_=kind,
                    )
                )
    width = max(len(rows) * _BAR, 120.0)
    ends = words(rows[0][0], x=0, y=_TALL + 14, class_="tick")
    if len(rows) > 16:
        ends += words(
            rows[-1][0], x=number(len(rows) * _BAR), y=_TALL + 14, class_="tick", text_anchor="end"
        )
    said = f"Answers and reviews by day, {rows[0][0]} to {rows[-1][0]}; at most {most:,} a day"
    return Markup(
        tag(
            "svg",
            *marks,
            ends,
            viewBox=f"0 0 {number(width)} {number(_TALL + 20)}",
            role="img",
            width=number(width),
            height=number(_TALL + 20),
            class_="days",
            aria_label=said,
        )
    )


def _date(ns: int) -> datetime:
    return datetime.fromtimestamp(ns // 10**9, UTC)
