"""Many episodes: bounded concurrency, sealed batches, resume, and a tally as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from banbury import clock
from banbury.actors.policy import Policy
from banbury.arena.play import Limits, play, seated
from banbury.episode import Cost, Judgement, Problem, Record
from banbury.gyms.contract import Ask, Gym
from banbury.store import Lab

BATCH = 1_000
FLUSH_NS = 2_000_000_000
"""A batch is written when it is full or this old: so much work at most is played again."""


class Job(msgspec.Struct, frozen=True):
    """One episode to play."""

    gym: Gym
    problem: Problem
    policies: Mapping[str, Policy]
    sample: int = 0


class Tally(msgspec.Struct):
    """Counts of a run as it goes.

    Attributes:
        total: episodes asked for.
        done: played, stored before included.
        passed: judged as passed.
        failed: failed by the infrastructure.
        resumed: found in the store from an earlier start of the same run.
        cost: spent in this start.
        seconds: wall time of this start.
    """

    total: int = 0
    done: int = 0
    passed: int = 0
    failed: int = 0
    resumed: int = 0
    cost: Cost = Cost()
    seconds: float = 0.0


Progress = Callable[[Tally], None]


def run(
    lab: Lab,
    name: str,
    jobs: Sequence[Job],
    *,
    concurrency: int = 256,
    limits: Limits | None = None,
    ask: Ask | None = None,
    tags: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Tally:
    """Play the jobs of a run that are not in the lab yet, and store them.

    An episode counts as there when its key (run, task, actor, sample) is and it did not fail;
    so a run that was killed carries on, and one that failed for want of an endpoint tries again.

    Args:
        lab: where to write.
        name: name of the run.
        jobs: episodes to play.
        concurrency: episodes at once.
        limits: of each episode.
        ask: how gyms reach a model.
        tags: kept on each episode.
        progress: called after each episode.

    Raises:
        StoreError: the store cannot take an episode; those written before are kept.
    """
    return asyncio.run(_run(lab, name, jobs, concurrency, limits, ask, tags, progress))


async def _run(
    lab: Lab,
    name: str,
    jobs: Sequence[Job],
    concurrency: int,
    limits: Limits | None,
    ask: Ask | None,
    tags: tuple[str, ...],
    progress: Progress | None,
) -> Tally:
    begun = clock.mono_ns()
    tally = Tally(total=len(jobs))
    todo = _todo(lab, name, jobs, tally)
    writer = _Writer(lab)
    work = iter(todo)

    async def worker() -> None:
        for job in work:
            record, verdict = await play(
                job.gym,
                job.problem,
                job.policies,
                lab=lab.name,
                run=name,
                sample=job.sample,
                limits=limits,
                ask=ask,
                tags=tags,
            )
            await writer.put(record, verdict)
            tally.done += 1
            tally.failed += record.episode.status == "failed"
            tally.passed += verdict is not None and verdict.passed
            tally.cost += record.episode.cost
            tally.seconds = _seconds(begun)
            if progress:
                progress(tally)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(concurrency, len(todo))):
                group.create_task(worker())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await writer.flush()
    tally.seconds = _seconds(begun)
    return tally


def _todo(lab: Lab, name: str, jobs: Sequence[Job], tally: Tally) -> list[Job]:
    """Return the jobs that the lab does not hold yet; count the others."""
    outcomes = {(o.task, o.actor, o.sample): o for o in lab.outcomes(run=name)}
    todo: list[Job] = []
    for job in jobs:
        actor = seated(job.gym, job.policies)
        held = outcomes.get((job.problem.task.id, actor, job.sample))
        if held is None or held.status == "failed":
            todo.append(job)
        else:
            tally.done += 1
            tally.resumed += 1
            tally.passed += bool(held.passed)
    return todo


class _Writer:
    """Gathers sealed episodes into batches; a slow store holds the players back."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._records: list[Record] = []
        self._verdicts: list[Judgement] = []
        self._since = clock.mono_ns()
        self._lock = asyncio.Lock()

    async def put(self, record: Record, verdict: Judgement | None) -> None:
        self._records.append(record)
        if verdict is not None:
            self._verdicts.append(verdict)
        if len(self._records) >= BATCH or clock.mono_ns() - self._since > FLUSH_NS:
            await self.flush()

    async def flush(self) -> None:
        async with self._lock:
            records, self._records = self._records, []
            verdicts, self._verdicts = self._verdicts, []
            self._since = clock.mono_ns()
            if records:
                await asyncio.to_thread(self._lab.write, records, verdicts)


def _seconds(begun_ns: int) -> float:
    return (clock.mono_ns() - begun_ns) / 1e9
