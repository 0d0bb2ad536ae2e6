"""Many episodes: bounded concurrency, sealed batches, resume, and a tally as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from banbury import clock
from banbury.actors.policy import Left, Policy
from banbury.arena.driver import complete
from banbury.arena.play import Limits, play, seated
from banbury.arena.writer import Writer
from banbury.episode import Cost, Episode, Failure, Judgement, Problem, Record
from banbury.errors import (
    ActorError,
    BanburyError,
    DeadlineError,
    GymError,
    InputError,
    Interrupted,
)
from banbury.gyms import registry
from banbury.gyms.contract import Ask, Gym
from banbury.store import Lab, Outcome

_BOUNDARIES: dict[str, type[BanburyError]] = {
    error.__name__: error for error in (ActorError, GymError, DeadlineError)
}


class Job(msgspec.Struct, frozen=True):
    """One episode to play."""

    gym: Gym
    problem: Problem
    policies: Mapping[str, Policy]
    sample: int = 0

    @property
    def key(self) -> tuple[str, str, int]:
        """Return (task, actor, sample), which the episode's key has within its run."""
        return self.problem.task.id, seated(self.gym, self.policies), self.sample


def jobs_of(problems: Iterable[Problem], policy: Policy) -> list[Job]:
    """Return one job for each problem, with one policy at all seats."""
    jobs: list[Job] = []
    for problem in problems:
        gym = registry.gym(problem.task.gym)
        jobs.append(Job(gym, problem, dict.fromkeys(gym.seats, policy)))
    return jobs


class Due(msgspec.Struct, frozen=True):
    """A job that the lab does not hold yet.

    Attributes:
        job: the job.
        person: the first policy that is a person, None where none is.
        journaled: a person sits there, steps have effects, or it is open in the lab already.
    """

    job: Job
    person: Policy | None
    journaled: bool


class Tally(msgspec.Struct):
    """Counts of a run as it goes.

    Attributes:
        total: episodes asked for; one that was asked for twice counts once.
        done: played, failed ones and those stored before included.
        passed: judged as passed.
        failed: failed by the infrastructure in this start.
        open: left open in this start, to be carried on; counted nowhere else.
        resumed: found in the store from an earlier start of the same run.
        cost: spent in this start.
        seconds: wall time of this start.
        failure: what failed first in this start.
    """

    total: int = 0
    done: int = 0
    passed: int = 0
    failed: int = 0
    open: int = 0
    resumed: int = 0
    cost: Cost = Cost()
    seconds: float = 0.0
    failure: Failure | None = None

    def check(self, name: str) -> None:
        """Do nothing, unless no episode at all of the run `name` came to a judgement.

        Raises:
            ActorError, GymError, DeadlineError: what failed first.
        """
        if self.failure is None or self.failed < self.total:
            return
        raise _BOUNDARIES.get(self.failure.boundary, ActorError)(
            f"all {self.total} episodes failed; the first: {self.failure.what}",
            where=f"run {name!r}",
            do="mend that and start it again under the same name",
        )

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of two runs, one after the other."""
        return Tally(
            self.total + other.total,
            self.done + other.done,
            self.passed + other.passed,
            self.failed + other.failed,
            self.open + other.open,
            self.resumed + other.resumed,
            self.cost + other.cost,
            self.seconds + other.seconds,
            self.failure or other.failure,
        )

    def add(self, episode: Episode, passed: bool, seconds: float) -> None:
        """Count an episode that was played now."""
        self.done += 1
        self.passed += passed
        self.failed += episode.status == "failed"
        self.failure = self.failure or episode.failure
        self.cost += episode.cost
        self.seconds = seconds


Progress = Callable[[Tally], None]
Play = Callable[[Due], Awaitable[tuple[Record, Judgement | None]]]


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
    An episode in which a person sits, or in a gym with effects outside, is stored step by step,
    and carried on where it was left; a person sits at one at a time.
    The policies are closed at the end; they may be used again.

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
        InputError: `concurrency` is below 1, or a seat is not taken.
        StoreError: the store cannot take an episode; those written before are kept.
    """
    if concurrency < 1:
        raise InputError(f"{concurrency} episodes at once are none", do="give at least 1")

    async def one(due: Due) -> tuple[Record, Judgement | None]:
        job = due.job
        while True:
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
                journal=lab if due.journaled else None,
            )
            # An episode of an earlier start that could not be carried on: play it anew.
            failure = record.episode.failure
            if failure is None or failure.boundary != Interrupted.__name__:
                return record, verdict

    begun = clock.mono_ns()
    tally = Tally()
    todo = _todo(lab, name, jobs, tally)
    if todo:
        try:
            complete(lambda: _play_all(lab, todo, one, concurrency, tally, progress))
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
    tally.seconds = _seconds(begun)
    return tally


def results(lab: Lab, name: str, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Return what a run holds of these jobs, each of another task, by task, in their order.

    Where an attempt failed and was made again, it is the one that did not fail. One that is still
    open has no outcome.
    """
    held = _held(lab, name)
    keys = [job.key for job in jobs]
    return {k[0]: o for k in keys if (o := held.get(k)) and o.status != "open"}


async def _play_all(
    lab: Lab,
    todo: Sequence[Due],
    one: Play,
    concurrency: int,
    tally: Tally,
    progress: Progress | None,
) -> None:
    begun = clock.mono_ns()
    writer = Writer(lab)
    over = asyncio.Event()

    async def worker(lane: Iterator[Due]) -> None:
        for due in lane:
            try:
                record, verdict = await one(due)
            except Left:
                tally.open += 1
                return
            if not due.journaled:
                await writer.put(record, verdict)
            tally.add(record.episode, verdict is not None and verdict.passed, _seconds(begun))
            if progress:
                progress(tally)

    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(writer.keep(over))
            async with asyncio.TaskGroup() as workers:
                for lane, width in _lanes(todo, concurrency):
                    for _ in range(width):
                        workers.create_task(worker(lane))
            over.set()
    finally:
        try:
            await writer.flush()
        finally:
            for policy in {id(p): p for due in todo for p in due.job.policies.values()}.values():
                await policy.close()


def _lanes(todo: Sequence[Due], concurrency: int) -> list[tuple[Iterator[Due], int]]:
    """Return what is due in lanes, each with its width: one for machines, one for each person."""
    lanes: dict[int, list[Due]] = {}
    for due in todo:
        lanes.setdefault(id(due.person), []).append(due)
    return [
        (iter(lane), 1 if lane[0].person else min(concurrency, len(lane)))
        for lane in lanes.values()
    ]


def _todo(lab: Lab, name: str, jobs: Sequence[Job], tally: Tally) -> list[Due]:
    """Return what the lab does not hold yet, open ones first; count the others."""
    held = _held(lab, name)
    wanted = {job.key: job for job in jobs}
    tally.total = len(wanted)
    there = [o for key in wanted if (o := held.get(key)) and o.status not in ("failed", "open")]
    tally.done = tally.resumed = len(there)
    tally.passed = sum(bool(o.passed) for o in there)
    known = {(o.task, o.actor, o.sample) for o in there}
    left = {key for key, o in held.items() if o.status == "open"}
    keys = sorted((key for key in wanted if key not in known), key=lambda key: key not in left)
    return [_due(wanted[key], key in left) for key in keys]


def _due(job: Job, left: bool) -> Due:
    person = next((p for p in job.policies.values() if p.actor.kind == "person"), None)
    return Due(job, person, left or person is not None or job.gym.needs.effects)


def _held(lab: Lab, name: str) -> dict[tuple[str, str, int], Outcome]:
    """Return a run's outcomes by (task, actor, sample); failed ones give way to others."""
    found = sorted(lab.outcomes(run=name), key=lambda o: o.status != "failed")
    return {(o.task, o.actor, o.sample): o for o in found}


def _first(errors: BaseExceptionGroup) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _seconds(begun_ns: int) -> float:
    return (clock.mono_ns() - begun_ns) / 1e9
