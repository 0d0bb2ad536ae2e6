"""What matching knows of a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import msgspec

from banbury.errors import InputError


class Belief(msgspec.Struct, frozen=True):
    """What is believed of one person's skill: a normal distribution on the logit scale.

    Attributes:
        mean: logits above an average person; a piece of work of difficulty d is done well with
            probability 1 / (1 + exp(d - mean)).
        variance: of the belief, in squared logits; above 0.
        results: how many results it rests on.
    """

    mean: float
    variance: float
    results: int = 0


class Person(msgspec.Struct, frozen=True):
    """One person, as far as matching is concerned; there is nothing here of what they refused.

    Attributes:
        id: whatever names them to the caller; keys the exploring draws.
        beliefs: by skill. A skill that is not here is not theirs.
        languages: codes such as `en`.
        hours: free hours a week.
        rate: what an hour costs, in the unit of `Opening.rate`; 0 for a volunteer.
        labs: labs that they work for, or did so lately: no offer comes from a lab in conflict
            with one of these.
        most: most offers at a time.
        paused: skills in which their work is paused.
        away: ids of openings that are not to be offered to them (again): refused, left, done.
        windows: when they are free, as begins and ends in weeks from now, sorted and apart; None
            for any time. Nobody is taken to be free after the last one.
        owed: what they took on already, each as weeks until it is due and hours.
    """

    id: str
    beliefs: Mapping[str, Belief]
    languages: frozenset[str] = frozenset({"en"})
    hours: float = 20.0
    rate: float = 1.0
    labs: frozenset[str] = frozenset()
    most: int = 3
    paused: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()
    windows: tuple[tuple[float, float], ...] | None = None
    owed: tuple[tuple[float, float], ...] = ()

    @property
    def results(self) -> int:
        """Return how many results all beliefs rest on together, those of a part once."""
        parts = {
            ".".join(s.split(".")[:n]) for s in self.beliefs for n in range(1, s.count(".") + 1)
        }
        return sum(b.results for s, b in self.beliefs.items() if s not in parts)


def check_person(person: Person) -> Person:
    """Return the person if the numbers are usable, else raise InputError."""
    numbers = [person.hours, person.rate, *(b.mean for b in person.beliefs.values())]
    numbers += [number for work in person.owed for number in work]
    least = min(person.hours, person.rate, *(h for _, h in person.owed))
    bad = not all(map(math.isfinite, numbers)) or least < 0
    if bad or person.most < 0:
        raise InputError(
            "hours, rate, offers or a belief of a person are no usable number",
            where=f"person {person.id!r}",
            do="give finite numbers, none below 0 but the means of beliefs",
        )
    _check_windows(person)
    for skill, belief in person.beliefs.items():
        if not (belief.variance > 0 and math.isfinite(belief.variance)) or belief.results < 0:
            raise InputError(
                f"a belief has variance {belief.variance!r} and {belief.results} results",
                where=f"person {person.id!r}, skill {skill!r}",
                do="give a finite variance above 0 and a count",
            )
    return person


def _check_windows(person: Person) -> None:
    edges = [0.0, *(edge for span in person.windows or () for edge in span)]
    if not all(map(math.isfinite, edges)) or any(a > b for a, b in pairwise(edges)):
        raise InputError(
            "the times at which a person is free are no spans from now on",
            where=f"person {person.id!r}",
            do="give begins and ends in weeks from now, sorted and apart",
        )
