"""The sentences and numbers of a report, made from its data."""

from __future__ import annotations

from collections.abc import Sequence

from banbury.cycle.compare.report_data import (
    Difference,
    GuardTable,
    Rate,
    ReportData,
    SkillRow,
)

KINDS = {
    "form": "knows it, says it in the wrong form",
    "skill": "cannot do it",
    "knowledge": "was never told",
}
"""What each kind of gap means, after 'the model'."""

MINUS = "\u2212"
THIN = "\u202f"


def count(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 gap`, `1,200 gaps`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    *head, last = items or ("",)
    return f"{', '.join(head)} and {last}" if head else last


def percent(share: float) -> str:
    """Return a share in whole per cent."""
    return f"{round(100 * share)}{THIN}%"


def points(difference: float) -> str:
    """Return a difference of shares in signed points."""
    whole = round(100 * difference)
    return f"{'+' if whole > 0 else MINUS if whole < 0 else ''}{abs(whole)}"


def interval(difference: Difference) -> str:
    """Return a difference with its interval, in points."""
    ends = f"{points(difference.low)} to {points(difference.high)}"
    return f"{points(difference.value)} ({ends})"


def seconds(value: float) -> str:
    """Return a stretch of time: `8.4 s`, `75 s`, `12 min 5 s`, `3 h 20 min`."""
    if value < 10:
        return f"{value:.1f}{THIN}s"
    if value < 100:
        return f"{value:.0f}{THIN}s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}{THIN}min {rest}{THIN}s" if rest else f"{minutes}{THIN}min"
    return f"{minutes // 60}{THIN}h {minutes % 60}{THIN}min"


def short(name: str) -> str:
    """Return a model's name without the organisation or folders before it."""
    return name.rstrip("/").rsplit("/", 1)[-1] or name


def passes(rate: Rate) -> str:
    """Return `39 of 50`."""
    return f"{rate.passes:,} of {rate.n:,}"


def answer(data: ReportData) -> tuple[str, str]:
    """Return the whole report in two sentences: what was wrong, and whether it was mended.

    Nothing is praised that the numbers do not show: what did not close, what was harmed and what
    could not be shown safe are said here and not only further down.
    """
    return _what_was_wrong(data), _whether_it_helped(data)


def worked_on(data: ReportData) -> list[SkillRow]:
    """Return the skills worked on, closed ones first, the largest gain first."""
    rows = [s for s in data.skills if s.worked_on]
    return sorted(rows, key=lambda s: (not s.closed, -(s.difference.value if s.difference else 0)))


def others(data: ReportData) -> list[tuple[str, list[SkillRow]]]:
    """Return the skills not worked on by domain, in each the lowest pass rate first."""
    rest = [s for s in data.skills if not s.worked_on]
    domains = sorted({s.skill.split(".", 1)[0] for s in rest})
    return [
        (d, sorted((s for s in rest if s.skill.split(".", 1)[0] == d), key=_weakness))
        for d in domains
    ]


def rejections(data: ReportData) -> list[tuple[str, int]]:
    """Return every reason for which episodes were rejected and how often, the most first."""
    sums: dict[str, int] = {}
    for row in data.sourced:
        for reason, n in row.rejected.items():
            sums[reason] = sums.get(reason, 0) + n
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))


def _weakness(row: SkillRow) -> tuple[float, str]:
    return row.before.share, row.skill


def _what_was_wrong(data: ReportData) -> str:
    gaps = [s for s in data.skills if s.kind is not None]
    of = count(len(data.skills), "skill")
    line = percent(data.threshold)
    if not gaps:
        return f"{short(data.model)} shows no gap below {line} in the {of} it was tried on."
    return f"{short(data.model)} passes too rarely (below {line}) at {len(gaps)} of {of} tried."


def _whether_it_helped(data: ReportData) -> str:
    rows = worked_on(data)
    if not rows:
        return "No gap has been worked on yet."
    if not any(row.difference for row in rows):
        return f"{count(len(rows), 'gap')} were worked on; the result has not been measured yet."
    closed = sum(row.closed for row in rows)
    examples = sum(row.accepted for row in data.sourced)
    how = f"Training on {count(examples, 'reviewed example')} " if examples else "Training "
    if closed == len(rows):
        what = "closed the one gap" if closed == 1 else f"closed all {closed} gaps"
    elif closed:
        what = f"closed {closed} of the {len(rows)} gaps"
    else:
        what = "did not close the gap" if len(rows) == 1 else f"closed none of the {len(rows)} gaps"
    return f"{how}{what} worked on{_harm(data.guard)}."


def _harm(guard: GuardTable | None) -> str:
    if guard is None:
        return "; whether other skills suffered was not measured"
    if guard.verdict == "safe":
        within = f"to within {round(100 * guard.margin)} points"
        return f", and the other {count(len(guard.rows), 'skill')} are shown safe {within}"
    if guard.verdict == "harmed":
        hurt = [r.title for r in guard.rows if r.verdict == "harmed"]
        what = f" ({listed(hurt)})" if hurt else ""
        return f", but it harmed other skills{what}: this checkpoint is refused"
    return ", but the other skills are not shown to be safe"
