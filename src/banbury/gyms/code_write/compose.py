"""Functions by composition: a source of inputs, some steps, and what is returned in the end.

Every piece has its words and its line of code, and says what kind of value it takes and gives.
A draw chains pieces whose kinds fit; statement and reference follow from the same chain, so they
cannot disagree. A draw is kept only if its cases tell: each step changes what comes out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from banbury.gyms.code_write.inside.values import encode
from banbury.gyms.contract import Phrasing

Params = Mapping[str, Any]
_SLOT = re.compile(r"\$([a-z]+)")
_IMPORTS = {
    "date.": "from datetime import date",
    "timedelta(": "from datetime import timedelta",
    "groupby(": "from itertools import groupby",
    "accumulate(": "from itertools import accumulate",
    "gcd(": "from math import gcd",
    "deque(": "from collections import deque",
}
_NAMES = ("solve", "process", "transform", "compute", "convert", "answer", "evaluate", "work_out")
HIDDEN = 24
"""Hidden cases of a task."""
SHOWN = 3
"""Examples in its statement."""
_TRIES = 400


@dataclass(frozen=True)
class Piece:
    """One step, or the end of a function.

    Attributes:
        name: unique in its domain; part of a task's identity.
        takes: kind of the value `x` before it.
        gives: kind after it, "" for an end.
        code: lines on `x`; an end's last line returns.
        seen: words for it that may be trained on, "" for what need not be said.
        unseen: words kept for reserved items.
        params: values for each `$slot` of code and words.
    """

    name: str
    takes: str
    gives: str
    code: str
    seen: str
    unseen: str
    params: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def words(self, phrasing: Phrasing, params: Params) -> str:
        """Return the piece in words."""
        text = self.seen if phrasing == "seen" else self.unseen
        return _SLOT.sub(lambda m: _shown(params[m[1]]), text)

    def lines(self, params: Params) -> list[str]:
        """Return the piece as lines of code."""
        return _SLOT.sub(lambda m: repr(params[m[1]]), self.code).splitlines()


def piece(
    name: str, chain: str, code: str, seen: str, unseen: str, **params: Sequence[Any]
) -> Piece:
    """Return a piece; `chain` is `KIND>KIND`, or `KIND>` for an end."""
    takes, _, gives = chain.partition(">")
    return Piece(name, takes, gives, code, seen, unseen, params)


@dataclass(frozen=True)
class Source:
    """What a function is given.

    Attributes:
        name: unique in its domain.
        argument: name of the function's argument.
        kind: of the value.
        seen: what it is, in words that may be trained on.
        unseen: the same in words kept for reserved items.
        draw: draws a value.
        edges: values that always belong to the hidden cases.
    """

    name: str
    argument: str
    kind: str
    seen: str
    unseen: str
    draw: Callable[[Random], Any]
    edges: tuple[Any, ...]


@dataclass(frozen=True)
class Domain:
    """One skill: sources and pieces that fit together, and how many pieces by difficulty."""

    skill: str
    title: str
    sources: tuple[Source, ...]
    pieces: tuple[Piece, ...]
    dials: Mapping[str, tuple[int, ...]] = field(
        default_factory=lambda: {"easy": (2,), "medium": (3,), "hard": (4, 5)}
    )
    version: str = "1"


@dataclass(frozen=True)
class Plan:
    """A function that was drawn: what it is given, and its pieces with their parameters."""

    domain: Domain
    source: Source
    name: str
    steps: tuple[tuple[Piece, Params], ...]

    @property
    def content(self) -> dict[str, Any]:
        """Return what makes it again, JSON-ready."""
        steps = [[piece.name, dict(params)] for piece, params in self.steps]
        return {"given": self.source.name, "name": self.name, "steps": steps}

    def code(self) -> str:
        """Return the reference solution."""
        body = [f"x = {self.source.argument}"]
        for piece, params in self.steps:
            body += piece.lines(params)
        text = "\n".join([f"def {self.name}({self.source.argument}):", *(f"    {b}" for b in body)])
        needs = sorted(line for used, line in _IMPORTS.items() if used in text)
        return "\n".join([*needs, "", "", text]).lstrip() + "\n"

    def without(self, index: int) -> Plan:
        """Return the plan without one step."""
        return Plan(
            self.domain, self.source, self.name, self.steps[:index] + self.steps[index + 1 :]
        )

    def function(self) -> Callable[[Any], Any]:
        """Return the reference as a function."""
        space: dict[str, Any] = {}
        exec(compile(self.code(), "reference", "exec"), space)
        made: Callable[[Any], Any] = space[self.name]
        return made

    def statement(self, phrasing: Phrasing) -> str:
        """Return the steps in words, numbered."""
        said = [piece.words(phrasing, params) for piece, params in self.steps]
        return "\n".join(f"{i}. {text}" for i, text in enumerate(filter(None, said), 1))


def plans(domain: Domain, level: str, rng: Random) -> Iterator[tuple[Plan, list[Any], list[Any]]]:
    """Yield plans that tell, each with values to show and values to hide, without an end."""
    while True:
        plan = _drawn(domain, rng.choice(domain.dials[level]), rng)
        if plan is None:
            continue
        values = list(_values(plan.source, rng))
        shown, hidden = values[:SHOWN], values[SHOWN:]
        if _tells(plan, shown, hidden):
            yield plan, shown, hidden


def _drawn(domain: Domain, length: int, rng: Random) -> Plan | None:
    source = rng.choice(domain.sources)
    kind = source.kind
    steps: list[tuple[Piece, Params]] = []
    used: set[str] = set()
    while sum(bool(piece.seen) for piece, _ in steps) < length - 1:
        fit = [p for p in domain.pieces if p.takes == kind and p.gives and p.name not in used]
        if not fit:
            return None
        chosen = rng.choice(fit)
        steps.append((chosen, _params(chosen, rng)))
        used.add(chosen.name)
        kind = chosen.gives
    ends = [p for p in domain.pieces if p.takes == kind and not p.gives]
    if not ends:
        return None
    end = rng.choice(ends)
    return Plan(domain, source, rng.choice(_NAMES), (*steps, (end, _params(end, rng))))


def _params(piece: Piece, rng: Random) -> dict[str, Any]:
    return {name: rng.choice(list(values)) for name, values in piece.params.items()}


def _values(source: Source, rng: Random) -> Iterator[Any]:
    """Yield `SHOWN` values to show, then `HIDDEN` to hide: all edges, the rest drawn; distinct."""
    known = {repr(edge) for edge in source.edges}
    fresh = []
    for _ in range(_TRIES):
        value = source.draw(rng)
        if repr(value) not in known:
            known.add(repr(value))
            fresh.append(value)
        if len(fresh) == SHOWN + HIDDEN - len(source.edges):
            break
    yield from fresh[:SHOWN]
    yield from source.edges
    yield from fresh[SHOWN:]


def _tells(plan: Plan, shown: Sequence[Any], hidden: Sequence[Any]) -> bool:
    """Say whether the cases tell the function from simpler ones: no step is for nothing."""
    if len(hidden) < HIDDEN or len(plan.steps) < 2:
        return False
    wanted = _results(plan, [*shown, *hidden])
    counts = Counter(map(repr, wanted[len(shown) :]))
    if None in wanted or max(counts.values()) * 2 > len(hidden) or len(set(wanted[:3])) < 2:
        return False
    for i, (piece, _) in enumerate(plan.steps):
        if piece.gives == piece.takes:
            less = _results(plan.without(i), hidden)
            if sum(a != b for a, b in zip(less, wanted[len(shown) :], strict=True)) < 3:
                return False
    return True


def _results(plan: Plan, values: Sequence[Any]) -> list[str | None]:
    """Return what the reference makes of values, None where it fails or returns a giant."""
    function = plan.function()
    out: list[str | None] = []
    for value in values:
        try:
            said = repr(_orderless(encode(function(_copied(value)))))
        except (ValueError, ArithmeticError, LookupError, TypeError):
            said = None
        out.append(said if said is not None and len(said) < 2000 else None)
    return out


def _orderless(data: Any) -> Any:
    """Return an encoding in which the order of a dict's keys, which no case can tell, is lost."""
    if isinstance(data, list):
        return [_orderless(one) for one in data]
    if isinstance(data, dict):
        held = {tag: _orderless(one) for tag, one in data.items()}
        return {"d": sorted(held["d"], key=repr)} if "d" in held else held
    return data


def _copied(value: Any) -> Any:
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`" if value.strip() else repr(value)
    return str(value)
