"""Many episodes: bounded concurrency, sealed batches, resume, and a tally as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from banbury import clock
from banbury.actors.policy import Left, Policy
from banbury.arena.ask import MARK, NO_MODEL, Later, Models, handed
from banbury.arena.deadline import Deadline
from banbury.arena.driver import complete
from banbury.arena.fuse import Fuse
from banbury.arena.play import Limits, play, seated
from banbury.arena.tally import Tally
from banbury.arena.watch import Watch
from banbury.arena.writer import Writer
from banbury.episode import Judgement, Problem, Record
from banbury.errors import InputError, Interrupted
from banbury.gyms import registry
from banbury.gyms.contract import Ask, Gym
from banbury.store import Lab, Outcome

Key = tuple[str, str, int]
"""(task, actor, sample) of an episode, which are unique within a run."""


class Job(msgspec.Struct, frozen=True):
    """One episode to play."""

    gym: Gym
    problem: Problem
    policies: Mapping[str, Policy]
    sample: int = 0

    @property
    def key(self) -> Key:
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
        actor: who sits there, as the key says it.
        person: the first policy that is a person, None where none is.
        journaled: a person sits there, steps have effects, or it is open in the lab already.
    """

    job: Job
    actor: str
    person: Policy | None
    journaled: bool


Progress = Callable[[Tally], None]


def run(
    lab: Lab,
    name: str,
    jobs: Sequence[Job],
    *,
    concurrency: int = 256,
    limits: Limits | None = None,
    ask: Models | Later | Ask | None = None,
    tags: tuple[str, ...] = (),
    progress: Progress | None = None,
    retries: int = 1,
) -> Tally:
    """Play the jobs of a run that are not in the lab yet, and store them.

    An episode counts as there when its key (run, task, actor, sample) is and it did not fail;
    so a run that was killed carries on, and one that failed for want of an endpoint tries again.
    An episode in which a person sits, or in a gym with effects outside, is stored step by step,
    and carried on where it was left; a person sits at one at a time. The policies are closed at
    the end; they may be used again.

    Where an actor or a gym fails over and over (`fuse.FUSE`), its other jobs are skipped, and the
    rest goes on.

    Args:
        lab: where to write.
        name: name of the run.
        jobs: episodes to play.
        concurrency: episodes at once.
        limits: of each episode.
        ask: how gyms reach a model, `LATER` where people grade; that of `asking` if not given.
            Which models these are is kept in the tags of each episode in a gym that needs one.
        tags: kept on each episode.
        progress: called after each episode.
        retries: how often one that the infrastructure failed is tried again in this start; each
            failed attempt is kept. What an actor did badly is a score and is never tried again,
            and where a person sits, only the next start tries again.

    Raises:
        InputError: `concurrency` is below 1, `retries` below 0, a seat is not taken, a gym asks a
            model and there is none, or the run holds episodes that another model graded.
        StoreError: the store cannot take an episode; those written before are kept.
    """
    if concurrency < 1 or retries < 0:
        raise InputError(
            f"{concurrency} episodes at once with {retries} retries cannot be played",
            do="give at least 1 and 0",
        )
    begun = clock.mono_ns()
    tally = Tally()
    if ask is None and any(job.gym.needs.asks for job in jobs):
        ask = handed()
    held = _held(lab, name)
    if isinstance(ask, Models):
        _same_judge(name, jobs, held, ask)
    todo = _todo(held, jobs, tally)
    if todo:
        _all_can_ask(name, todo, ask)
        crew = _Crew(lab, name, tally, limits, ask, tags, progress, retries)
        try:
            complete(lambda: crew.play(todo, concurrency))
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


class _Crew:
    """Those who play a run's episodes, and what they share."""

    def __init__(
        self,
        lab: Lab,
        name: str,
        tally: Tally,
        limits: Limits | None,
        ask: Models | Later | Ask | None,
        tags: tuple[str, ...],
        progress: Progress | None,
        retries: int,
    ) -> None:
        self._lab, self._name, self._tally = lab, name, tally
        self._limits, self._ask, self._tags = limits, ask, tags
        self._progress, self._retries = progress, retries
        self._writer = Writer(lab)
        self._fuse = Fuse()
        self._begun = clock.mono_ns()

    async def play(self, todo: Sequence[Due], concurrency: int) -> None:
        """Play what is due, and write it to its end even where this is stopped."""
        over = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._writer.keep(over))
                with Watch((self._limits or Limits()).hang) as watch:
                    async with asyncio.TaskGroup() as workers:
                        for lane, width in _lanes(todo, concurrency):
                            for _ in range(width):
                                workers.create_task(self._work(lane, watch))
                over.set()
        finally:
            try:
                await self._writer.flush()
            finally:
                policies = {id(p): p for due in todo for p in due.job.policies.values()}
                for policy in policies.values():
                    await policy.close()
                if isinstance(self._ask, Models):
                    await self._ask.close()

    async def _work(self, lane: Iterator[Due], watch: Watch) -> None:
        deadline = Deadline(watch)
        try:
            for due in lane:
                if self._fuse.blown(due.job.gym.name, due.actor):
                    self._tally.skipped += 1
                    continue
                try:
                    await self._tried(due, deadline)
                except Left:
                    self._tally.open += 1
                    return
                if self._progress:
                    self._progress(self._tally)
        finally:
            deadline.close()

    async def _tried(self, due: Due, deadline: Deadline) -> None:
        """Play a job, again where the infrastructure failed it, and count it."""
        retries = 0 if due.person else self._retries
        while True:
            record, verdict = await self._once(due, deadline)
            failure = record.episode.failure
            self._fuse.count(due.job.gym.name, due.actor, failure)
            if failure is None or self._fuse.blown(due.job.gym.name, due.actor):
                break
            # One of an earlier start that could not be carried on is played anew, whatever.
            retries -= failure.boundary != Interrupted.__name__
            if retries < 0:
                break
            self._tally.again(record)
        passed = verdict is not None and verdict.passed
        self._tally.add(record, passed, _seconds(self._begun), judged=verdict is not None)

    async def _once(self, due: Due, deadline: Deadline) -> tuple[Record, Judgement | None]:
        job = due.job
        record, verdict = await play(
            job.gym,
            job.problem,
            job.policies,
            lab=self._lab.name,
            run=self._name,
            sample=job.sample,
            limits=self._limits,
            ask=self._ask,
            tags=self._tags_of(job.gym),
            journal=self._lab if due.journaled else None,
            deadline=deadline,
        )
        if not due.journaled:
            begun = clock.mono_ns()
            await self._writer.put(record, verdict)
            self._tally.store_s += _seconds(begun)
        return record, verdict

    def _tags_of(self, gym: Gym) -> tuple[str, ...]:
        if gym.needs.asks and isinstance(self._ask, Models):
            return (*self._tags, *self._ask.marks)
        return self._tags


def _lanes(todo: Sequence[Due], concurrency: int) -> list[tuple[Iterator[Due], int]]:
    """Return what is due in lanes, each with its width: one for machines, one for each person."""
    lanes: dict[int, list[Due]] = {}
    for due in todo:
        lanes.setdefault(id(due.person), []).append(due)
    return [
        (iter(lane), 1 if lane[0].person else min(concurrency, len(lane)))
        for lane in lanes.values()
    ]


def _same_judge(name: str, jobs: Sequence[Job], held: Mapping[Key, Outcome], ask: Models) -> None:
    """Do nothing, unless what is held was graded by other models than those handed over now.

    Raises:
        InputError: it was; grades of two judges in one run would pass for one judge's.
    """
    for job in jobs:
        there = held.get(job.key) if job.gym.needs.asks else None
        if there is None or there.status == "failed":
            continue
        before = [tag for tag in there.tags if tag.startswith(MARK)]
        if before and sorted(before) != sorted(ask.marks):
            then, now = (
                ", ".join(mark.removeprefix(MARK) for mark in marks)
                for marks in (before, ask.marks)
            )
            raise InputError(
                f"episodes of this run were graded by {then}, and now {now} is to grade",
                where=f"run {name!r}",
                do="give the same judge, or another name",
            )


def _all_can_ask(name: str, todo: Sequence[Due], ask: Models | Later | Ask | None) -> None:
    """Do nothing if no gym lacks a model.

    Raises:
        InputError: one does; nothing has been played.
    """
    lacking = sorted({due.job.gym.name for due in todo if due.job.gym.needs.model})
    if ask is None and lacking:
        raise InputError(
            f"the gym {lacking[0]!r} asks a model to grade, and none was given",
            where=f"run {name!r}",
            do=NO_MODEL,
        )


def _todo(held: Mapping[Key, Outcome], jobs: Sequence[Job], tally: Tally) -> list[Due]:
    """Return what the lab does not hold yet, open ones first; count the others."""
    wanted = {job.key: job for job in jobs}
    tally.total = len(wanted)
    there = [o for key in wanted if (o := held.get(key)) and o.status not in ("failed", "open")]
    tally.done = tally.resumed = len(there)
    tally.passed = sum(bool(o.passed) for o in there)
    tally.unjudged = sum(o.passed is None for o in there)
    known = {(o.task, o.actor, o.sample) for o in there}
    left = {key for key, o in held.items() if o.status == "open"}
    keys = sorted((key for key in wanted if key not in known), key=lambda key: key not in left)
    return [_due(wanted[key], key[1], key in left) for key in keys]


def _due(job: Job, actor: str, left: bool) -> Due:
    person = next((p for p in job.policies.values() if p.actor.kind == "person"), None)
    return Due(job, actor, person, left or person is not None or job.gym.needs.effects)


def _held(lab: Lab, name: str) -> dict[Key, Outcome]:
    """Return a run's outcomes by (task, actor, sample); failed ones give way to others."""
    found = sorted(lab.outcomes(run=name), key=lambda o: o.status != "failed")
    return {(o.task, o.actor, o.sample): o for o in found}


def _first(errors: BaseExceptionGroup) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _seconds(begun_ns: int) -> float:
    return (clock.mono_ns() - begun_ns) / 1e9
