"""Who is brought to a person, and with what evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from types import MappingProxyType

import msgspec
import numpy as np

from banbury.people.signals.alike import Pairs, alike, devices
from banbury.people.signals.answer import Answer
from banbury.people.signals.calibrate import combined, needed
from banbury.people.signals.gold import gold
from banbury.people.signals.model import model
from banbury.people.signals.record import Measured, Record, recorded
from banbury.people.signals.times import flat, haste
from banbury.people.signals.typing import typing

_NOTABLE = 0.05
_LEAST = 3
"""Kinds that are shown where none alone is notable, as far as none is common either."""
_SOME = 0.2
_AT = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


class Signal(msgspec.Struct, frozen=True):
    """One kind of evidence about one person.

    Attributes:
        kind: `typing`, `haste`, `flat times`, `alike`, `device`, `gold` or `model`.
        p: share of honest people who show at least as much.
        words: the evidence.
        others: people whom it concerns too.
        value: the measure itself, higher is more unusual.
        usual: the same of those it is compared with: at 0, 5, 25, 50, 75, 95 and 100 %.
    """

    kind: str
    p: float
    words: str
    others: tuple[str, ...] = ()
    value: float = 0.0
    usual: tuple[float, ...] = ()


class Suspicion(msgspec.Struct, frozen=True):
    """A person whose record somebody should look at. It is not a verdict.

    Attributes:
        person: who.
        p: share of honest people whose signals together are as unusual.
        compared: how many trusted people that rests on.
        signals: those that stand out, rarest first.
    """

    person: str
    p: float
    compared: int
    signals: tuple[Signal, ...]


class Look(msgspec.Struct, frozen=True):
    """What a look at everybody's answers found.

    Attributes:
        suspicions: rarest first.
        rate: share of honest people that are brought to a person at most, on the average.
        looked: how many people were looked at.
        untold: people of whom nothing can be said, since too few like them are trusted.
    """

    suspicions: tuple[Suspicion, ...]
    rate: float
    looked: int
    untold: tuple[str, ...]


def look(
    answers: Iterable[Answer],
    trusted: Set[str],
    *,
    rate: float = 0.01,
    like: Mapping[str, str] | None = None,
    models: Mapping[str, Sequence[str]] | None = None,
    devices: Mapping[str, Collection[str]] | None = None,
    only: Set[str] | None = None,
) -> Look:
    """Return whose record a person should look at.

    The trusted are looked at too, each beside the others. One whom a person then finds to be no
    honest worker should be trusted no more and the look be taken again: a cheat among the trusted
    hides others.

    Args:
        answers: everybody's, the trusted people's too.
        trusted: people whose work is known to be their own: supervised, or looked at and cleared.
            A cheat among them never makes an honest person suspect.
        rate: share of honest people who are brought to a person at most.
        like: a group by person, such as those who dictate or write with an input method: each is
            compared with trusted people of the same group alone; "" for whoever is not in it.
        models: some models' answers, by open item.
        devices: opaque marks of the browsers that each person used, beside those of answers.
        only: who is looked at; the others are there to compare with. Everybody if None.

    Raises:
        InputError: `rate` is no share.
    """
    record = recorded(answers)
    least, groups = needed(rate), like or {}
    measured = kinds(record, models or {}, devices or {})
    people = sorted(record.by_person)
    table = _table(measured, people)
    at = {p: n for n, p in enumerate(people)}
    compared: dict[str, list[int]] = {}
    for person in sorted(trusted & record.by_person.keys()):
        compared.setdefault(groups.get(person, ""), []).append(at[person])
    found, untold, looked = [], [], 0
    for person in people if only is None else sorted(only & record.by_person.keys()):
        beside = [n for n in compared.get(groups.get(person, ""), ()) if n != at[person]]
        if len(beside) < least:
            untold.append(person)
            continue
        looked += 1
        p, each = combined(table[at[person]], table[beside])
        if p <= rate:
            rows = table[[at[person], *beside]]
            found.append(_suspicion(person, p, each, rows, measured))
    found.sort(key=lambda s: (s.p, s.person))
    return Look(tuple(found), rate, looked, tuple(untold))


def kinds(
    record: Record,
    models: Mapping[str, Sequence[str]],
    used: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[Measured]:
    """Return all kinds of signal, before they are calibrated."""
    pairs = Pairs(record)
    return [
        typing(record),
        haste(record),
        flat(record),
        alike(record, pairs),
        devices(record, pairs, used),
        gold(record),
        model(record, models),
    ]


def _table(measured: Sequence[Measured], people: Sequence[str]) -> np.ndarray:
    rows = [[m.values.get(p, -np.inf) for m in measured] for p in people]
    return np.array(rows, np.float64).reshape(len(people), len(measured))


def _suspicion(
    person: str, p: float, each: np.ndarray, rows: np.ndarray, measured: Sequence[Measured]
) -> Suspicion:
    """What stands out; `rows` are the measures of the person, then of those compared."""
    signals = [
        Signal(
            m.kind, float(rare), m.words(person), m.others.get(person, ()),
            float(rows[0, k]), _usual(rows[1:, k]),
        )
        for k, (m, rare) in enumerate(zip(measured, each, strict=True))
        if person in m.values
    ]  # fmt: skip
    signals.sort(key=lambda s: s.p)
    shown = [s for s in signals if s.p <= _NOTABLE] or [s for s in signals[:_LEAST] if s.p <= _SOME]
    return Suspicion(person, p, len(rows) - 1, tuple(shown))


def _usual(values: np.ndarray) -> tuple[float, ...]:
    held = values[np.isfinite(values)]
    return tuple(np.quantile(held, _AT).tolist()) if len(held) else ()
