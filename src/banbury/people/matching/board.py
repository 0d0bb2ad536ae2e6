"""Open places as arrays: the columns of the assignment."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from banbury.people.matching.crowd import Bools, Floats, Ints
from banbury.people.matching.opening import Opening, check_opening
from banbury.people.matching.rules import Rules

_DEADLINES = 12
"""Most deadlines that are told apart; where there are more, some count as the one before."""


class Board:
    """C columns: each opening's known places are one, its explored places another.

    Attributes:
        openings: as they were given.
        opening: which opening a column belongs to, shape (C,).
        explored: whether its places are given by a draw, shape (C,).
        places, hours, rate, weight, least, difficulty: shape (C,).
        weights: of skills, summing to 1 in each column, shape (S, C); `needs` is 1 where above 0.
        tongues: 1 where a language is needed, shape (L, C).
        campaign, lab: as indices, shape (C,).
        deadline: index into `weeks`, shape (C,); `weeks` is sorted.
        clash: whether nobody may work for both labs, shape (labs, labs).
        wanted: how many newcomers the rules ask for.
    """

    def __init__(self, openings: Sequence[Opening], rules: Rules) -> None:
        self.openings = [check_opening(o) for o in openings]
        self.skills = _indices(s for o in openings for s in o.skills)
        self.languages = _indices(x for o in openings for x in o.languages)
        self.labs = _indices(o.lab for o in openings)
        explored = _explored(openings, rules)
        known = np.array([o.places for o in openings], np.int64) - explored
        columns = [(n, e) for n in range(len(openings)) for e in (False, True)
                   if (explored if e else known)[n] > 0]  # fmt: skip
        self.opening: Ints = np.array([n for n, _ in columns], np.int64)
        self.explored: Bools = np.array([e for _, e in columns], np.bool_)
        self.places: Ints = np.where(self.explored, explored[self.opening], known[self.opening])
        self.hours = self._of("hours", np.float64)
        self.rate = self._of("rate", np.float64)
        self.weight: Floats = self._of("weight")
        self.least: Floats = self._of("least")
        self.difficulty: Floats = self._of("difficulty")
        self._need()
        campaigns = _indices(o.campaign for o in openings)
        self.campaign: Ints = np.array(
            [campaigns[openings[n].campaign] for n in self.opening], np.int64
        )
        self.lab: Ints = np.array([self.labs[openings[n].lab] for n in self.opening], np.int64)
        self.weeks, self.deadline = _deadlines(self._of("weeks", np.float64))
        self.clash: Bools = np.zeros((len(self.labs), len(self.labs)), np.bool_)
        for one, other in rules.conflicts:
            if one in self.labs and other in self.labs and one != other:
                self.clash[self.labs[one], self.labs[other]] = True
                self.clash[self.labs[other], self.labs[one]] = True
        self.total = int(sum(o.places for o in openings))
        every = sum(o.places + o.taken for o in openings)
        wanted = math.ceil(rules.newcomers * every - 1e-9) - sum(o.fresh for o in openings)
        self.wanted = max(0, wanted)

    def __len__(self) -> int:
        return len(self.opening)

    def _of(self, name: str, kind: type = np.float32) -> np.ndarray:
        every: np.ndarray = np.array([getattr(o, name) for o in self.openings], kind)
        return every[self.opening]

    def _need(self) -> None:
        size = len(self.opening)
        self.weights: Floats = np.zeros((len(self.skills), size), np.float32)
        self.tongues: Floats = np.zeros((len(self.languages), size), np.float32)
        for c, n in enumerate(self.opening):
            opening = self.openings[n]
            for skill, weight in opening.skills.items():
                self.weights[self.skills[skill], c] = weight / sum(opening.skills.values())
            for language in opening.languages:
                self.tongues[self.languages[language], c] = 1
        self.needs: Floats = (self.weights > 0).astype(np.float32)


def _indices(names: object) -> dict[str, int]:
    return {name: n for n, name in enumerate(sorted(set(names)))}  # type: ignore[call-overload]


def _explored(openings: Sequence[Opening], rules: Rules) -> Ints:
    """How many places of each opening are given by a draw, by largest remainders.

    What was given so before counts, so that rounds do not add up to more than the share.
    """
    places = np.array([o.places for o in openings], np.int64)
    share = np.array([rules.explore * (o.places + o.taken) - o.drawn for o in openings])
    exact = share.clip(0, places)
    given = np.floor(exact + 1e-9).astype(np.int64)
    most = min(share.sum(), exact.sum())
    left = max(0, math.floor(most + 1e-9)) - int(given.sum())
    key = rules.seed.to_bytes(16, "big")
    lots = [hashlib.blake2b(o.id.encode(), digest_size=8, key=key).digest() for o in openings]
    order = sorted(range(len(openings)), key=lambda n: (given[n] - exact[n], lots[n]))
    for n in order[: max(left, 0)]:
        given[n] = min(given[n] + 1, places[n])
    for n in reversed(order):  # Where some openings had more than their share before.
        less = min(int(given[n]), max(-left, 0))
        given[n], left = given[n] - less, left + less
    return given


def _deadlines(weeks: np.ndarray) -> tuple[np.ndarray, Ints]:
    """The deadlines that are told apart, sorted, and each column's; never later than its own."""
    distinct = np.unique(weeks)
    if len(distinct) > _DEADLINES:
        distinct = distinct[np.linspace(0, len(distinct) - 1, _DEADLINES).astype(int)]
    return distinct, np.searchsorted(distinct, weeks, side="right") - 1
