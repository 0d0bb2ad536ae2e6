"""What a skill covers: parts of the gyms' own skills, each narrowed by conditions on the task.

A definition is a union of parts; a part is one skill as a gym declares it, and conditions that all
must hold. Conditions look only at what an actor may see of a task, so that they can be asked
before anybody has tried it.
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from banbury.episode.task import Task
from banbury.errors import InputError

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_TEST = re.compile(r"\s*([\w.]+)\s*(<=|>=|!=|==?|<|>|~)\s*([^=].*?)\s*", re.S)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FIELDS = ("gym", "family", "version", "licence", "phrasing", "difficulty", "text")


class Comparison(msgspec.Struct, frozen=True):
    """One comparison of a field of the task with a value.

    Attributes:
        field: `gym`, `family`, `version`, `licence`, `phrasing`, `difficulty`, `text`, or a path
            into the parameters such as `params.content.region`.
        op: `~` means that the field holds the value, whatever its case; `<` and the like compare
            numbers, and hold for nothing else.
        value: what it is compared with.
    """

    field: str
    op: Operator
    value: str

    def holds(self, task: Task) -> bool:
        """Say whether it holds; a field that the task lacks holds nothing."""
        return self.compare(_field(task, self.field))

    def compare(self, found: Any) -> bool:
        """Say whether it holds of a field's value."""
        if found is None:
            return False
        if self.op == "~":
            return self.value.casefold() in str(found).casefold()
        numbers = _number(found), _number(self.value)
        if None not in numbers:
            return _compare(self.op, *numbers)
        return self.op in ("=", "!=") and _compare(self.op, str(found), self.value)


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is", tag="rule"):
    """All tests hold; with `negated`, not all of them do."""

    tests: tuple[Comparison, ...]
    negated: bool = False

    def holds(self, task: Task) -> bool:
        """Say whether a task fulfils it."""
        return all(t.holds(task) for t in self.tests) != self.negated

    def may_hold(self, difficulty: str) -> bool:
        """Say whether a task of this difficulty may fulfil it."""
        asked = [t for t in self.tests if t.field == "difficulty"]
        fits = all(t.compare(difficulty) for t in asked)
        return len(asked) < len(self.tests) or not fits if self.negated else fits


class Terms(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is", tag="terms"):
    """A linear classifier on the words of the task; readable, and the same on every machine.

    Attributes:
        weights: by term, as `terms` makes them.
        bias: what a text without any of them scores.
        negated: the score must not be above 0.
    """

    weights: dict[str, float]
    bias: float
    negated: bool = False

    def score(self, text: str) -> float:
        """Return the log-odds of belonging."""
        # fsum: the same to the last bit, in whatever order a set is walked.
        return math.fsum([self.bias, *(self.weights.get(t, 0.0) for t in terms(text))])

    def holds(self, task: Task) -> bool:
        """Say whether a task belongs."""
        return (self.score(text_of(task)) > 0) != self.negated


class Nearest(msgspec.Struct, frozen=True, tag_field="is", tag="nearest"):
    """Of several classifiers, the one at `which` scores highest; the first of equals."""

    of: tuple[Terms, ...]
    which: int

    def holds(self, task: Task) -> bool:
        """Say whether a task is nearest to this one."""
        scores = [t.score(text_of(task)) for t in self.of]
        return scores.index(max(scores)) == self.which


class Listed(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is", tag="tasks"):
    """The task is one of these; with `negated`, it is not."""

    ids: tuple[str, ...]
    negated: bool = False

    def holds(self, task: Task) -> bool:
        """Say whether a task is in the list."""
        return (task.id in self.ids) != self.negated


Condition = Rule | Terms | Nearest | Listed


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tasks of one skill that a gym declares, as far as all conditions hold."""

    skill: str
    where: tuple[Condition, ...] = ()

    def difficulties(self, names: Sequence[str]) -> list[str]:
        """Return those of a skill's difficulties at which its tasks may fulfil the conditions."""
        rules = [c for c in self.where if isinstance(c, Rule)]
        return [n for n in names if all(c.may_hold(n) for c in rules)]

    @property
    def asks_difficulty(self) -> bool:
        """Say whether a condition is about the difficulty."""
        rules = (c for c in self.where if isinstance(c, Rule))
        return any(t.field == "difficulty" for c in rules for t in c.tests)

    def covers(self, task: Task) -> bool:
        """Say whether a task is in it."""
        return task.skill == self.skill and self.accepts(task)

    def accepts(self, task: Task) -> bool:
        """Say whether the conditions hold, whatever the skill."""
        return all(c.holds(task) for c in self.where)


def narrowed(parts: Iterable[Part], *conditions: Condition) -> tuple[Part, ...]:
    """Return the parts with further conditions."""
    return tuple(Part(p.skill, (*p.where, *conditions)) for p in parts)


def union(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts, each once; one without conditions takes in the others of its skill."""
    kept = list(parts)
    whole = {p.skill for p in kept if not p.where}
    out: list[Part] = []
    for p in kept:
        if p not in out and not (p.where and p.skill in whole):
            out.append(p)
    return tuple(out)


def rule(text: str) -> Rule:
    """Read a rule such as `difficulty=hard and text~refund`.

    Raises:
        InputError: it cannot be read, or names a field that no task has.
    """
    tests: list[Comparison] = []
    for piece in re.split(r"\s+and\s+", text.strip()):
        read = _TEST.fullmatch(piece)
        if read is None:
            raise InputError(
                f"cannot read the rule {piece!r}",
                do="write FIELD=VALUE, with !=, <, <=, >, >= or ~ (holds) for =",
            )
        field, op, value = read.groups()
        if field not in _FIELDS and not field.startswith("params."):
            raise InputError(
                f"a task has no field {field!r}",
                do=f"use one of {', '.join(_FIELDS)}, or params.NAME",
            )
        tests.append(
            msgspec.convert(
                {"field": field, "op": op.replace("==", "="), "value": value}, Comparison
            )
        )
    return Rule(tuple(tests))


def text_of(task: Task) -> str:
    """Return the words that an actor is shown of a task."""
    inputs = "" if task.public.inputs in ("", "{}") else f"\n{task.public.inputs}"
    return task.public.instruction + inputs


def terms(text: str) -> frozenset[str]:
    """Return a text's words and pairs of neighbours; every digit is a 0, so lengths show."""
    words = [_DIGIT.sub("0", w) for w in _WORD.findall(text.casefold())]
    return frozenset(words) | {f"{a} {b}" for a, b in itertools.pairwise(words)}


def _field(task: Task, name: str) -> Any:
    if name == "text":
        return text_of(task)
    if name == "phrasing":
        return task.public.phrasing
    if name == "difficulty" or name.startswith("params."):
        at: Any = msgspec.json.decode(task.params) if task.params else {}
        for step in name.removeprefix("params.").split("."):
            at = at.get(step) if isinstance(at, Mapping) else None
        return at
    return getattr(task, name)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _compare(op: str, a: Any, b: Any) -> bool:
    found: bool = _OPERATORS[op](a, b)
    return found
