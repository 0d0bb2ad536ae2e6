"""A function to write as a task: what is asked, and the cases that only the judge has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from banbury.episode import (
    Origin,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Task,
    canonical,
    identity,
)
from banbury.errors import GymError
from banbury.gyms.code_write.code import Call

T = TypeVar("T")
GYM = "code_write"
VERSION = "1"


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is public of a task beside its words.

    Attributes:
        entry: name of the function.
        examples: calls and what they return, as code; all of them stand in the statement too.
        preamble: code that is there already: imports and helpers that stand before the function.
    """

    entry: str
    examples: tuple[tuple[str, str], ...] = ()
    preamble: str = ""


class Case(msgspec.Struct, frozen=True, array_like=True):
    """One call and what it must return, all values encoded."""

    args: list[Any]
    named: dict[str, Any]
    wanted: Any


class Exam(msgspec.Struct, frozen=True):
    """A test that is code: it runs in a box of its own, in which the submitted code never is.

    Attributes:
        source: code that defines `check(candidate)`, with whatever it needs.
        calls: the calls that it makes of the reference, in order, so that they can be made before.
    """

    source: str
    calls: tuple[Call, ...]


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """What only the judge may see: hidden cases, or an exam."""

    cases: tuple[Case, ...] = ()
    exam: Exam | None = None


def problem(
    asked: Asked,
    key: Key,
    solution: str,
    statement: str,
    *,
    skill: str,
    content: Mapping[str, Any],
    phrasing: str = "",
    licence: str = "Apache-2.0",
    origin: Origin,
    version: str = VERSION,
) -> Problem:
    """Return a task of this gym.

    Args:
        asked: the public half beside the words.
        key: the judge's half.
        solution: code of the reference.
        statement: what is asked, in words.
        skill: dotted path.
        content: what makes the task what it is; the identity rests on it.
        phrasing: id of the wording.
        licence: SPDX id.
        origin: where it comes from.
        version: of the family.
    """
    task = Task(
        id=identity(GYM, skill, version, content),
        gym=GYM,
        family=skill,
        version=version,
        params=canonical(content).decode(),
        public=Public(statement, canonical(asked).decode(), phrasing=phrasing),
        skills=(SkillWeight(skill),),
        licence=licence,
        origin=origin,
    )
    return Problem(task, Secret(task.id, canonical(key).decode(), canonical(solution).decode()))


_asked = msgspec.json.Decoder(Asked).decode
_key = msgspec.json.Decoder(Key).decode
_text = msgspec.json.Decoder(str).decode


def asked_of(task: Task) -> Asked:
    """Return the public half of a task.

    Raises:
        GymError: it is no task of this gym.
    """
    return _read(_asked, task.public.inputs, "inputs name no function", task.id)


def key_of(problem: Problem) -> Key:
    """Return the judge's half of a task.

    Raises:
        GymError: the secret holds none.
    """
    return _read(_key, problem.secret.answer, "secret holds no cases", problem.task.id)


def solution_of(problem: Problem) -> str:
    """Return the code of the reference.

    Raises:
        GymError: the secret holds none.
    """
    return _read(_text, problem.secret.solution, "secret holds no code", problem.task.id)


def _read(decode: Callable[[str], T], said: str, what: str, task: str) -> T:
    try:
        return decode(said)
    except msgspec.MsgspecError as error:
        raise GymError(
            f"the {what}: {error}",
            where=f"task {task}",
            do="make the task again with this version of the gym",
        ) from error


def calls(cases: Sequence[Case]) -> list[Call]:
    """Return what has to be called for these cases."""
    return [(case.args, case.named) for case in cases]
