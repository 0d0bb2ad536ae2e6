"""What became of repositories: candidates by state and reason, tasks, yield, core-hours."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

import msgspec

from banbury.cycle.source.mine.asked import Source, address
from banbury.cycle.source.mine.trial import FREE_S
from banbury.store import Lab
from banbury.store.mining import Candidate, Count, Repository

_PAGE = 200
DECIDED = ("task", "rejected")
"""States of candidates that were run to a verdict."""


class Mined(msgspec.Struct, frozen=True):
    """One repository's part.

    Attributes:
        repository: its row.
        candidates: that look like bug fixes, run or not.
        run: of these, that came to a verdict.
        valid: of these, that became tasks.
        built: of those run, for which an environment was made.
        cpu_s: CPU seconds.
    """

    repository: Repository
    candidates: int
    run: int
    valid: int
    built: int
    cpu_s: float


class Summary(msgspec.Struct, frozen=True):
    """What became of repositories so far, this start and all before it.

    Attributes:
        repositories: one part each.
        counts: by sort, state and kind of reason.
        tasks: ids.
        cpu_s: CPU seconds in all.
        median_cpu_s: of the candidates that were run.
        median_ratio: of the CPU time that is left of a candidate's after 10 s to one run of its
            suite, where that was measured.
        disk: bytes that the tasks added to the store.
        machine: candidates that this machine failed; the same command tries them again.
    """

    repositories: tuple[Mined, ...]
    counts: tuple[Count, ...]
    tasks: tuple[str, ...]
    cpu_s: float
    median_cpu_s: float
    median_ratio: float
    disk: int
    machine: int

    @property
    def share(self) -> float | None:
        """Return the share of candidates that were run and became tasks, None if none was run."""
        run = sum(m.run for m in self.repositories)
        return sum(m.valid for m in self.repositories) / run if run else None


def summary(lab: Lab, sources: Sequence[Source] = ()) -> Summary:
    """Return what became of these repositories' candidates, of all if none are named."""
    mining = lab.mining
    rows = mining.repositories()
    if sources:
        wanted = {address(source.url) for source in sources}
        rows = [row for row in rows if row.url in wanted]
    figures = _Figures()
    parts = tuple(_part(lab, row, figures) for row in rows)
    return Summary(
        repositories=parts,
        counts=tuple(mining.counts([row.id for row in rows])),
        tasks=tuple(figures.tasks),
        cpu_s=sum(part.cpu_s for part in parts),
        median_cpu_s=statistics.median(figures.spent) if figures.spent else 0.0,
        median_ratio=statistics.median(figures.ratios) if figures.ratios else 0.0,
        disk=figures.disk,
        machine=figures.machine,
    )


class _Slim(msgspec.Struct):
    """What figures need of an account."""

    suite_cpu_s: float = 0.0
    disk: int = 0


class _Figures(msgspec.Struct):
    """What is added up over all candidates, without holding them."""

    tasks: list[str] = []
    spent: list[float] = []
    ratios: list[float] = []
    disk: int = 0
    machine: int = 0

    def add(self, candidate: Candidate) -> None:
        """Take one candidate in."""
        self.machine += candidate.state == "failed"
        if candidate.state not in DECIDED:
            return
        told = msgspec.json.decode(candidate.body, type=_Slim)
        self.tasks += candidate.tasks
        self.disk += told.disk
        if candidate.sort == "fix":
            self.spent.append(candidate.cpu_s)
            if told.suite_cpu_s:
                self.ratios.append(max(0.0, candidate.cpu_s - FREE_S) / told.suite_cpu_s)


def _part(lab: Lab, row: Repository, figures: _Figures) -> Mined:
    fixes = run = valid = built = 0
    cpu_s = row.cpu_s
    for candidate in _every(lab, row):
        figures.add(candidate)
        cpu_s += candidate.cpu_s
        if candidate.sort == "fix":
            fixes += 1
            decided = candidate.state in DECIDED
            run += decided
            valid += candidate.state == "task"
            built += decided and candidate.kind != "environment"
    return Mined(row, fixes, run, valid, built, cpu_s)


def _every(lab: Lab, row: Repository) -> Iterator[Candidate]:
    ids = lab.mining.chosen(row.id) + lab.mining.chosen(row.id, sort="planted")
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        yield from lab.mining.candidates(ids=page, limit=len(page))
