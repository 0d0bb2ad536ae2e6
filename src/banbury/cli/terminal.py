"""What every verb shares: where the store is, tables or JSON, a progress bar."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console, JustifyMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from banbury import clock, store
from banbury.arena import Tally
from banbury.store import House, Lab

out = Console()
notes = Console(stderr=True)
Watch = Callable[[str, Tally], None]
watched: Watch | None = None
"""Called with the label and the count of every bar, drawn or not; a job's process sets it."""


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """Where the work is kept.

    Attributes:
        store: folder or postgresql:// address; the environment's BANBURY_URL or BANBURY_HOME
            if not given.
        lab: name of the lab; the environment's BANBURY_LAB or `main` if not given.
    """

    store: Annotated[str | None, Parameter(name="--store")] = None
    lab: Annotated[str, Parameter(name="--lab", env_var="BANBURY_LAB")] = "main"

    def words(self) -> list[str]:
        """Return what the command line needs to come here again."""
        store = [] if self.store is None else ["--store", self.store]
        usual = self.lab == os.environ.get("BANBURY_LAB", "main")
        return store if usual else [*store, "--lab", self.lab]

    @contextmanager
    def open(self, *, create: bool = True) -> Iterator[Lab]:
        """Open the lab; close the store at the end."""
        house: House = store.open(self.store)
        try:
            yield house.lab(self.lab, create=create)
        finally:
            house.close()


Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead.")]


def print_json(value: Any) -> None:
    """Print a value as indented JSON on standard output."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(text.decode() + "\n")


_LITTLE = 16
"""Columns of the screen below which a text that is cut says nothing."""


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    short: Sequence[str] = (),
) -> None:
    """Print a table.

    Args:
        title: what stands above it.
        columns: their names.
        rows: as many texts each.
        right: columns that are aligned to the right.
        whole: columns that keep to one line, whatever the others need.
        short: columns that get a third of the room beside these, and none where that is little.
    """
    lines = [tuple(row) for row in rows]
    taken = [max(len(line[columns.index(c)]) for line in (columns, *lines)) + 1 for c in whole]
    room = (out.width - sum(taken)) // 3
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # A name that is cut short could not be typed again.
        side: JustifyMethod = "right" if column in right else "left"
        if column not in short:
            table.add_column(column, justify=side, overflow="fold", no_wrap=column in whole)
        elif room >= _LITTLE:
            table.add_column(column, max_width=room, overflow="ellipsis", no_wrap=True)
    drawn = [i for i, c in enumerate(columns) if c not in short or room >= _LITTLE]
    for line in lines:
        table.add_row(*(line[i] for i in drawn))
    out.print(table)


def next_command(place: Place, *words: str) -> None:
    """Print the command that comes next in the loop, in the same store and lab."""
    line = shlex.join([*words, *place.words()])
    out.print(f"\nNext: banbury {line}", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[Tally], None]]:
    """Show done, rate, time left and spend of a run on standard error.

    Where that is no terminal, a line at the end of the run says the same.
    """
    last = Tally()
    begun, drawn = clock.mono_ns(), 0
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[spend]}"),
    )
    with Progress(*columns, console=notes, transient=True, disable=quiet) as progress:
        line = progress.add_task(label, total=None, rate="", spend="")

        def show(tally: Tally) -> None:
            nonlocal last, drawn
            last = tally
            if watched is not None:
                watched(label, tally)
            # Drawing a line costs more than an episode of a script: ten a second are enough.
            now = clock.mono_ns()
            if now - drawn < 100_000_000 and tally.done < tally.total:
                return
            drawn = now
            rate = f"{tally.per_second:.1f}/s" if tally.seconds > 0 else ""
            progress.update(
                line, total=tally.total, completed=tally.done, rate=rate, spend=spend(tally)
            )

        yield show
    if not quiet and not notes.is_terminal:
        seconds = (clock.mono_ns() - begun) / 1e9
        count = f"{last.done} of {last.total}, " if last.total else ""
        notes.print(f"{label}: {count}{seconds:.0f} s {spend(last)}".rstrip(), highlight=False)


def spend(tally: Tally) -> str:
    """Return how a run stands and what it has cost so far, in a few words."""
    words = [tally.phase] if tally.phase else []
    if tally.steps + tally.resumed and (found := tally.pass_rate()) is not None:
        rate, low, high = found
        words.append(f"{percent(rate)} passed ({between(low, high)})")
    tokens = tally.cost.tokens_in + tally.cost.tokens_out
    if tokens:
        words.append(f"{tokens / 1000:.0f}k tokens, {tally.tokens_per_second:.0f}/s")
    words += [f"{m.nano / 1e9:.4f} {m.currency}" for m in tally.cost.money]
    if tally.store_s > 1 and tally.waiting["store"] > 0.2:
        words.append(f"{percent(tally.waiting['store'])} of the time waiting for the store")
    words += [f"{n} failed ({boundary})" for boundary, n in sorted(tally.failures.items())]
    words += [f"{tally.unjudged} not judged yet"] if tally.unjudged else []
    words += [f"{tally.skipped} skipped"] if tally.skipped else []
    words += [f"{tally.open} left open"] if tally.open else []
    return ", ".join(words)


def counted(number: float, noun: str, nouns: str = "") -> str:
    """Return a number with what it counts: `1 task`, `2,000 tasks`.

    Args:
        number: how many.
        noun: of one; a verb may stand in it or in its place.
        nouns: of several, where it is not the noun with an `s`.
    """
    shown = f"{number:,}" if isinstance(number, int) else f"{number:g}"
    return f"{shown} {noun if number == 1 else nouns or noun + 's'}"


def percent(value: float | None) -> str:
    """Return a share as whole percent, or a dash."""
    return "-" if value is None else f"{100 * value:.0f} %"


def between(low: float, high: float) -> str:
    """Return an interval of shares as `12 to 34 %`."""
    return f"{100 * low:.0f} to {100 * high:.0f} %"
