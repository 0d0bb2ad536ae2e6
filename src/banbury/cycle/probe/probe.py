"""Rollouts over many skills, in batches that stop as soon as a skill is decided.

Looking often breaks an ordinary interval: a Wilson interval looked at every 8 rollouts is wrong
21 % of the time at the line. So a skill is called below or above the threshold by a confidence
sequence, with the error shared by all skills, and what is reported is that sequence.

A rollout that the infrastructure failed counts nowhere. A skill whose whole batch failed is left
alone; where that happens to all that are still going, the probe stops with what failed first, and
the same name carries on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from banbury import clock
from banbury.actors.policy import Policy
from banbury.arena import Job, Limits, Tally, draw, jobs_of, results, run
from banbury.cycle.skills import described
from banbury.episode import Actor
from banbury.errors import InputError
from banbury.gyms.contract import Gym, Skill
from banbury.statistics.sequences import BernoulliSequences, Decision
from banbury.store import Artifact, Lab, Outcome

Progress = Callable[[Tally], None]


class SkillRate(msgspec.Struct, frozen=True):
    """What the probe found of one skill.

    Attributes:
        skill: dotted path.
        gym: its gym.
        title: a few words for people.
        source: `ours`, or where the tasks come from.
        n: rollouts judged.
        passes: rollouts that passed.
        low: lower end of the confidence sequence.
        high: upper end.
        decision: `below` or `above` the threshold, or `undecided` when the budget ended.
        lenient: share in which the right answer stood in some other form.
        failed: rollouts that the infrastructure failed; they count nowhere else.
        tasks: ids of the tasks, in the order in which they were tried.
    """

    skill: str
    gym: str
    title: str
    source: str
    n: int
    passes: int
    low: float
    high: float
    decision: Decision
    lenient: float
    failed: int
    tasks: tuple[str, ...]


class Probe(msgspec.Struct, frozen=True):
    """A probe of one actor over a set of skills."""

    run: str
    actor: Actor
    threshold: float
    alpha: float
    batch: int
    most: int
    seed: int
    rollouts: int
    seconds: float
    skills: tuple[SkillRate, ...]


def probe(
    lab: Lab,
    policy: Policy,
    skills: Sequence[str],
    *,
    name: str,
    seed: int = 0,
    threshold: float = 0.5,
    alpha: float = 0.05,
    batch: int = 6,
    most: int = 24,
    difficulty: str | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Artifact:
    """Probe a policy and leave a `probe` artifact.

    Args:
        lab: where tasks, episodes and the artifact are kept.
        policy: who is probed.
        skills: dotted paths, each once.
        name: name of the run; the same name carries on where it was killed.
        seed: of the tasks.
        threshold: pass rate below which a skill is a gap.
        alpha: chance that any skill at all is put on the wrong side of the threshold.
        batch: rollouts of each undecided skill between two looks.
        most: most rollouts of one skill.
        difficulty: of the tasks; each skill's easiest if None.
        limits: of one episode.
        progress: called after each episode.

    Raises:
        UnknownName: a skill that no gym covers.
        InputError: no skills, or numbers out of range.
        ActorError, GymError, DeadlineError: not one rollout of a whole round came to a judgement.
    """
    _check(skills, threshold, batch, most)
    begun = clock.mono_ns()
    tried = [_Tried(s, *described(lab, s)) for s in skills]
    sequences = BernoulliSequences(len(skills), alpha)
    so_far = Tally()

    def show(tally: Tally) -> None:
        if progress:
            progress(so_far + tally)

    while going := [
        one
        for one, decision in zip(tried, sequences.decided(threshold), strict=True)
        if decision == "undecided" and one.open(most)
    ]:
        for one in going:
            one.draw(lab, policy, min(len(one.jobs) + batch, most), seed, difficulty)
        jobs = [job for one in going for job in one.fresh]
        tally = run(lab, name, jobs, limits=limits, tags=("probe",), progress=show)
        tally.check(name)
        so_far += tally
        held = results(lab, name, jobs)
        sequences.update(*np.array([one.look(held) for one in tried], dtype=np.int64).T)
    rates = [_rate(one, i, sequences, threshold) for i, one in enumerate(tried)]
    body = Probe(
        run=name,
        actor=policy.actor,
        threshold=threshold,
        alpha=alpha,
        batch=batch,
        most=most,
        seed=seed,
        rollouts=sum(r.n + r.failed for r in rates),
        seconds=(clock.mono_ns() - begun) / 1e9,
        skills=tuple(rates),
    )
    return lab.put_artifact("probe", name, msgspec.to_builtins(body), same_but=("seconds",))


def _check(skills: Sequence[str], threshold: float, batch: int, most: int) -> None:
    if not skills or len(set(skills)) != len(skills):
        raise InputError("a probe needs skills, each named once", do="see `banbury gym list`")
    if not 1 <= batch <= most:
        raise InputError(f"batch {batch} must lie between 1 and {most}", where="probe")
    if not 0 < threshold < 1:
        raise InputError(f"a threshold of {threshold} decides nothing", do="give one within (0, 1)")


class _Tried:
    """What was tried of one skill so far."""

    def __init__(self, name: str, gym: Gym, skill: Skill) -> None:
        self.name, self.gym, self.skill = name, gym, skill
        self.jobs: list[Job] = []
        self.fresh: list[Job] = []
        self.done: list[Outcome] = []
        self._given_up = False

    def open(self, most: int) -> bool:
        return len(self.jobs) < most and not self._given_up

    def draw(self, lab: Lab, policy: Policy, upto: int, seed: int, difficulty: str | None) -> None:
        """Make the jobs of the next batch, which brings the skill to `upto` of them."""
        drawn = draw(lab, self.name, upto, "probe", seed=seed, difficulty=difficulty)
        self.fresh = jobs_of(drawn[len(self.jobs) :], policy)

    def look(self, held: dict[str, Outcome]) -> tuple[int, int]:
        """Take in the newest batch, and return how many passed of how many that were judged."""
        found = [held[job.problem.task.id] for job in self.fresh if job.problem.task.id in held]
        judged = [o for o in found if o.status == "done"]
        self._given_up |= bool(self.fresh) and not judged
        self.jobs += self.fresh
        self.done += judged
        self.fresh = []
        return sum(bool(o.passed) for o in judged), len(judged)


def _rate(one: _Tried, i: int, sequences: BernoulliSequences, threshold: float) -> SkillRate:
    lenient = sum(o.components.get("lenient", float(bool(o.passed))) for o in one.done)
    return SkillRate(
        skill=one.name,
        gym=one.gym.name,
        title=one.skill.title,
        source=one.skill.source,
        n=int(sequences.n[i]),
        passes=int(sequences.successes[i]),
        low=float(sequences.low[i]),
        high=float(sequences.high[i]),
        decision=sequences.decided(threshold)[i],
        lenient=lenient / len(one.done) if one.done else 0.0,
        failed=len(one.jobs) - len(one.done),
        tasks=tuple(job.problem.task.id for job in one.jobs),
    )
