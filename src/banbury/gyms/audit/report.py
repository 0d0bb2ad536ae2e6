"""The audit as a page: Markdown or HTML, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jinja2

from banbury.errors import InputError, StoreFull
from banbury.gyms.audit.audit import GROUPS, Audit, Case, Rate, Verdict

TITLES: dict[Verdict, str] = {
    "false accept": "wrong, passed",
    "false reject": "right, refused",
    "value seen": "wrong, read as right",
    "value missed": "right, not read",
    "look": "passed, look at it",
}
_PAGE = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
    """<!doctype html><html lang="en"><meta charset="utf-8"><title>Audit of {{ a.gym }}</title>
<style>body{font:15px/1.5 sans-serif;max-width:64em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ccc}
pre{white-space:pre-wrap;background:#f4f4f4;padding:.5em}</style>
<h1>Audit of {{ a.gym }} {{ a.version }}</h1>
<p>{{ about }}</p>
<table><tr><th>skill</th><th>kind</th><th>the judge</th><th>tasks</th><th>wrong</th>
<th>95 % interval</th></tr>
{% for r in rates %}<tr><td>{{ r.skill or "all" }}</td><td>{{ r.kind or "all" }}</td>
<td>{{ titles[r.verdict] }}</td><td>{{ r.tasks }}</td><td>{{ r.wrong }}</td>
<td>{{ between(r) }}</td></tr>{% endfor %}</table>
<h2>To look at</h2>
{% for c in cases %}<h3>{{ c.skill }}: {{ c.kind }} ({{ titles[c.verdict] }})</h3>
<pre>{{ c.instruction }}</pre><p>Right:</p><pre>{{ c.reference }}</pre>
<p>Tried, score {{ c.score }}:</p><pre>{{ c.tried }}</pre>
<p>The judge said: <code>{{ c.evidence }}</code></p>
{% else %}<p>Nothing.</p>{% endfor %}
{% for e in a.errors %}<p>The gym raised: {{ e }}</p>{% endfor %}</html>
"""
)


def write_report(found: Audit, path: Path, most: int = 40) -> None:
    """Write an audit to a .md or .html file.

    Args:
        found: the audit.
        path: where; an older report there is replaced.
        most: cases shown, at most two of one skill and kind.

    Raises:
        InputError: the suffix is neither.
        StoreFull: the file cannot be written.
    """
    if path.suffix not in (".md", ".html"):
        raise InputError(f"{path.name!r} is neither .md nor .html", where=str(path))
    text = html(found, most) if path.suffix == ".html" else markdown(found, most)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreFull(f"the report cannot be written: {error}", where=str(path)) from error


def html(found: Audit, most: int = 40) -> str:
    """Return the audit as a page of HTML."""
    return _PAGE.render(
        a=found,
        about=about(found),
        rates=shown_rates(found),
        cases=worst(found, most),
        titles=TITLES,
        between=between,
    )


def markdown(found: Audit, most: int = 40) -> str:
    """Return the audit as Markdown."""
    lines = [
        f"# Audit of {found.gym} {found.version}",
        "",
        about(found),
        "",
        "| skill | kind | the judge | tasks | wrong | 95 % interval |",
        "|---|---|---|---:|---:|---|",
    ]
    for r in shown_rates(found):
        cells = (r.skill or "all", r.kind or "all", TITLES[r.verdict], r.tasks, r.wrong, between(r))
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "## To look at", ""]
    for case in worst(found, most):
        lines += [f"### {case.skill}: {case.kind} ({TITLES[case.verdict]})", ""]
        lines += _block("Asked", case.instruction)
        lines += _block("Right", case.reference)
        lines += _block(f"Tried, score {case.score:g}", case.tried)
        lines += _block("The judge said", case.evidence)
    lines += [] if found.cases else ["Nothing.", ""]
    lines += [f"The gym raised: {error}" for error in found.errors]
    return "\n".join(lines).rstrip() + "\n"


def _block(title: str, text: str) -> Iterator[str]:
    yield f"{title}:"
    yield ""
    yield from (f"    {line}" for line in text.splitlines() or [""])
    yield ""


def about(found: Audit) -> str:
    """Return what was tried in one or two sentences."""
    said = [
        f"{found.trials} trials on {found.tasks} tasks, seed {found.seed}, judge "
        f"{found.judge_hash[:12]}.",
        "A rate is the share of tasks on which at least one trial of the kind went wrong.",
    ]
    if found.asked:
        said.append(f"What a model grades was graded by {', '.join(found.asked)}.")
    if found.same:
        said.append(f"{found.same} changed solutions end in the same state and are left out.")
    if found.errors:
        said.append(f"The gym raised on {len(found.errors)} trials.")
    return " ".join(said)


def shown_rates(found: Audit) -> list[Rate]:
    """Return the totals over all skills, then whatever went wrong by skill and by kind."""
    order = list(GROUPS)
    totals = [r for r in found.rates if not r.skill and not r.kind]
    parts = [r for r in found.rates if r.skill and r.kind and r.wrong]
    return [
        *sorted(totals, key=lambda r: order.index(r.verdict)),
        *sorted(parts, key=lambda r: (order.index(r.verdict), -r.wrong / r.tasks, r.skill)),
    ]


def worst(found: Audit, most: int) -> list[Case]:
    """Return the cases to look at first: at most two of one skill and kind."""
    held: dict[tuple[str, str, str], int] = {}
    chosen: list[Case] = []
    for case in found.cases:
        key = (case.verdict, case.skill, case.kind)
        held[key] = held.get(key, 0) + 1
        if held[key] <= 2 and len(chosen) < most:
            chosen.append(case)
    return chosen


def between(rate: Rate) -> str:
    """Return a rate's interval in percent."""
    return f"{100 * rate.low:.1f} to {100 * rate.high:.1f} %"
