"""The whole of an episode as one line: who acted when, what was rewarded, what was corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from banbury.charts.svg import number, tag

COLUMNS = 240
"""Columns at most; of more steps, several share one."""

_UP, _STEPS = 26, 10
"""Height of the rewards and of the line of the steps, in pixels."""


class Beat(msgspec.Struct, frozen=True):
    """One step.

    Attributes:
        kind: action, observation, reward, note or control.
        who: person, model, script or gym; the class of its mark.
        reward: of a reward step.
        correction: it corrects another.
    """

    kind: str
    who: str
    reward: float | None = None
    correction: bool = False


def timeline(beats: Sequence[Beat], label: str) -> str:
    """Return the line as SVG, as wide as its place; marks have the classes of those who acted.

    Above the line stand the rewards, in the height of the largest; a column of several steps shows
    who acted in most of them, and the sum of their rewards.
    """
    width = max(1, -(-len(beats) // COLUMNS))
    columns = [beats[i : i + width] for i in range(0, len(beats), width)]
    sums = [sum(b.reward or 0.0 for b in column) for column in columns]
    most = max((abs(s) for s in sums), default=0.0) or 1.0
    share = 100 / max(len(columns), 1)
    top = _UP + 2 if any(sums) else 0
    parts = []
    for place, (column, total) in enumerate(zip(columns, sums, strict=True)):
        at = {"x": f"{number(place * share)}%", "width": f"{number(max(share * 0.86, 0.1))}%"}
        parts.append(tag("rect", class_=_look(column), y=top, height=_STEPS, **at))
        if total:
            tall = max(_UP * abs(total) / most, 2.0)
            look = "beat reward" if total > 0 else "beat reward harm"
            parts.append(tag("rect", class_=look, y=number(_UP - tall), height=number(tall), **at))
        if any(b.correction for b in column):
            parts.append(tag("rect", class_="beat mend", y=top + _STEPS + 1, height=3, **at))
    return tag(
        "svg",
        *parts,
        class_="timeline",
        role="img",
        aria_label=label,
        width="100%",
        height=top + _STEPS + 5,
    )


def _look(column: Sequence[Beat]) -> str:
    acting = Counter(b.who for b in column if b.kind == "action")
    who = acting or Counter(b.who for b in column)
    return f"beat {who.most_common(1)[0][0]}"
