"""Attempts: models try the tasks, and so does the reference; each attempt is an episode.

What a model fails is what it may learn from; what the reference fails is no task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from banbury.actors.policy import Policy
from banbury.actors.script import Script
from banbury.arena import Job, Limits, Tally, run
from banbury.cycle.source.mine.edits import edits
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.code_repair import rooms, trees
from banbury.gyms.code_repair.actions import Write
from banbury.gyms.code_repair.repair import GYM, repair_of
from banbury.gyms.contract import Action
from banbury.store import Lab

PATIENCE = Limits(seconds=3_600.0, moves=60)
"""Of one attempt: an hour, and moves enough for a small fix."""


class Tried(msgspec.Struct, frozen=True):
    """How a model did on one task.

    Attributes:
        task: its id.
        attempts: that came to a judgement.
        passed: of these.
    """

    task: str
    attempts: int
    passed: int


def run_of(model: str) -> str:
    """Return the name of the run that keeps a model's attempts."""
    return f"mine try {model}"


def attempt(
    lab: Lab,
    model: str,
    policy: Policy,
    tasks: Sequence[str],
    *,
    k: int = 1,
    concurrency: int = 2,
    limits: Limits = PATIENCE,
    progress: Callable[[Tally], None] | None = None,
) -> list[Tried]:
    """Let a model try each task k times, and return how it did on each.

    Attempts are kept; the same again plays only what is not there yet.

    Args:
        lab: where tasks and episodes are kept.
        model: the word that names it.
        policy: the model.
        tasks: ids.
        k: attempts at each task; more than one needs a model that samples.
        concurrency: attempts at once.
        limits: of one attempt.
        progress: called after each attempt.

    Raises:
        InputError: k is below 1.
        UnknownName: the lab has no such task.
        ActorError, GymError, DeadlineError: not one attempt came to a judgement.
    """
    if k < 1:
        raise InputError(f"{k} attempts are none", do="give at least -k 1")
    gym = registry.gym(GYM)
    held = lab.problems(tasks)
    jobs = [
        Job(gym, problem, dict.fromkeys(gym.seats, policy), sample)
        for problem in held.values()
        for sample in range(k)
    ]
    tally = run(
        lab,
        run_of(model),
        jobs,
        concurrency=concurrency,
        limits=limits,
        tags=("attempt",),
        progress=progress,
    )
    tally.check(run_of(model))
    return tried(lab, model, tasks)


def tried(lab: Lab, model: str, tasks: Iterable[str] = ()) -> list[Tried]:
    """Return how a model did on tasks that it tried, in the order of their ids."""
    wanted = set(tasks)
    rates = lab.rates(by=("task",), run=run_of(model))
    found = [Tried(r.of[0], r.judged, r.passed) for r in rates if r.judged]
    return sorted((t for t in found if not wanted or t.task in wanted), key=lambda t: t.task)


def failed_by(lab: Lab, model: str) -> set[str]:
    """Return the ids of tasks that a model tried and never passed.

    Raises:
        InputError: the model tried none.
    """
    held = tried(lab, model)
    if not held:
        raise InputError(
            f"{model!r} has tried no task here", do=f"run `banbury mine --try {model}` first"
        )
    return {t.task for t in held if not t.passed}


def prove(
    lab: Lab,
    name: str,
    tasks: Sequence[str],
    *,
    concurrency: int = 2,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Play the reference solution of tasks, under their judge, as episodes of a run.

    Args:
        lab: where tasks and episodes are kept.
        name: of the run.
        tasks: ids.
        concurrency: episodes at once.
        progress: called after each episode.

    Raises:
        InputError: there is no task.
    """
    if not tasks:
        raise InputError("there is no task to release", do="mine some first")
    gym = registry.gym(GYM)
    held: dict[str, Problem] = lab.problems(tasks)
    script = Script("reference", lambda task: _edited(held[task.id]), revision=gym.version)
    jobs = [Job(gym, problem, {gym.seats[0]: script}) for problem in held.values()]
    tally = run(
        lab,
        name,
        jobs,
        concurrency=concurrency,
        limits=PATIENCE,
        tags=("reference",),
        progress=progress,
    )
    tally.check(name)
    return tally


def _edited(problem: Problem) -> list[Action]:
    """Return the reference's actions; a file that is written whole is edited where that serves."""
    tree = repair_of(problem).tree
    folder = trees.folder(rooms.cache() / "trees", tree, problem.read)
    made: list[Action] = []
    for action in registry.gym(GYM).solution(problem):
        place = folder / action.path if isinstance(action, Write) else folder
        if isinstance(action, Write) and place.is_file() and not place.is_symlink():
            old = place.read_bytes().decode("utf-8", "replace")
            made += edits(action.path, old, action.text) or [action]
        else:
            made.append(action)
    return made
