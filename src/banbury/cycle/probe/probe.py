"""Rollouts over many skills, in rounds that drop a skill as soon as it is decided.

Looking often breaks an ordinary interval: a Wilson interval looked at every 8 rollouts is wrong
21 % of the time at the line. So a skill is called below or above the threshold by a confidence
sequence, with the error shared by all skills, and what is reported is that sequence; which skill
gets the next rollouts, `statistics.allocation` says.

A rollout that the infrastructure failed counts nowhere. A skill whose whole batch failed is left
alone; where that happens to all that are still going, the probe stops with what failed first, and
the same name carries on from there. What comes next follows from what is stored, round by round,
so a probe that was killed ends as if it had not been.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from banbury import clock
from banbury.actors.policy import Policy
from banbury.arena import Limits
from banbury.cycle.difficulty import easiest
from banbury.cycle.probe.dial import Named, turn
from banbury.cycle.probe.found import Dial, Probe, SkillRate
from banbury.cycle.probe.rollouts import Progress, Rollouts
from banbury.cycle.probe.tried import Tried
from banbury.cycle.skills import described
from banbury.errors import InputError
from banbury.statistics.allocation import Allocation, Rule
from banbury.statistics.hierarchy import domain
from banbury.statistics.sequences import Decision
from banbury.store import Artifact, Lab

_OTHERS = 1_000_003
"""Added to the seed of the dial's tasks."""


def probe(
    lab: Lab,
    policy: Policy,
    skills: Sequence[str],
    *,
    name: str,
    seed: int = 0,
    threshold: float = 0.5,
    alpha: float = 0.05,
    zone: float = 0.0,
    batch: int = 6,
    most: int = 24,
    budget: int | None = None,
    uniform: bool = False,
    repeats: int = 1,
    k: int | None = None,
    difficulty: str | None = None,
    dial: bool = False,
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
        alpha: chance of any gross error, over all skills; see `statistics.allocation`.
        zone: half width of the zone around the threshold in which either call is right.
        batch: tasks of each undecided skill between two looks.
        most: most tasks of one skill.
        budget: rollouts in all, spent where the side is least certain; None for no limit.
        uniform: the same number to each skill: the baseline.
        repeats: attempts at each task, for pass@k; the task stays the unit of all intervals.
        k: of pass@k; `repeats` if None.
        difficulty: of the tasks; each skill's easiest if None.
        dial: find for each skill the difficulty at which some pass and some fail, and probe there.
        limits: of one episode.
        progress: called after each episode.

    Raises:
        UnknownName: a skill that no gym covers.
        InputError: no skills, or numbers out of range.
        ActorError, GymError, DeadlineError: not one rollout of a whole round came to a judgement.
    """
    begun = clock.mono_ns()
    rule = Rule(
        threshold=threshold, alpha=alpha, zone=zone, batch=batch, most=most, uniform=uniform,
        budget=None if budget is None else budget // max(repeats, 1),
    )  # fmt: skip
    k = _check(skills, rule, repeats, k)
    named = [(s, *described(lab, s)) for s in skills]
    play = functools.partial(Rollouts, lab, policy, limits=limits, progress=progress)
    walks = play(f"{name}/dial", seed=seed + _OTHERS)
    dials = turn(walks, named, alpha=alpha, batch=batch) if dial else [None] * len(named)
    tried = _tried(lab, named, dials, difficulty, repeats)
    rollouts = play(name, seed=seed, before=walks.so_far)
    found = _allocate(rollouts, tried, rule)
    rates = tuple(_rate(*one, k) for one in zip(tried, found, dials, strict=True))
    seconds = (clock.mono_ns() - begun) / 1e9
    body = Probe(
        name, policy.actor, threshold, alpha, batch, most, seed, rollouts.so_far.total, seconds,
        rates, zone, budget, uniform, repeats, k,
    )  # fmt: skip
    return lab.put_artifact("probe", name, msgspec.to_builtins(body), same_but=("seconds",))


def _tried(
    lab: Lab,
    named: Sequence[Named],
    dials: Sequence[Dial | None],
    difficulty: str | None,
    repeats: int,
) -> list[Tried]:
    levels = [(d.chosen if d else difficulty) or None for d in dials]
    return [
        Tried(*one, level, repeats, easiest(lab, one[0]))
        for one, level in zip(named, levels, strict=True)
    ]


class _Found(NamedTuple):
    """What the allocation says of one skill."""

    low: float
    high: float
    decision: Decision
    leaning: float


def _allocate(rollouts: Rollouts, tried: Sequence[Tried], rule: Rule) -> list[_Found]:
    """Play rounds until every skill is decided, or nothing is left to spend."""
    allocation = Allocation([domain(one.name) for one in tried], rule)
    while (wanted := allocation.next()).any():
        rounds = rollouts.round([(one, int(n)) for one, n in zip(tried, wanted, strict=True)])
        passes, judged, asked = zip(*rounds, strict=True)
        allocation.update(passes, judged, asked=asked)
    low, high = (each.tolist() for each in allocation.bounds())
    leaning = allocation.posterior.below(rule.threshold).tolist()
    return [_Found(*each) for each in zip(low, high, allocation.decisions, leaning, strict=True)]


def _check(skills: Sequence[str], rule: Rule, repeats: int, k: int | None) -> int | None:
    """Return k of pass@k: `repeats` if none is given, None where nothing is repeated."""
    if not skills or len(set(skills)) != len(skills):
        raise InputError("a probe needs skills, each named once", do="see `banbury gym list`")
    rule.check()
    if repeats < 1:
        raise InputError(f"{repeats} repeats are none", where="probe", do="give at least 1")
    if k is not None and not 1 <= k <= repeats:
        what = f"pass@{k} needs {k} attempts at a task, and {repeats} are made"
        raise InputError(what, where="probe", do=f"give --repeats {max(k, 1)} or more")
    return None if repeats == 1 else k or repeats


def _rate(one: Tried, found: _Found, dial: Dial | None, k: int | None) -> SkillRate:
    outcomes = one.outcomes
    return SkillRate(
        skill=one.name,
        gym=one.gym.name,
        title=one.skill.title,
        source=one.skill.source,
        n=len(outcomes),
        passes=sum(bool(o.passed) for o in outcomes),
        low=found.low,
        high=found.high,
        decision=found.decision,
        lenient=one.lenient(),
        failed=one.failed,
        tasks=tuple(one.tasks),
        difficulty=one.difficulty,
        leaning=found.leaning,
        rate=one.rate(),
        pass_at_k=one.pass_at(k) if k else None,
        dial=dial,
    )
