"""Pass rates as dots with whiskers, for pages."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from banbury.charts.strip import Look, Mark, axis, strip
from banbury.web.views.skills import Measured


def dots(rates: Sequence[Measured], line: float | None, gap: bool = False) -> Markup:
    """Return a strip with a lane for each rate, in the order given.

    What was measured on reserved items is filled, what a probe found hollow, a gap red.
    """
    said = "; ".join(
        f"{r.model} {r.rate:.0%} ({r.passes} of {r.n}, interval {r.low:.0%} to {r.high:.0%})"
        for r in rates
    )
    marks = [Mark(r.rate, r.low, r.high, _look(r, gap)) for r in rates]
    return Markup(strip(marks, said, line=line, guides=False))


def scale() -> Markup:
    """Return the labels above the strips."""
    return Markup(axis([(0, "0 %"), (0.5, "50 %"), (1, "100 % pass")]))


def _look(rate: Measured, gap: bool) -> Look:
    if rate.reserved:
        return "after"
    return "harm" if gap else "before"
