"""Tasks of the gym's own: bugs planted in a small library that was written for them.

Which of the library's mutants its tests catch stands in `library/bugs.json`, so that tasks are made
without running anything; `python -m banbury.gyms.code_repair.planting` finds it out again.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec

from banbury.episode import Origin, Problem, digest
from banbury.gyms import wording
from banbury.gyms.code_repair import trees
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.patches import diff
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.repair import GYM, VERSION, Key, Repair, Strength, problem
from banbury.gyms.contract import Phrasing

SKILL = "code_repair.planted"
LIBRARY = Path(__file__).parent / "library"
RECIPE = Recipe("3", test=("python", "-m", "unittest"))
_MOST = 6
"""Tests that one bug may break, at most: one that breaks more shows itself."""
_PATIENCE = 500

LEVELS: Mapping[str, tuple[int, bool]] = {
    "easy": (1, True),
    "medium": (1, False),
    "hard": (2, False),
}
"""How many bugs are planted, and whether the tests that they break are there to be run."""

_FAILING = {
    "seen": (
        "Something in the library `satchel` is broken. These of its tests fail:\n{said}\n"
        "Find out why, and repair the library.",
        "Since the last change of `satchel` these tests fail:\n{said}\nRepair what broke them.",
    ),
    "unseen": (
        "Our build of `satchel` is red because of these tests:\n{said}\nPlease mend the code so "
        "that they pass again.",
    ),
}
_REPORTED = {
    "seen": (
        "Users of the library `satchel` report that this does not hold any more:\n{said}\n"
        "The tests that are there do not show it. Find out why, and repair the library.",
        "A change of `satchel` broke this, and no test that is left notices:\n{said}\nRepair it.",
    ),
    "unseen": (
        "We got complaints about `satchel`. It used to do the following, and now it does not:\n"
        "{said}\nThe tests pass all the same. Please mend the code.",
    ),
}


class Bug(msgspec.Struct, frozen=True):
    """A mutant that the library's tests catch.

    Attributes:
        path: the module.
        operator: of `mutation`.
        start: first character that is changed.
        end: the one behind the last.
        now: what stands there instead.
        fails: ids of the tests that fail.
    """

    path: str
    operator: str
    start: int
    end: int
    now: str
    fails: tuple[str, ...]


class _Test(msgspec.Struct, frozen=True):
    """A test of the library: what it says, and its lines, from 1, both included."""

    said: str
    first: int
    last: int


@functools.cache
def library() -> Mapping[str, str]:
    """Return the library's files."""
    paths = [p for p in sorted(LIBRARY.rglob("*")) if p.suffix in (".py", ".md")]
    return {p.relative_to(LIBRARY).as_posix(): p.read_text("utf-8") for p in paths}


@functools.cache
def bugs() -> tuple[Bug, ...]:
    """Return the bugs that may be planted."""
    found = msgspec.json.decode((LIBRARY / "bugs.json").read_bytes(), type=tuple[Bug, ...])
    return tuple(bug for bug in found if len(bug.fails) <= _MOST)


@functools.cache
def _tests() -> Mapping[str, _Test]:
    found: dict[str, _Test] = {}
    for path, text in library().items():
        if not path.startswith("tests/test_"):
            continue
        for kind in ast.parse(text).body:
            for one in kind.body if isinstance(kind, ast.ClassDef) else ():
                if isinstance(one, ast.FunctionDef) and one.name.startswith("test"):
                    said, last = ast.get_docstring(one) or "", one.end_lineno or one.lineno
                    assert isinstance(kind, ast.ClassDef)
                    found[f"{path}::{kind.name}::{one.name}"] = _Test(said, one.lineno, last)
    return found


def problems(difficulty: str, seed: int, phrasing: Phrasing) -> Iterator[Problem]:
    """Yield distinct problems, as long as new ones come."""
    rng = Random(f"{SKILL}/{VERSION}/{difficulty}/{seed}/{phrasing}")
    number, shown = LEVELS[difficulty]
    known: set[str] = set()
    stale = 0
    while stale < _PATIENCE:
        stale += 1
        chosen = sorted(rng.sample(bugs(), number), key=lambda bug: (bug.path, bug.start))
        if len({bug.path for bug in chosen}) < number:
            continue
        content = {"bugs": [digest(msgspec.json.encode(bug))[:16] for bug in chosen]}
        if wording.side(SKILL, content) != phrasing:
            continue
        made = _problem(chosen, content, difficulty, phrasing, shown)
        if made.task.id not in known:
            known.add(made.task.id)
            stale = 0
            yield made


def _problem(
    chosen: Sequence[Bug],
    content: Mapping[str, object],
    difficulty: str,
    phrasing: Phrasing,
    shown: bool,
) -> Problem:
    fails = sorted({id for bug in chosen for id in bug.fails})
    words = (_FAILING if shown else _REPORTED)[phrasing]
    (number,) = wording.choose(SKILL, content, words)
    lines = fails if shown else dict.fromkeys(_tests()[id].said for id in fails)
    statement = words[number].format(said="\n".join(f"- {line}" for line in lines))
    found = {**library(), **{bug.path: planted(bug) for bug in chosen}}
    if not shown:
        found |= _without(fails)
    tree = trees.tree(trees.archived({path: text.encode() for path, text in found.items()}))
    repair = Repair("satchel", digest(tree.sha256.encode())[:40], tree, RECIPE)
    tests = {p: File(text=t) for p, t in library().items() if p.startswith("tests/")}
    key = Key(
        tests=tests,
        fix="".join(_diff(bug) for bug in chosen),
        fail_to_pass=tuple(fails),
        pass_to_pass=tuple(id for id in _tests() if id not in fails),
        strength=Strength(1, 1),
    )
    return problem(
        repair,
        key,
        {bug.path: File(text=library()[bug.path]) for bug in chosen},
        statement,
        skill=SKILL,
        difficulty=difficulty,
        origin=Origin("generated", f"{GYM} {VERSION}"),
        licence="Apache-2.0",
        phrasing=f"{phrasing}-{'failing' if shown else 'reported'}-{number}",
    )


def planted(bug: Bug) -> str:
    """Return the module with the bug in it."""
    text = library()[bug.path]
    return text[: bug.start] + bug.now + text[bug.end :]


def _without(fails: Sequence[str]) -> dict[str, str]:
    """Return the test files without these tests."""
    found: dict[str, str] = {}
    for id in sorted(fails, key=lambda id: -_tests()[id].first):
        path = id.partition("::")[0]
        lines = found.get(path, library()[path]).split("\n")
        test = _tests()[id]
        first = test.first - 1
        blank = first > 0 and not lines[first - 1].strip()
        del lines[first - blank : test.last]
        found[path] = "\n".join(lines)
    return {path: _sound(text) for path, text in found.items()}


def _sound(text: str) -> str:
    """Return a test file in which no class was left without a body."""
    lines = text.split("\n")
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].startswith("class "):
            below = next((line for line in lines[number + 1 :] if line.strip()), "")
            if not below.startswith(" "):
                del lines[number]
    return "\n".join(lines)


def _diff(bug: Bug) -> str:
    was, now = planted(bug).splitlines(keepends=True), library()[bug.path].splitlines(keepends=True)
    return diff(bug.path, was, now)
