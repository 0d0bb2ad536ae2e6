"""Who holds which place: the plan while it is made and changed."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from banbury.people.matching.crowd import Floats
from banbury.people.matching.free import free
from banbury.people.matching.market import Market
from banbury.people.matching.person import Person

_EASE = 1e-9


class Book:
    """People in places, with what each person can still take.

    People are numbers: those of the market's crowd, then those who came later or changed. A
    person who changed has a new number, and the old one is allowed nothing any more.

    Attributes:
        held: the columns of each person who has any.
        takers: the people in each column.
        left: how many places of each column are free.
        newcomers: how many places newcomers hold.
        free: the hours that each person has left by each deadline beside what they hold here.
    """

    def __init__(self, market: Market) -> None:
        board, crowd = market.board, market.crowd
        self.market = market
        self.people: list[Person] = list(crowd.people)
        self.newcomer: list[bool] = crowd.newcomer.tolist()
        self.held: dict[int, list[int]] = defaultdict(list)
        self.takers: list[list[int]] = [[] for _ in range(len(board))]
        self.left: list[int] = board.places.tolist()
        self.newcomers = 0
        self._where = {
            int(c): (block, n) for block in market.blocks for n, c in enumerate(block.columns)
        }
        self._later = np.zeros((0, len(board)), np.float32)
        self._hours: list[float] = board.hours.astype(float).tolist()
        self._due: list[int] = board.deadline.tolist()
        self.free: list[list[float]] = crowd.free.tolist()
        self._campaign: list[int] = board.campaign.tolist()
        self._lab: list[int] = board.lab.tolist()

    @property
    def missing(self) -> int:
        """Return how many newcomers too few hold a place."""
        return max(0, self.market.board.wanted - self.newcomers)

    def value(self, person: int, column: int) -> float:
        """Return what a pair is worth, 0 if it is not allowed."""
        first = len(self.market.crowd.people)
        if person >= first:
            return float(self._later[person - first, column])
        block, at = self._where[column]
        row = int(np.searchsorted(block.rows, person))
        if row == len(block.rows) or block.rows[row] != person:
            return 0.0
        return float(block.values[row, at])

    def best(self, column: int, most: int, newcomers: bool = False) -> list[tuple[float, int]]:
        """Return the people worth most in a column, with their values, best first.

        Args:
            column: of the board.
            most: how many.
            newcomers: newcomers alone.
        """
        block, at = self._where[column]
        values, crowd = block.values[:, at], self.market.crowd
        if newcomers:
            values = np.where(crowd.newcomer[block.rows], values, 0)
        top = np.argpartition(-values, most)[:most] if len(values) > most else range(len(values))
        found = [(float(values[n]), int(block.rows[n])) for n in top if values[n] > 0]
        first = len(crowd.people)
        later = self._later[:, column]
        found += [(float(later[n]), first + int(n)) for n in np.flatnonzero(later)
                  if not newcomers or self.newcomer[first + n]]  # fmt: skip
        return sorted(found, key=lambda one: (-one[0], one[1]))[:most]

    def fits(self, person: int, column: int, without: int = -1) -> bool:
        """Say whether an allowed pair can be added to what the person holds.

        Args:
            person: number.
            column: of the board; whether it has a place left is not asked.
            without: a column to be given up in turn.
        """
        mine = [c for c in self.held.get(person, ()) if c != without]
        if not mine:
            return True  # What a pair alone may not be, its value of 0 says.
        rules, board, known = self.market.rules, self.market.board, self.people[person]
        lab = self._lab[column]
        return (
            len(mine) < known.most
            and all(self._campaign[c] != self._campaign[column] for c in mine)
            and sum(self._lab[c] == lab for c in mine) < rules.per_lab
            and not any(board.clash[self._lab[c], lab] for c in mine)
            and self._in_time([*mine, column], self.free[person])
        )

    def _in_time(self, columns: list[int], free: list[float]) -> bool:
        due = 0.0
        for c in sorted(columns, key=self._due.__getitem__):
            due += self._hours[c]
            if due > free[self._due[c]] + _EASE:
                return False
        return True

    def add(self, person: int, column: int) -> None:
        """Give a person a place in a column."""
        self.held[person].append(column)
        self.takers[column].append(person)
        self.left[column] -= 1
        self.newcomers += self.newcomer[person]

    def remove(self, person: int, column: int) -> None:
        """Take a place back."""
        self.held[person].remove(column)
        if not self.held[person]:
            del self.held[person]
        self.takers[column].remove(person)
        self.left[column] += 1
        self.newcomers -= self.newcomer[person]

    def enter(self, person: Person, line: Floats) -> int:
        """Take in a person with the values of all columns, shape (C,); return the number."""
        self.people.append(person)
        self.newcomer.append(person.results < self.market.rules.newcomer_results)
        self.free.append(free([person], self.market.board.weeks)[0].tolist())
        at = len(self.people) - 1 - len(self.market.crowd.people)
        if at == len(self._later):  # Room for as many again, so that it is seldom copied.
            room = np.zeros((max(16, len(self._later)), line.shape[0]), np.float32)
            self._later = np.concatenate([self._later, room])
        self._later[at] = line
        return len(self.people) - 1

    def forbid(self, person: int) -> None:
        """Allow a person nothing from now on; what they hold has been taken back before."""
        first = len(self.market.crowd.people)
        if person >= first:
            self._later[person - first] = 0
            return
        for block in self.market.blocks:
            row = int(np.searchsorted(block.rows, person))
            if row < len(block.rows) and block.rows[row] == person:
                block.values[row] = 0

    def total(self) -> float:
        """Return the sum of all places' values."""
        return sum(self.value(p, c) for p, mine in self.held.items() for c in mine)
