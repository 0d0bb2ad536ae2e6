"""The map of skills: by domain and skill, each pass rate with its interval and kind of gap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from banbury.charts.strip import Look, Mark, axis, strip
from banbury.charts.svg import PALETTE, STYLE, number, tag, words

WIDTH = 880
MARGIN = 24
LABEL = 300
PLOT = 330
ROW = 24
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
_OWN = """
svg.map { background: var(--paper); }
.map text { fill: var(--ink); font-size: 13px; }
.map .head { font-size: 20px; font-weight: 600; }
.map .domain { font-weight: 600; }
.map .quiet, .map .tick { fill: var(--muted); }
.map .kind { fill: var(--alarm); }
"""


class SkillMark(msgspec.Struct, frozen=True):
    """One skill of the map.

    Attributes:
        skill: dotted path; its first part is the domain.
        title: a few words for people.
        n: rollouts judged.
        passes: rollouts that passed.
        low: lower end of the pass rate's interval.
        high: upper end.
        kind: form, skill or knowledge where it is a gap, else "".
    """

    skill: str
    title: str
    n: int
    passes: int
    low: float
    high: float
    kind: str = ""


def skill_map(
    rows: Sequence[SkillMark], *, title: str, subtitle: str = "", line: float | None = None
) -> str:
    """Return a picture of its own, in light and dark: a row a skill, grouped by domain.

    Args:
        rows: the skills, in any order; within a domain the lowest pass rate comes first.
        title: the picture's heading.
        subtitle: one line below it.
        line: the pass rate below which a skill is a gap, drawn as a dashed line.
    """
    ordered = sorted(rows, key=lambda r: (_domain(r), _rate(r), r.skill))
    parts = [
        tag("style", PALETTE.replace(":root", "svg.map") + STYLE + _OWN),
        words(title, class_="head", x=MARGIN, y=38),
        words(subtitle, class_="quiet", x=MARGIN, y=60),
        _nested(axis([(0, "0 %"), (0.5, "50 %"), (1, "100 % pass")]), 78),
    ]
    y = 104.0
    for domain, members in groupby(ordered, key=_domain):
        parts.append(words(domain, class_="domain", x=MARGIN, y=y + 16))
        y += ROW
        for row in members:
            parts.append(_row(row, y, line))
            y += ROW
        y += 8
    height = number(y + MARGIN - 8)
    return tag(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="map",
        role="img",
        aria_label=title,
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        font_family=_FONT,
    )


def _domain(row: SkillMark) -> str:
    return row.skill.split(".", 1)[0]


def _rate(row: SkillMark) -> float:
    return row.passes / row.n if row.n else 0.0


def _row(row: SkillMark, y: float, line: float | None) -> str:
    look: Look = "after" if not row.kind else "harm"
    said = f"{row.title}: {row.passes} of {row.n} passed"
    text_y = number(y + 15)
    right = MARGIN + LABEL + PLOT
    name = row.title if len(row.title) <= 42 else row.title[:41] + "…"
    return "".join(
        (
            words(name, x=MARGIN + 12, y=text_y),
            _nested(strip([Mark(_rate(row), row.low, row.high, look)], said, line=line), y + 2),
            words(f"{row.passes}/{row.n}", x=right + 72, y=text_y, text_anchor="end"),
            words(f"{row.kind} gap" if row.kind else "", class_="kind", x=right + 92, y=text_y),
        )
    )


def _nested(inner: str, y: float) -> str:
    """Return a strip in its own viewport, so that its percentages are those of the plot."""
    return tag("svg", inner, x=MARGIN + LABEL, y=number(y), width=PLOT, height=ROW,
               overflow="visible")  # fmt: skip
