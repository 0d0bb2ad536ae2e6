"""What became of repositories: candidates by state and reason, tasks, yield, core-hours."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from banbury.cycle.source.mine.account import account
from banbury.cycle.source.mine.asked import Source, address
from banbury.store import Lab
from banbury.store.mining import Candidate, Count, Repository

_PAGE = 500


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
        fix_rate: share of the fix's runs in which a fail-to-pass test passed, over all tasks.
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
    def share(self) -> float:
        """Return the share of candidates that were run and became tasks."""
        run = sum(m.run for m in self.repositories)
        return sum(m.valid for m in self.repositories) / run if run else 0.0


def summary(lab: Lab, sources: Sequence[Source] = ()) -> Summary:
    """Return what became of these repositories' candidates, of all if none are named."""
    mining = lab.mining
    rows = mining.repositories()
    if sources:
        wanted = {address(source.url): source for source in sources}
        rows = [row for row in rows if row.url in wanted]
    held = [_held(lab, row) for row in rows]
    run = [c for _, every in held for c in every if _ran(c)]
    counts = mining.counts([row.id for row in rows])
    accounts = [(c, account(c.body)) for c in run]
    ratios = [
        max(0.0, c.cpu_s - 10) / a.suite_cpu_s
        for c, a in accounts
        if a.suite_cpu_s and c.sort == "fix"
    ]
    spent = [c.cpu_s for c in run if c.sort == "fix"]
    return Summary(
        repositories=tuple(_part(row, every) for row, every in held),
        counts=tuple(counts),
        tasks=tuple(id for c in run for id in c.tasks),
        cpu_s=sum(c.cpu_s for _, every in held for c in every) + sum(r.cpu_s for r in rows),
        median_cpu_s=statistics.median(spent) if spent else 0.0,
        median_ratio=statistics.median(ratios) if ratios else 0.0,
        disk=sum(a.disk for _, a in accounts),
        machine=sum(c.state == "failed" for _, every in held for c in every),
    )


def _held(lab: Lab, row: Repository) -> tuple[Repository, list[Candidate]]:
    every: list[Candidate] = []
    ids = lab.mining.chosen(row.id) + lab.mining.chosen(row.id, sort="planted")
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        every += lab.mining.candidates(ids=page, limit=len(page))
    return row, every


def _ran(candidate: Candidate) -> bool:
    return candidate.state in ("task", "rejected")


def _part(row: Repository, every: Sequence[Candidate]) -> Mined:
    fixes = [c for c in every if c.sort == "fix"]
    run = [c for c in fixes if _ran(c)]
    return Mined(
        row,
        len(fixes),
        len(run),
        sum(c.state == "task" for c in run),
        sum(c.kind != "environment" for c in run),
        sum(c.cpu_s for c in every),
    )
