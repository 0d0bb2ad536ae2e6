"""A repair as a task: the public half, the judge's half, and the problem made from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from banbury.episode import (
    UNSTATED,
    Blob,
    Origin,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Span,
    Task,
    canonical,
    digest,
    identity,
)
from banbury.errors import GymError, InputError
from banbury.gyms.code_repair import actions
from banbury.gyms.code_repair.files import Changes, File
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.trees import MEDIA, Tree, inside

GYM = "code_repair"
VERSION = "1"


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is public of a task: where the code comes from and how it is run.

    Attributes:
        repository: address or name of the repository.
        commit: the base, before the fix.
        tree: the base tree, without history.
        recipe: how its environment is made again.
        cpu_s: CPU seconds that the suite takes; 0 where nobody measured.
    """

    repository: str
    commit: str
    tree: Tree
    recipe: Recipe
    cpu_s: float = 0.0


class Strength(msgspec.Struct, frozen=True):
    """How strong the tests are: mutants of the fix, and how many of them the tests catch."""

    caught: int = 0
    made: int = 0


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the judge may see of a task.

    Attributes:
        tests: the test files as of the fix, put back before judging; None where it deletes one.
        fix: the fix of the source as a unified diff, for people and for export.
        fail_to_pass: ids of the tests that fail at the base and pass with the fix, every time.
        pass_to_pass: ids of those that pass before and after, every time.
        flaky: share of runs in which a test came out otherwise, by id; these count in nothing.
        runs: how many runs of the fix stand behind the lists.
        strength: mutants of the fix that the tests catch.
    """

    tests: Mapping[str, File | None]
    fix: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...] = ()
    flaky: Mapping[str, float] = {}
    runs: int = 0
    strength: Strength = Strength()


def problem(
    repair: Repair,
    key: Key,
    fixed: Changes,
    statement: str,
    *,
    skill: str,
    difficulty: str,
    origin: Origin,
    licence: str = UNSTATED,
    phrasing: str = "",
    params: Mapping[str, Any] | None = None,
) -> Problem:
    """Return a task of this gym.

    Args:
        repair: the public half.
        key: the judge's half.
        fixed: the source files as the fix leaves them, whole; they become the reference solution.
        statement: what is wrong, in words.
        skill: dotted path, such as `code_repair.mined`.
        difficulty: a word of the skill's.
        origin: lineage: repository and commit.
        licence: SPDX id of the repository's licence.
        phrasing: id of the wording, where wordings are held back.
        params: more that makes the task what it is.

    Raises:
        InputError: no test fails before the fix, the fix changes nothing, or a path leaves the
            tree.
    """
    if not key.fail_to_pass:
        raise InputError("a repair needs a test that fails before it and passes after it")
    if not fixed:
        raise InputError("the fix changes no file", where=f"commit {repair.commit}")
    for path in (*fixed, *key.tests):
        inside(path)
    content = {
        "repository": repair.repository,
        "commit": repair.commit,
        "tree": repair.tree.sha256,
        "asked": digest(statement.encode())[:16],
        "difficulty": difficulty,
        **(params or {}),
    }
    tree = repair.tree
    stored = () if tree.data else (Span(Blob(tree.sha256, tree.size, MEDIA), "tree", 0, 0),)
    task = Task(
        id=identity(GYM, skill, VERSION, content),
        gym=GYM,
        family=skill,
        version=VERSION,
        params=canonical(content).decode(),
        public=Public(statement, canonical(repair).decode(), stored, phrasing),
        skills=(SkillWeight(skill),),
        licence=licence,
        origin=origin,
    )
    solution = canonical(list(reference(fixed))).decode()
    return Problem(task, Secret(task.id, canonical(key).decode(), solution))


def reference(fixed: Changes) -> Sequence[actions.RepairAction]:
    """Return the actions that leave these files, and hand in."""
    return [*(actions.leaving(path, file) for path, file in fixed.items()), actions.Submit()]


_repair = msgspec.json.Decoder(Repair).decode
_key = msgspec.json.Decoder(Key).decode


def repair_of(problem: Problem | Task) -> Repair:
    """Return the public half of a task.

    Raises:
        GymError: it is no task of this gym.
    """
    task = problem.task if isinstance(problem, Problem) else problem
    try:
        return _repair(task.public.inputs)
    except msgspec.MsgspecError as error:
        raise _unreadable("inputs hold no repair", error, task.id) from error


def key_of(problem: Problem) -> Key:
    """Return the judge's half of a task.

    Raises:
        GymError: the secret holds none.
    """
    try:
        return _key(problem.secret.answer)
    except msgspec.MsgspecError as error:
        raise _unreadable("secret holds no key", error, problem.task.id) from error


def _unreadable(what: str, error: Exception, task: str) -> GymError:
    return GymError(
        f"the {what}: {error}",
        where=f"task {task}",
        do="make the task again with this version of the gym",
    )
