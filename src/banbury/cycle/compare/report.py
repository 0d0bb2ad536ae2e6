"""The report: one HTML file that answers what was wrong, what was done, and whether it helped."""

from __future__ import annotations

import re
from typing import Any

import jinja2
from markupsafe import Markup

import banbury
from banbury.charts import PALETTE, Bar, Mark, axis, bars, curve, shown, strip
from banbury.charts.svg import STYLE
from banbury.cycle.compare import report_words as say
from banbury.cycle.compare.report_data import (
    Confusion,
    Curve,
    GuardRow,
    Rate,
    ReportData,
    SkillRow,
    Stage,
    Training,
)

LIMIT = 420
"""Characters of one prompt or answer that are shown; a longer one says how long it is."""


def render(data: ReportData) -> str:
    """Return the report as one HTML page that needs no other file, no script and no network.

    Every text in the data is shown as text, whatever it holds; long ones are cut and say how long
    they were.
    """
    wrong, helped = say.answer(data)
    accepted = sum(r.accepted for r in data.sourced)
    guard_rows = data.guard.rows if data.guard else ()
    page = _environment(data).get_template("report.html.j2")
    return page.render(
        data=data,
        version=banbury.__version__,
        style=Markup(PALETTE + STYLE + _css()),
        wrong=wrong,
        helped=helped,
        tone=_tone(data),
        accepted=accepted,
        rejected=sum(r.made for r in data.sourced) - accepted,
        worked=say.worked_on(data),
        others=say.others(data),
        kinds=say.KINDS,
        axis=Markup(axis([(0, "0 %"), (0.5, "50 %"), (1, "100 %")])),
        limit=LIMIT,
        routed=any(r.routed_away for r in guard_rows),
        safe_rows=sum(r.verdict == "safe" for r in guard_rows),
        differences={s.skill: s.difference for s in data.skills},
        tokens_in=sum(s.tokens_in for s in data.stages),
        tokens_out=sum(s.tokens_out for s in data.stages),
        **_router(data.router),
    )


def _environment(data: ReportData) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("banbury.cycle.compare", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def both(row: SkillRow) -> Markup:
        return _strip(row.title, row.before, row.after, data.threshold)

    def unseen(row: SkillRow) -> Markup:
        title = f"{row.title}, unseen wordings"
        return _strip(title, row.unseen_before or _NONE, row.unseen_after, data.threshold)

    def only_before(row: SkillRow) -> Markup:
        return _strip(row.title, row.before, row.after, data.threshold)

    def stage(row: Stage) -> Markup:
        label = f"{row.name}: from {say.seconds(row.start)} to {say.seconds(row.end)}"
        end = max((s.end for s in data.stages), default=1.0)
        return Markup(bars([Bar(row.start, row.end)], label, end=end))

    environment.filters |= {
        "show": shown,
        "percent": say.percent,
        "seconds": say.seconds,
        "interval": say.interval,
        "points": say.points,
        "both": both,
        "unseen": unseen,
        "only_before": only_before,
    }
    environment.globals |= {
        "count": say.count,
        "stage": stage,
        "curve": _curve,
        "guard_strip": _guard_strip,
    }
    return environment


_NONE = Rate(0, 0, 0.0, 1.0)


def _strip(title: str, before: Rate, after: Rate | None, threshold: float) -> Markup:
    marks = [Mark(before.share, before.low, before.high, "before")]
    label = f"{title}: {say.passes(before)} passed before"
    if after is not None:
        marks.append(Mark(after.share, after.low, after.high, "after"))
        label += f", {say.passes(after)} after"
    return Markup(strip(marks, label, line=threshold))


def _guard_strip(row: GuardRow, margin: float) -> Markup:
    """Return the difference with its one-sided bound, on a scale of three margins either side."""
    end = max(0.3, 3 * margin)
    look: Any = "harm" if row.verdict == "harmed" else "after"
    mark = Mark(row.difference, row.low, row.difference, look)
    label = f"{row.title}: {say.points(row.difference)} points, at least {say.points(row.low)}"
    return Markup(strip([mark], label, low=-end, high=end, line=-margin))


def _curve(points: Curve, name: str, run: Training) -> Markup:
    label = f"{name} of {run.name}: from {points.values[0]:.3g} to {points.values[-1]:.3g}"
    return Markup(curve(points.steps, points.values, label))


def _router(confusion: Confusion | None) -> dict[str, int]:
    counts = confusion.counts if confusion else ()
    right = sum(row[i] for i, row in enumerate(counts))
    return {"router_n": sum(map(sum, counts)), "router_right": right}


def _tone(data: ReportData) -> str:
    """Return the colour of the second sentence: good only if something closed and none harmed."""
    harmed = data.guard is not None and data.guard.verdict == "harmed"
    measured = [s for s in data.skills if s.worked_on and s.difference]
    if harmed or (measured and not any(s.closed for s in measured)):
        return "bad"
    return "after" if measured else "quiet"


def _css() -> str:
    source = jinja2.PackageLoader("banbury.cycle.compare", "pages")
    text, _, _ = source.get_source(jinja2.Environment(autoescape=True), "report.css")
    return re.sub(r"\s*\n\s*", "\n", text)
