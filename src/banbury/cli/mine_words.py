"""What `banbury mine` shows: how far it is, what became of repositories, one candidate wholly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from banbury.arena import Tally
from banbury.cli import terminal
from banbury.cli.terminal import counted, notes, out, percent, print_json, print_table
from banbury.cycle.source.mine.account import Account, account
from banbury.cycle.source.mine.asked import Source, address
from banbury.cycle.source.mine.attempts import Tried
from banbury.cycle.source.mine.crew import Progress as Far
from banbury.cycle.source.mine.summary import Summary
from banbury.store import Lab
from banbury.store.mining import Candidate

_EVERY_S = 0.2
_SHOWN = 20


@contextmanager
def live(*, quiet: bool = False) -> Iterator[Callable[[Far], None]]:
    """Show how far a run is: a bar, and a line for each candidate under way.

    Where standard error is no terminal, a line at each verdict says the same.
    """
    begun, drawn, told = time.monotonic(), 0.0, -1
    bar = Progress(
        TextColumn("mine"),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[said]}"),
        console=notes,
    )
    line = bar.add_task("mine", total=None, said="")
    view = Live(console=notes, transient=True, refresh_per_second=4, auto_refresh=False)
    plain = not notes.is_terminal

    def show(far: Far) -> None:
        nonlocal drawn, told
        now = time.monotonic()
        if terminal.watched is not None:
            tally = Tally(total=far.known, done=far.done, seconds=now - begun)
            terminal.watched(_said(far), tally)
        if quiet or (now - drawn < _EVERY_S and far.done == told):
            return
        drawn = now
        if plain:
            if far.done != told and far.known:
                notes.print(f"mine: {far.done} of {far.known}, {_said(far)}", highlight=False)
        else:
            bar.update(line, total=far.known or None, completed=far.done, said=_said(far))
            view.update(Group(bar, *(_line(one.label, one.what) for one in far.lines)))
            view.refresh()
        told = far.done

    if quiet or plain:
        yield show
        return
    with view:
        yield show


def _said(far: Far) -> str:
    words = [f"{far.repositories}/{far.of_repositories} read"]
    words += [f"{far.there} done before"] if far.there else []
    words += [counted(far.tasks, "task"), f"{far.cpu_s / 3600:.2f} core-h"]
    return ", ".join(words)


def _line(label: str, what: str) -> Text:
    return Text(f"  {label}  {what}", overflow="ellipsis", no_wrap=True)


def show_summary(found: Summary) -> None:
    """Print what became of the repositories: each one, and why candidates were not kept."""
    print_table(
        "Repositories",
        ("repository", "changes", "candidates", "run", "built", "tasks", "yield", "CPU", "note"),
        [
            (
                m.repository.name,
                str(m.repository.units),
                str(m.candidates),
                str(m.run),
                str(m.built),
                str(m.valid),
                percent(m.valid / m.run if m.run else None),
                f"{m.cpu_s:.0f} s",
                m.repository.reason,
            )
            for m in found.repositories[:_SHOWN]
        ],
        right=("changes", "candidates", "run", "built", "tasks", "yield", "CPU"),
    )
    if len(found.repositories) > _SHOWN:
        out.print(f"and {len(found.repositories) - _SHOWN} more; all with --json")
    if found.counts:
        _reasons(found)
    out.print(
        f"\n{counted(len(found.tasks), 'task')}, yield {percent(found.share)} of the candidates "
        f"that were run, {found.cpu_s / 3600:.2f} core-hours, {found.median_cpu_s:.1f} CPU s a "
        "candidate (median)"
    )
    for m in found.repositories[:_SHOWN]:
        if m.repository.remedy:
            out.print(f"{m.repository.name}: {m.repository.remedy}", markup=False)


def _reasons(found: Summary) -> None:
    states = ("task", "rejected", "failed", "running", "waiting", "dropped")
    rows = [
        (
            f"{c.state} (planted)" if c.sort == "planted" else c.state,
            c.kind or "-",
            str(c.candidates),
            str(c.tasks or ""),
            f"{c.cpu_s:.0f} s",
        )
        for state in states
        for c in found.counts
        if c.state == state
    ]
    out.print()
    print_table(
        "Changes, by what became of them",
        ("state", "reason", "changes", "tasks", "CPU"),
        rows,
        right=("changes", "tasks", "CPU"),
    )


def summary_json(found: Summary) -> dict[str, Any]:
    """Return a summary as JSON."""
    return {**msgspec.to_builtins(found), "yield": found.share}


def show_tried(model: str, held: Sequence[Tried]) -> None:
    """Print how a model did on each task."""
    out.print()
    print_table(
        f"Attempts of {model}",
        ("task", "passed"),
        [(t.task[:16], f"{t.passed} of {t.attempts}") for t in held[:_SHOWN]],
        right=("passed",),
    )
    passed, attempts = sum(t.passed for t in held), sum(t.attempts for t in held)
    never = sum(not t.passed for t in held)
    share, were = percent(passed / attempts if attempts else None), "was" if never == 1 else "were"
    out.print(
        f"{share} of {counted(attempts, 'attempt')} passed; {never} of "
        f"{counted(len(held), 'task')} {were} never solved (--failed-by picks them)"
    )


def show_candidates(
    lab: Lab,
    sources: Sequence[Source],
    *,
    dropped: bool,
    tasks: set[str] | None = None,
    json: bool,
) -> None:
    """List candidates, or the changes that were dropped, each with its reason."""
    rows = lab.mining.repositories()
    wanted = {address(s.url) for s in sources}
    ids = [row.id for row in rows if not wanted or row.url in wanted]
    held: list[Candidate] = []
    after = 0
    while page := lab.mining.candidates(repositories=ids, after=after):
        held += [
            c
            for c in page
            if (c.state == "dropped") == dropped and (tasks is None or tasks & set(c.tasks))
        ]
        after = page[-1].id
    if json:
        print_json([_plain(c) for c in held])
        return
    print_table(
        "Dropped changes" if dropped else "Candidates",
        ("candidate", "date", "state", "reason", "CPU", "subject"),
        [
            (c.label, _date(c.committed), c.kind or c.state, _why(c), f"{c.cpu_s:.0f}", c.subject)
            for c in held
        ],
        right=("CPU",),
        whole=("candidate", "date", "state", "CPU"),
        short=("subject",),
    )


def _why(candidate: Candidate) -> str:
    """Return why a candidate was kept, dropped or rejected, in a line."""
    if candidate.state != "task":
        return candidate.reason
    told = account(candidate.body)
    if candidate.sort == "planted":
        planted = counted(len(candidate.tasks), "planted bug")
        return f"{planted} that the tests notice"
    count = len(told.fail_to_pass)
    failing = counted(count, "test fails", "tests fail")
    damages = counted(len(told.mutants), "damage")
    caught = f", {told.caught} of {damages} noticed" if told.mutants else ""
    return f"{failing} without the fix{caught}"


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds else ""


def _plain(candidate: Candidate) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(candidate)
    said.pop("body")
    return said


def explain(candidate: Candidate) -> dict[str, Any]:
    """Return all that is known of a candidate."""
    return {**_plain(candidate), "account": msgspec.to_builtins(account(candidate.body))}


def show_candidate(candidate: Candidate) -> None:
    """Print all that is known of a candidate."""
    told = account(candidate.body)
    out.print(f"{candidate.label}: {candidate.subject}", markup=False)
    out.print(f"{candidate.url} {candidate.revision}, {_date(candidate.committed)}", markup=False)
    if candidate.state == "task":
        out.print(f"became {counted(len(candidate.tasks), 'task')}: {', '.join(candidate.tasks)}")
    else:
        kind = f" ({candidate.kind})" if candidate.kind else ""
        out.print(f"{candidate.state}{kind}: {candidate.reason}", markup=False)
    if candidate.remedy:
        out.print(f"What to do: {candidate.remedy}", markup=False)
    _history(told)
    _environment(told)
    _runs(told)
    _tests(told)
    if told.statement:
        out.print(f"\nStatement, from {told.statement_from}:\n{told.statement}", markup=False)
    if told.log:
        out.print(f"\nLast words:\n{told.log}", markup=False)
    spent = ", ".join(f"{part} {cpu:.1f} s" for part, cpu in told.spent.items())
    out.print(f"\nCPU {candidate.cpu_s:.1f} s ({spent}), {candidate.wall_s:.0f} s by the clock")


def _history(told: Account) -> None:
    if told.why:
        out.print(f"\nLooks like a fix ({told.score:+.1f}): {'; '.join(told.why)}", markup=False)
        out.print(
            f"Changes {counted(told.lines, 'line')} in {', '.join(told.source)}", markup=False
        )
        out.print(f"Tests: {', '.join(told.tests)}", markup=False)
    if told.drawn_on:
        names = ", ".join(told.drawn_on)
        out.print(f"{names} may have it too: give its rows with --against to be sure", markup=False)


def _environment(told: Account) -> None:
    if told.python:
        held = counted(told.packages, "distribution")
        out.print(f"\nEnvironment: Python {told.python}, {held}")
    for rung in told.rungs:
        out.print(f"  {rung}", markup=False)


def _runs(told: Account) -> None:
    if not told.runs:
        return
    out.print()
    print_table(
        "Runs",
        ("what", "perturbed", "passed", "failed", "other", "CPU", "trouble"),
        [
            (
                run.what,
                run.how,
                str(run.passed),
                str(run.failed),
                str(run.other),
                "shared" if run.shared else f"{run.cpu_s:.1f} s",
                run.trouble,
            )
            for run in told.runs
        ],
        right=("passed", "failed", "other", "CPU"),
    )


def _tests(told: Account) -> None:
    if told.fail_to_pass:
        fail = ("test fails before the fix and passes", "tests fail before the fix and pass")
        out.print(f"\n{counted(len(told.fail_to_pass), *fail)} with it:")
        for id in told.fail_to_pass[:_SHOWN]:
            out.print(f"  {id}", markup=False)
        out.print(
            f"{counted(told.pass_to_pass, 'passes', 'pass')} before and after; "
            f"{counted(len(told.flaky), 'wavers', 'waver')} in {counted(told.fix_runs, 'run')}"
        )
    for id, rate in sorted(told.flaky.items(), key=lambda one: -one[1])[:_SHOWN]:
        out.print(f"  {percent(rate)} {id}", markup=False)
    if told.mutants:
        out.print(f"\nIts tests notice {told.caught} of {counted(len(told.mutants), 'change')}:")
        table = Table(box=None, pad_edge=False, show_header=False)
        for one in told.mutants:
            table.add_row("caught" if one.caught else "MISSED", Text(one.where), Text(one.what))
        out.print(table)
    for gate, found in told.gates.items():
        if found:
            out.print(f"Gate {gate}: {found}", markup=False)
