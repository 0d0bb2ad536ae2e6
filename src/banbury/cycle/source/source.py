"""Tasks and reference episodes for chosen gaps.

The items for the next probe are drawn first and reserved: the store lets none of them into
training or a release. Some of them are worded in ways that training never sees. Only then are
training tasks drawn, and the gym's own reference solutions played on them, as episodes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import msgspec

from banbury import clock
from banbury.actors.script import Plan, Script
from banbury.arena import Job, Tally, draw, run
from banbury.cycle.difficulty import Difficulty, at, easiest
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.contract import Gym
from banbury.store import Artifact, Lab


class Sourced(msgspec.Struct, frozen=True):
    """What was made for one skill: ids of tasks, in the order drawn.

    `difficulty` is that of all of them, "" where a skill that the lab named has several.
    """

    skill: str
    reserved_seen: tuple[str, ...]
    reserved_unseen: tuple[str, ...]
    train: tuple[str, ...]
    difficulty: str = ""


def source(
    lab: Lab,
    skills: Sequence[str],
    *,
    name: str,
    train: int = 240,
    reserve: int = 50,
    unseen: int = 25,
    seed: int = 0,
    difficulty: Difficulty = None,
    parents: Sequence[str] = (),
    progress: Callable[[Tally], None] | None = None,
) -> Artifact:
    """Reserve items, make training tasks, play the references, leave a `source` artifact.

    Args:
        lab: where all of it is kept.
        skills: the gaps to repair.
        name: name of the run of reference episodes.
        train: reference episodes for each skill.
        reserve: items reserved for each skill in wordings that training sees.
        unseen: items reserved for each skill in wordings that training never sees.
        seed: of the tasks.
        difficulty: of the tasks, for all skills or by skill; the easiest where none is given.
        parents: artifacts that this follows from.
        progress: called after each episode.

    Raises:
        UnknownName: a skill that no gym covers, or that has no such difficulty.
        InputError: no skills, one named twice, a gym has too few distinct tasks, or the run holds
            episodes of other skills.
        ActorError, GymError, DeadlineError: not one reference came to a judgement.
    """
    if not skills:
        raise InputError("there is no gap to work on", do="name skills, or lower the threshold")
    if len(set(skills)) != len(skills):
        raise InputError("a skill is named twice", where=", ".join(skills))
    _own_run(lab, name, skills)
    begun = clock.mono_ns()
    made: list[Sourced] = []
    jobs: list[Job] = []
    for skill in skills:
        level = at(difficulty, skill)
        more = functools.partial(draw, lab, skill, seed=seed, difficulty=level)
        held = more(reserve, "reserved")
        novel = more(unseen, "reserved", phrasing="unseen")
        tasks = more(train, "train")
        jobs += _references(tasks)
        level = level or easiest(lab, skill)
        made.append(Sourced(skill, _ids(held), _ids(novel), _ids(tasks), level))
    tally = run(lab, name, jobs, tags=("reference",), progress=progress)
    tally.check(name)
    body = {
        "run": name,
        "seed": seed,
        "skills": msgspec.to_builtins(made),
        "episodes": tally.done,
        "passed": tally.passed,
        "failed": tally.failed,
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    return lab.put_artifact("source", name, body, parents=list(parents), same_but=("seconds",))


def _own_run(lab: Lab, name: str, skills: Sequence[str]) -> None:
    """Refuse a run of other skills: a review and a release take a run whole."""
    held = [a for a in lab.artifacts("source") if a.name == name]
    others = {s["skill"] for a in held for s in a.body["skills"]} - set(skills)
    if others:
        raise InputError(
            f"run {name!r} holds episodes of {', '.join(sorted(others))} already",
            do="give this one a name of its own with --name",
        )


def _references(problems: Sequence[Problem]) -> list[Job]:
    """Return a job for each problem, in which its own gym's reference acts."""
    jobs: list[Job] = []
    for name in dict.fromkeys(p.task.gym for p in problems):
        gym = registry.gym(name)
        own = [p for p in problems if p.task.gym == name]
        script = Script("reference", _solver(gym, own), revision=gym.version)
        jobs += [Job(gym, p, {gym.seats[0]: script}) for p in own]
    return jobs


def _solver(gym: Gym, problems: Sequence[Problem]) -> Plan:
    held = {p.task.id: p for p in problems}
    return lambda task: gym.solution(held[task.id])


def _ids(problems: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(p.task.id for p in problems)
