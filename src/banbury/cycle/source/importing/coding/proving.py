"""What every imported repair goes through before it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from banbury.cycle.source.importing.files import Unfit
from banbury.episode import Problem
from banbury.gyms.check import act
from banbury.gyms.code_repair import rooms, testing
from banbury.gyms.code_repair.files import Changes
from banbury.gyms.code_repair.gym import CodeRepairGym
from banbury.gyms.code_repair.judge import put
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.testing import Outcome

_RUNS = 2
"""Runs with the fix; a test counts as passing that passes in all of them."""


def outcomes(
    tree: Path, recipe: Recipe, changes: Sequence[Changes], files: Sequence[str]
) -> dict[str, Outcome]:
    """Return how the tests in these files come out on a tree with these changes.

    Raises:
        Unfit: the project cannot be installed, or the tests do not come to an end.
    """
    with rooms.box(tree, recipe) as box:
        if said := rooms.install(box, recipe):
            raise Unfit(f"the project cannot be installed: {said}")
        for one in changes:
            put(box, one)
        tested = testing.run(box, recipe, files, limits=rooms.ROOM)
    if tested.trouble and not tested.outcomes:
        raise Unfit(f"its tests did not run: {tested.trouble}")
    return tested.outcomes


def lists(
    tree: Path, recipe: Recipe, tests: Changes, fixed: Changes, files: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tests that the fix makes pass, and those that pass before and after.

    Raises:
        Unfit: no test fails before the fix and passes after it; or see `outcomes`.
    """
    before = outcomes(tree, recipe, [tests], files)
    after = [outcomes(tree, recipe, [tests, fixed], files) for _ in range(_RUNS)]
    passing = [id for id in after[0] if all(one.get(id) == "passed" for one in after)]
    failing = tuple(id for id in passing if before.get(id, "missing") != "passed")
    if not failing:
        raise Unfit("no test fails before its solution and passes after it")
    return failing, tuple(id for id in passing if before.get(id) == "passed")


def proven(problem: Problem) -> Problem:
    """Return a repair that its own judge gives full marks to its solution, and none to nothing.

    Raises:
        Unfit: it does not.
    """
    gym = CodeRepairGym()
    marks = gym.judge(act(gym, problem, gym.solution(problem)), problem)
    if not marks.passed:
        raise Unfit(f"its own solution does not pass: {marks.evidence[:300]}")
    if gym.judge(act(gym, problem, []), problem).score:
        raise Unfit("doing nothing scores")
    return problem
