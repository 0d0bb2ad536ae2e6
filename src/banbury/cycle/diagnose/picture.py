"""The map of skills as a picture, from what probe and diagnose left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from banbury.charts import SkillMark, skill_map


class _Rate(msgspec.Struct):
    skill: str
    title: str
    n: int
    passes: int
    low: float
    high: float


class _Named(msgspec.Struct):
    skill: str
    kind: str


def picture(probed: Mapping[str, Any], mapped: Mapping[str, Any] | None = None) -> str:
    """Return the map as one SVG file's text, in light and dark.

    Args:
        probed: body of a `probe` artifact: every skill's passes and interval.
        mapped: body of the `map` artifact made from it, which names the kinds of gap; without it
            no skill is marked as a gap.
    """
    kinds = {
        g.skill: g.kind for g in msgspec.convert(mapped["gaps"] if mapped else [], list[_Named])
    }
    rates = msgspec.convert(probed["skills"], list[_Rate])
    rows = [
        SkillMark(r.skill, r.title, r.n, r.passes, r.low, r.high, kinds.get(r.skill, ""))
        for r in rates
    ]
    threshold = float(probed["threshold"])
    title = f"{probed['actor']['name']}: {len(rows)} skills"
    if mapped:
        title += (
            ", no gap" if not kinds else ", 1 gap" if len(kinds) == 1 else f", {len(kinds)} gaps"
        )
    subtitle = f"Pass rate and its interval; a gap lies below {threshold:.0%} (dashed)."
    return skill_map(rows, title=title, subtitle=subtitle, line=threshold)
