"""Rollouts over many skills, in batches that stop as soon as a skill is decided.

Looking often breaks an ordinary interval: a Wilson interval looked at every 8 rollouts is wrong
21 % of the time at the line. So a skill is called below or above the threshold by a confidence
sequence, with the error shared by all skills, and what is reported is that sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from banbury import clock
from banbury.actors.policy import Policy
from banbury.arena import Job, Limits, Tally, draw, run
from banbury.episode import Actor, Problem
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.statistics.sequences import BernoulliSequences, Decision
from banbury.store import Artifact, Lab

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
    """
    if not skills or len(set(skills)) != len(skills):
        raise InputError("a probe needs skills, each named once", do="see `banbury gym list`")
    if not 1 <= batch <= most:
        raise InputError(f"batch {batch} must lie between 1 and {most}", where="probe")
    known = [registry.skill(s) for s in skills]
    begun = clock.mono_ns()
    sequences = BernoulliSequences(len(skills), alpha)
    tried: list[list[Problem]] = [[] for _ in skills]
    while True:
        decided = sequences.decided(threshold)
        going = [i for i, d in enumerate(decided) if d == "undecided" and len(tried[i]) < most]
        if not going:
            break
        jobs: list[Job] = []
        fresh: dict[int, list[Problem]] = {}
        for i in going:
            upto = min(len(tried[i]) + batch, most)
            drawn = draw(lab, skills[i], upto, "probe", seed=seed, difficulty=difficulty)
            fresh[i] = drawn[len(tried[i]) :]
            gym = known[i][0]
            jobs += [Job(gym, p, dict.fromkeys(gym.seats, policy)) for p in fresh[i]]
        run(lab, name, jobs, limits=limits, tags=("probe",), progress=progress)
        _look(lab, name, sequences, fresh)
        for i, problems in fresh.items():
            tried[i] += problems
    rates = _rates(lab, name, skills, known, sequences, threshold, tried)
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
    return lab.put_artifact("probe", name, msgspec.to_builtins(body))


def _look(
    lab: Lab, name: str, sequences: BernoulliSequences, fresh: dict[int, list[Problem]]
) -> None:
    """Feed the sequences with the newest batch; failed episodes count nowhere."""
    passed = {o.task: o.passed for o in lab.outcomes(run=name) if o.status == "done"}
    successes = np.zeros(len(sequences.n), dtype=np.int64)
    n = np.zeros(len(sequences.n), dtype=np.int64)
    for i, problems in fresh.items():
        verdicts = [passed[p.task.id] for p in problems if p.task.id in passed]
        n[i] = len(verdicts)
        successes[i] = sum(map(bool, verdicts))
    sequences.update(successes, n)


def _rates(
    lab: Lab,
    name: str,
    skills: Sequence[str],
    known: Sequence[tuple[Any, Any]],
    sequences: BernoulliSequences,
    threshold: float,
    tried: Sequence[Sequence[Problem]],
) -> list[SkillRate]:
    outcomes = {o.task: o for o in lab.outcomes(run=name)}
    decisions = sequences.decided(threshold)
    rates: list[SkillRate] = []
    for i, skill in enumerate(skills):
        gym, described = known[i]
        held = [outcomes[p.task.id] for p in tried[i] if p.task.id in outcomes]
        done = [o for o in held if o.status == "done"]
        lenient = sum(o.components.get("lenient", float(bool(o.passed))) for o in done)
        rates.append(
            SkillRate(
                skill=skill,
                gym=gym.name,
                title=described.title,
                source=described.source,
                n=int(sequences.n[i]),
                passes=int(sequences.successes[i]),
                low=float(sequences.low[i]),
                high=float(sequences.high[i]),
                decision=decisions[i],
                lenient=lenient / len(done) if done else 0.0,
                failed=len(held) - len(done),
                tasks=tuple(p.task.id for p in tried[i]),
            )
        )
    return rates
