"""The report as HTML: the same for a page and for a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from banbury.charts.strip import Mark, strip
from banbury.charts.svg import PALETTE, STYLE, shown
from banbury.people.ability.fairness import LEAST, GroupResult, ItemBias
from banbury.people.ability.predicting import Prediction
from banbury.people.prediction.report import Groups, Report, Use
from banbury.statistics.intervals import Interval

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{palette}{style}
body {{ margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }}
.scroll {{ overflow-x: auto; }} table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: 0.3rem 0.8rem 0.3rem 0; vertical-align: top;
  border-bottom: 1px solid var(--rule); }}
.number {{ font-variant-numeric: tabular-nums; white-space: nowrap; }}
.muted {{ color: var(--muted); }}
.small {{ font-size: 0.85rem; }}
.notice {{ border-left: 3px solid var(--alarm); background: var(--wash); padding: 0.6rem 1rem; }}
td .strip {{ min-width: 9rem; }}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>
"""


def whole(report: Report) -> str:
    """Return the report as a page of its own."""
    return _PAGE.format(
        title=escape(report.title), palette=PALETTE, style=STYLE, body=fragment(report)
    )


def fragment(report: Report) -> str:
    """Return the report below its heading."""
    return "".join(_parts(report))


def _parts(report: Report) -> Iterable[str]:
    if report.simulated:
        said = "".join(f"<li>{_text(one)}</li>" for one in report.assumptions)
        yield (
            '<div class="notice"><p><b>This is a simulation.</b> No person is in it. Seed '
            f"{report.seed}. Assumed:</p><ul>{said}</ul></div>"
        )
    made = datetime.fromtimestamp(report.made_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M UTC")
    left = ""
    if report.left_out:
        left = (
            f" {report.left_out:,} of people about whose record a case is open or stands are out."
        )
    yield (
        f'<p class="muted">{_counted(report.interviews, "interview", "interviews")} of '
        f"{_counted(report.people, 'person', 'people')}, "
        f"{made}.{left}</p>"
    )
    yield "<h2>What the score says of later work</h2>"
    yield _predictions(report.predictions)
    yield "<h2>Items that predict nothing</h2>"
    yield _items(report)
    yield "<h2>Results by group</h2>"
    yield (
        f'<p class="muted">People may tell their groups and need not. A group of fewer than '
        f"{LEAST} is not shown. A ratio below 0.8, with its interval, is what the four-fifths rule "
        "looks at.</p>"
    )
    yield from (_group(one) for one in report.groups if one.results)
    hidden = sum(not one.results for one in report.groups)
    if hidden:
        what = "One question has" if hidden == 1 else f"{hidden} questions have"
        yield f'<p class="muted">{what} too few answers to show.</p>'
    if not report.groups:
        yield '<p class="muted">Nobody was interviewed yet.</p>'


def _predictions(found: Sequence[Prediction]) -> str:
    if not found:
        return (
            '<p class="muted">Nobody who was interviewed has results of work yet. With 30 of them '
            "there is a figure.</p>"
        )
    rows = []
    for one in found:
        chart = ""
        if one.observed and one.corrected:
            marks = [_mark(one.observed, "before"), _mark(one.corrected, "after")]
            chart = strip(marks, _spoken(one), low=-0.2, high=1.0, line=0.0)
        figures = (
            f'<td class="number">{_of(one.observed)}</td>'
            f'<td class="number">{_of(one.corrected)}</td><td>{chart}</td>'
            if one.observed
            else f'<td colspan="3" class="muted">{_text(one.note)}</td>'
        )
        outcome = "gold accuracy" if one.outcome == "gold" else "reviews"
        rows.append(
            f'<tr><th scope="row">{_text(one.skill)}</th><td>{outcome}</td>'
            f'<td class="number">{one.worked:,} of {one.interviewed:,}</td>{figures}</tr>'
        )
    head = ("Interview and field of work", "Outcome", "Worked", "As seen", "Corrected", "")
    note = (
        '<p class="small muted">Correlations with 95 % intervals. Only who passes works, which '
        "hides part of what a score says; the corrected figure (blue) is what it would be had "
        "everybody been let to work (Thorndike's case 2, by bootstrap).</p>"
    )
    return _table(head, rows) + note


def _items(report: Report) -> str:
    parts = [_use(use) for use in report.uses]
    if report.retired:
        rows = [
            f'<tr><th scope="row">{_text(one.item)}</th><td>{_text(one.skill)}</td>'
            f"<td>{_text(one.reason)}</td>"
            f"<td>{'by the rule' if one.by_rule else 'by a person'}</td></tr>"
            for one in report.retired
        ]
        parts.append("<h3>Asked no more</h3>" + _table(("Item", "Interview", "Why", ""), rows))
    return "".join(parts) or '<p class="muted">There is nothing to tell yet.</p>'


def _use(use: Use) -> str:
    head = (
        f"<h3>{_text(use.skill)}</h3><p>Of {use.asked} items that were asked, {use.told} have "
        f"enough answers to tell; {len(use.retire)} of these "
        f"{'is' if len(use.retire) == 1 else 'are'} shown to say next to nothing.</p>"
    )
    rows = [
        f'<tr><th scope="row">{_text(one.item)}</th><td class="number">{one.answers:,}</td>'
        f"<td>{_text(one.why)}</td></tr>"
        for one in use.retire
    ]
    return head + (_table(("Item", "Answers of people who worked", "Why"), rows) if rows else "")


def _group(one: Groups) -> str:
    rows = [_result(r) for r in one.results]
    head = ("Group", "People", "Passed", "Mean ability", "Ratio to the largest group", "")
    said = f"<p>{one.compared} pairs of item and group were compared (Mantel-Haenszel, Holm)"
    said += (
        "; none differs more than negligibly.</p>"
        if not one.biased
        else ": these differ, and a person should read their words.</p>"
    )
    items = "".join(f"<li>{_bias(b)}</li>" for b in one.biased)
    return f"<h3>{_text(one.question)}: {_text(one.skill)}</h3>{_table(head, rows)}{said}" + (
        f"<ul>{items}</ul>" if items else ""
    )


def _result(one: GroupResult) -> str:
    ratio, chart = "the largest", ""
    if one.impact is not None:
        held = one.impact
        high = "" if held.high is None else f" to {held.high:.2f}"
        ratio = f"{held.ratio:.2f} ({held.low:.2f}{high})" if held.ratio is not None else ""
        if held.ratio is not None and held.high is not None:
            mark = Mark(held.ratio, held.low, held.high)
            label = f"{one.group}: ratio {ratio}"
            chart = strip([mark], label, low=0.4, high=1.6, line=0.8)
    return (
        f'<tr><th scope="row">{_text(one.group)}</th><td class="number">{one.n:,}</td>'
        f'<td class="number">{one.passed / one.n:.0%}</td><td class="number">{one.mean:+.2f}</td>'
        f'<td class="number">{ratio}</td><td>{chart}</td></tr>'
    )


def _bias(one: ItemBias) -> str:
    way = "harder" if one.found.delta < 0 else "easier"
    return (
        f"{_text(one.item)} is {way} for “{_text(one.group)}” than their ability says "
        f"({one.found.size}, delta {one.found.delta:+.2f})"
    )


def _mark(held: Interval, look: str) -> Mark:
    return Mark(held.estimate, held.low, held.high, look)  # type: ignore[arg-type]


def _of(held: Interval | None) -> str:
    return "" if held is None else f"{held.estimate:.2f} ({held.low:.2f} to {held.high:.2f})"


def _spoken(one: Prediction) -> str:
    return f"correlation as seen {_of(one.observed)}, corrected for selection {_of(one.corrected)}"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in head)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{head[0]}">'
        f'<table class="report"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _text(text: str) -> str:
    return escape(shown(text, 400))
