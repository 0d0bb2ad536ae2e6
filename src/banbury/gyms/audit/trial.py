"""Trial: one thing put before a judge, and what it must say to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from banbury.episode import Problem, Record
from banbury.gyms.contract import Action

Expect = Literal["accept", "value", "wrong", "reject", "look"]
"""What the judge must do with a trial.

- `accept`: pass it; it is right and in the asked form.
- `value`: see the right value in it, whatever the form (the component `lenient`, where there is
  one).
- `wrong`: neither pass it nor see the right value in it.
- `reject`: not pass it; it says the right value among others, or tries to talk to the judge.
- `look`: nobody but a person can say; what passes is shown.
"""


class Trial(msgspec.Struct, frozen=True):
    """One attempt on one task: its kind, what the judge must do, and the actions."""

    kind: str
    expect: Expect
    actions: Sequence[Action]


@runtime_checkable
class Equivalents(Protocol):
    """A gym that knows further ways to be right; a gym may have this method, none must."""

    def equivalents(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return named action lists, each of which must score full."""


@runtime_checkable
class Notations(Protocol):
    """A gym that knows how its answers may be written out of form."""

    def notations(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return named action lists that say the right value, though not in the asked form."""


@runtime_checkable
class Unique(Protocol):
    """A gym that knows whether a task has but one right answer; without it, nobody does."""

    def unique(self, problem: Problem) -> bool:
        """Return whether every answer of another value is wrong."""

    def means(self, problem: Problem, value: str) -> bool:
        """Return whether a value is the right one, in whatever notation."""


@runtime_checkable
class Wrongs(Protocol):
    """A gym that knows values that look right and are not."""

    def wrongs(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return named action lists, each wrong in value."""


@runtime_checkable
class Outcomes(Protocol):
    """A gym that knows what of its final state counts; without it, all of the evidence does."""

    def outcome(self, record: Record) -> object:
        """Return what a record ended in, without what does not matter, such as a count of moves."""
