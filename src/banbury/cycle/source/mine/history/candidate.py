"""What becomes of a unit: a candidate for a task, or dropped with a reason."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.cycle.source.mine.history.repository import Repository
from banbury.cycle.source.mine.history.unit import Unit

Why = Literal[
    "feature",
    "refactoring",
    "typing",
    "docs",
    "tests only",
    "no tests",
    "no source change",
    "too large",
    "several changes",
    "build",
    "deprecation",
    "not a fix",
    "date",
]


class Size(msgspec.Struct, frozen=True):
    """What a unit may change at most: files of source, their lines, lines of tests."""

    files: int = 8
    lines: int = 300
    tests: int = 1500


class Candidate(msgspec.Struct, frozen=True):
    """A unit that looks like a repair with tests.

    Attributes:
        unit: the unit.
        repository: where it comes from.
        tests: paths of the files that the fix adds or changes for its tests, data beside them
            included.
        gone: paths of test files that the fix deletes or renames away.
        source: paths of all other files that the fix touches, the deleted ones included.
        needs: public names that the fix introduces and its tests use.
        cases: names of the test functions that the fix adds or alters.
        entries: what the fix adds to the project's list of changes.
        inside: the messages of the commits that a merge brought.
        score: how much speaks for a repair; higher is surer.
        why: what speaks for it, a few words each.
    """

    unit: Unit
    repository: Repository
    tests: tuple[str, ...]
    gone: tuple[str, ...]
    source: tuple[str, ...]
    needs: tuple[str, ...]
    cases: tuple[str, ...]
    entries: tuple[str, ...]
    inside: tuple[str, ...]
    score: float
    why: tuple[str, ...]


class Dropped(msgspec.Struct, frozen=True):
    """A unit that becomes no task: why, in a sentence and as a kind."""

    unit: Unit
    reason: str
    kind: Why
