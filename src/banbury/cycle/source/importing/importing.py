"""Import: rows become tasks, all or none, and go on where they were stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from banbury import clock
from banbury.cycle.source.importing.making import Made, Maker
from banbury.cycle.source.importing.plan import Plan, checked_licence
from banbury.cycle.source.importing.proposals import put_guesses
from banbury.cycle.source.importing.rows import Broken, Cursor
from banbury.cycle.source.importing.sources import Source, open_source
from banbury.episode import canonical, digest
from banbury.errors import InputError, UnknownName
from banbury.store import Lab
from banbury.store.queue import Campaign

KIND = "import"
"""Kind of the artifacts that say how far an import is."""
REMOVAL = "removal"
"""Kind of the artifacts that say that tasks were taken out of a campaign, by its name."""
BATCH = 10_000
_LETTERS = 30_000_000
"""Characters of tasks that are held before they are written, however few rows they are."""
_SAVED = 5
"""Batches after which the cursor is written."""
_TOLD = 20
"""Broken rows that an error names."""

Progress = Callable[[int, int, str], None]
"""`progress(rows done, rows in all or 0, phase)`; the phases are `check` and `take`."""


class Imported(msgspec.Struct, omit_defaults=False):
    """What became of an import.

    Attributes:
        source: path.
        format: in which it was read.
        rows: that were read, over all starts of this import.
        new: tasks that the lab did not hold.
        there: tasks that it held already.
        added: tasks that the campaign did not hold.
        proposed: proposals kept.
        broken: rows that were left out.
        reasons: the first of them, each with its reason.
        broken_file: where all of them are written, "" if there is none.
        done: whether it was taken to its end.
        columns: of a table that are shown, by the item's fields.
        carried_on: from which row this start went on.
        seconds: of this start.
    """

    source: str
    format: str
    rows: int = 0
    new: int = 0
    there: int = 0
    added: int = 0
    proposed: int = 0
    broken: int = 0
    reasons: list[str] = []
    broken_file: str = ""
    columns: dict[str, str] = {}
    done: bool = False
    carried_on: int = 0
    seconds: float = 0.0


class _State(msgspec.Struct):
    """What is kept of an import, so that it can go on."""

    imported: Imported
    cursor: Sequence[int | str] = ()
    checked: bool = False
    broken_bytes: int = 0


def import_tasks(
    lab: Lab,
    path: Path,
    plan: Plan,
    *,
    campaign: Campaign | None = None,
    format: str = "",
    skip_broken: bool = False,
    broken_file: Path | None = None,
    known_as: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Take the rows of a file or a folder as tasks of the gym `labelling`.

    Where a row is broken nothing is taken, unless `skip_broken` says to take the rest. A task's
    identity is what it shows and asks: the same row again is the same task. An import that was
    stopped, or killed, goes on behind the last rows that were written.

    Args:
        lab: where the tasks go.
        path: a file or a folder.
        plan: what is asked of each row.
        campaign: made if it is not there; the tasks are put into it.
        format: one of `sources.FORMATS`, found out if "".
        skip_broken: leave broken rows out, and write them to a file with their reasons.
        broken_file: that file; `PATH.broken.jsonl` if None.
        known_as: `gold` or `proposals`: what results that come with the rows are; if "", they are
            gold, and proposals where their file says so.
        progress: called after each batch.

    Raises:
        InputError: a row is broken (the first ones are named), the source cannot be read, or the
            licence is no SPDX id.
        SetupError: it holds sound or video, and PyAV is not installed.
    """
    begun = clock.mono_ns()
    plan = msgspec.structs.replace(plan, licence=checked_licence(plan.licence))
    source = open_source(path, plan, format)
    maker = Maker(lab, source, known_as)
    if campaign is not None:
        campaign = lab.queue.put(campaign)
    name = _name(source, campaign, known_as, skip_broken)
    state = _state(lab, name, source, campaign)
    state.imported.carried_on = state.imported.rows
    if state.imported.done:
        return _again(state.imported, begun)
    work = _Import(lab, maker, campaign, name, state, progress)
    if not (skip_broken or state.checked):
        work.check()
    work.take(broken_file or path.with_name(f"{path.name}.broken.jsonl"))
    state.imported.seconds = round((clock.mono_ns() - begun) / 1e9, 2)
    return state.imported


def _again(held: Imported, begun: int) -> Imported:
    """Return what an import brings that was taken to its end before: nothing new."""
    there, seconds = held.there + held.new, round((clock.mono_ns() - begun) / 1e9, 2)
    return msgspec.structs.replace(held, new=0, added=0, proposed=0, there=there, seconds=seconds)


def _name(source: Source, campaign: Campaign | None, known_as: str, skip: bool) -> str:
    into = campaign.name if campaign else ""
    said = [into, known_as, skip, msgspec.to_builtins(source.plan)]
    return digest(source.fingerprint().encode(), canonical(said))[:32]


def _state(lab: Lab, name: str, source: Source, campaign: Campaign | None) -> _State:
    """Return how far an import is.

    A folder is walked again, since files may have come; and all is taken again where tasks were
    taken out of the campaign since.
    """
    fresh = _State(Imported(str(source.path), source.format))
    try:
        kept = lab.artifact(KIND, name)
        held = msgspec.convert(kept.body, _State)
    except (UnknownName, msgspec.ValidationError):
        return fresh
    held.imported.source = str(source.path)
    again = source.format == "folder" or _removed_since(lab, campaign, kept.created_ns)
    return fresh if held.imported.done and again else held


def _removed_since(lab: Lab, campaign: Campaign | None, ns: int) -> bool:
    try:
        return campaign is not None and lab.artifact(REMOVAL, campaign.name).created_ns > ns
    except UnknownName:
        return False


class _Import:
    """One import under way."""

    def __init__(
        self,
        lab: Lab,
        maker: Maker,
        campaign: Campaign | None,
        name: str,
        state: _State,
        progress: Progress | None,
    ) -> None:
        self._lab = lab
        self._maker = maker
        self._campaign = campaign
        self._name = name
        self._state = state
        self._progress = progress
        self._total = 0

    def check(self) -> None:
        """Look at every row before any is taken.

        Raises:
            InputError: rows are broken.
        """
        broken: list[str] = []
        count = rows = 0
        for rows, row in enumerate(self._maker.source.rows(()), start=1):
            fault = row if isinstance(row, Broken) else self._maker.fault(row)
            if fault:
                count += 1
                if len(broken) < _TOLD:
                    broken.append(f"{fault.place}: {fault.why}")
            if self._progress and not rows % 1000:
                self._progress(rows, 0, "check")
        self._total = rows
        if broken:
            more = f"\n  and {count - len(broken)} more" if count > len(broken) else ""
            raise InputError(
                f"{count} of {rows} rows are broken, and nothing was taken",
                where="\n  " + "\n  ".join(broken) + more,
                do="mend them, or take the others with --skip-broken",
            )
        if not rows:
            raise InputError("there is no row in it", where=str(self._maker.source.path))
        self._state.checked = True
        self._save()

    def take(self, aside: Path) -> None:
        """Take what has not been taken yet: one batch is written while the next is made."""
        pending: Future[None] | None = None
        try:
            with ThreadPoolExecutor(1, "banbury-import") as writer:
                for number, (batch, cursor) in enumerate(self._batches()):
                    self._written(pending, number)
                    pending = writer.submit(self._write, batch, cursor, aside)
                self._written(pending, 0)
            self._state.imported.done = True
        finally:
            said = self._state.imported
            said.columns = dict(self._maker.source.columns or said.columns)
            self._save()

    def _written(self, pending: Future[None] | None, number: int) -> None:
        """Wait for the batch before; note now and then how far the import is."""
        if pending is None:
            return
        pending.result()
        if not number % _SAVED:
            self._save()
        if self._progress:
            rows = self._state.imported.rows
            self._progress(rows, max(self._total, rows), "take")

    def _batches(self) -> Iterator[tuple[list[Made | Broken], Cursor]]:
        batch: list[Made | Broken] = []
        letters = 0
        cursor: Cursor = self._state.cursor
        checked = self._state.checked
        for row in self._maker.source.rows(cursor):
            made = row if isinstance(row, Broken) else self._maker.taken(row, checked=checked)
            batch.append(made)
            letters += 0 if isinstance(made, Broken) else len(made.problem.task.public.inputs)
            cursor = row.after
            if len(batch) >= BATCH or letters > _LETTERS:
                yield batch, cursor
                batch, letters = [], 0
        if batch:
            yield batch, cursor

    def _write(self, batch: list[Made | Broken], cursor: Cursor, aside: Path) -> None:
        said, state = self._state.imported, self._state
        made = [one for one in batch if not isinstance(one, Broken)]
        broken = [one for one in batch if isinstance(one, Broken)]
        problems = [one.problem for one in made]
        new = self._lab.put_tasks(problems)
        if self._campaign and problems:
            ids = [problem.task.id for problem in problems]
            said.added += self._lab.queue.add(self._campaign.name, ids)
        said.proposed += put_guesses(self._lab, self._campaign, made)
        if broken:
            state.broken_bytes = _noted(aside, broken, state.broken_bytes)
            said.broken_file = str(aside)
            said.reasons += [f"{b.place}: {b.why}" for b in broken][: _TOLD - len(said.reasons)]
        said.rows += len(batch)
        said.new += new
        said.there += len(problems) - new
        said.broken += len(broken)
        state.cursor = list(cursor)

    def _save(self) -> None:
        body: dict[str, Any] = msgspec.to_builtins(self._state)
        self._lab.put_artifact(KIND, self._name, body, same_but=())


def _noted(aside: Path, broken: Sequence[Broken], start: int) -> int:
    """Write broken rows behind what an import that was stopped has written; return the new end."""
    start = start if aside.exists() else 0
    with aside.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        for one in broken:
            file.write(canonical({"row": one.place, "why": one.why}) + b"\n")
        return file.tell()
