"""A plan that takes in one person's change at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import numpy as np

from banbury.errors import UnknownName
from banbury.people.matching.crowd import Floats
from banbury.people.matching.filling import fill
from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Person, check_person
from banbury.people.matching.plan import Plan
from banbury.people.matching.pricing import Bound
from banbury.people.matching.rules import Rules
from banbury.people.matching.solve import Solution, plan_of, solve

_TRIES = 8
"""Columns in which a person is tried, by what they gain at today's prices."""


class Matching:
    """A plan for everybody, kept up to date.

    Prices stay those of the last full solution. They bound the best plan for any crowd as the sum
    of what places cost and of what each person can gain at most, so a person's change changes one
    term: `share` is a proof of what is reached after each change, got without solving again. Where
    it has fallen too low, `again` solves for everybody.

    Args:
        people: whoever may work now.
        openings: places that are open.
        rules: the house's; None for the usual ones.

    Raises:
        InputError: a number cannot be used.
    """

    def __init__(
        self, people: Sequence[Person], openings: Sequence[Opening], rules: Rules | None = None
    ) -> None:
        self._rules = rules or Rules()
        self._openings = openings
        self._start(people)

    def _start(self, people: Sequence[Person]) -> None:
        self._solution = solve(people, self._openings, self._rules)
        self._book = self._solution.book
        self._numbers = {p.id: n for n, p in enumerate(people)}
        self._gains = dict(enumerate(self._solution.bound.person.tolist()))

    @property
    def plan(self) -> Plan:
        """Return the plan as it is now."""
        there = np.array([self._gains[n] for n in self._numbers.values()], np.float64)
        now = Bound(self._solution.bound.shared, there)
        return plan_of(Solution(self._book, self._solution.prices, now, time.perf_counter()))

    def openings_of(self, person: str) -> list[str]:
        """Return the ids of the openings that a person is offered, sorted.

        Raises:
            UnknownName: there is no such person.
        """
        board = self._book.market.board
        held = self._book.held.get(self._number(person), [])
        return sorted(board.openings[board.opening[c]].id for c in held)

    def put(self, person: Person) -> None:
        """Take in a person who is new, or who changed; offers that are still right stay theirs.

        Raises:
            InputError: a number cannot be used.
        """
        check_person(person)
        line = self._book.market.line(person)
        held = self._taken_out(person.id) if person.id in self._numbers else []
        number = self._book.enter(person, line)
        self._numbers[person.id] = number
        self._gains[number] = self._gain(number, line)
        for column in sorted(held, key=lambda c: -line[c]):
            if line[column] > 0 and self._book.fits(number, column):
                self._book.add(number, column)
        for column in held:
            if self._book.left[column]:
                fill(self._book, column)
        while self._placed(number, line):
            pass

    def drop(self, person: str) -> None:
        """Take in that a person is not there any more; others take their places.

        Raises:
            UnknownName: there is no such person.
        """
        self._number(person)
        for column in self._taken_out(person):
            if self._book.left[column]:
                fill(self._book, column)

    def refuse(self, person: str, opening: str) -> None:
        """Take in that a person does not want one opening: only this one is not offered again.

        Raises:
            UnknownName: there is no such person.
        """
        known = self._book.people[self._number(person)]
        self.put(msgspec.structs.replace(known, away=known.away | {opening}))

    def again(self) -> None:
        """Solve for everybody anew."""
        self._start([self._book.people[n] for n in self._numbers.values()])

    def _number(self, person: str) -> int:
        if person not in self._numbers:
            raise UnknownName("person", person, ())
        return self._numbers[person]

    def _taken_out(self, person: str) -> list[int]:
        """Take a person out of the book; return what they held."""
        number = self._numbers.pop(person)
        del self._gains[number]
        held = list(self._book.held.get(number, ()))
        for column in held:
            self._book.remove(number, column)
        self._book.forbid(number)
        return held

    def _gain(self, number: int, line: Floats) -> float:
        """What a person can gain at today's prices at most, by two relaxations of their rules."""
        prices, board = self._solution.prices, self._book.market.board
        person = self._book.people[number]
        if prices is None:
            # Nobody could be offered anything: whatever this person brings is the whole plan.
            return float(np.sort(line)[::-1][: person.most].sum())
        new = person.results < self._rules.newcomer_results
        reduced = np.where(line > 0, line - prices.place + new * prices.newcomer, 0).clip(0)
        best = float(np.sort(reduced)[::-1][: person.most].sum())
        return min(best, _fraction(reduced, board.hours, self._book.free[number][-1]))

    def _placed(self, number: int, line: Floats) -> bool:
        """Give a person one more place if the plan gains by it; say whether it did."""
        book, prices = self._book, self._solution.prices
        gain = line - (prices.place if prices is not None else 0)
        order = np.argsort(-gain)
        tries = [int(c) for c in order[: 4 * _TRIES] if line[c] > 0 and book.fits(number, int(c))]
        for column in tries[:_TRIES]:
            if number in book.takers[column]:
                continue
            if book.left[column]:
                book.add(number, column)
                return True
            if self._displaced(number, column, float(line[column])):
                return True
        return False

    def _displaced(self, number: int, column: int, value: float) -> bool:
        """Give a person the place of whoever is worth least there, if both together gain."""
        book = self._book
        worst, old = min((book.value(p, column), p) for p in book.takers[column])
        before = book.missing
        book.remove(old, column)
        book.add(number, column)
        gain = value - worst - book.market.penalty * (book.missing - before)
        free, other = self._elsewhere(old)
        if gain + free <= 1e-9:
            book.remove(number, column)
            book.add(old, column)
            return False
        if other >= 0:
            book.add(old, other)
        return True

    def _elsewhere(self, number: int) -> tuple[float, int]:
        """The free place worth most for a person, as value and column; (0, -1) without one."""
        book = self._book
        open_ = ((book.value(number, c), c) for c, left in enumerate(book.left) if left)
        for value, column in sorted(open_, reverse=True):
            if value > 0 and number not in book.takers[column] and book.fits(number, column):
                return value, column
        return 0.0, -1


def _fraction(values: np.ndarray, hours: np.ndarray, most: float) -> float:
    """The value of the best places that fit into some hours, the last one in part."""
    order = np.argsort(-values / hours)
    spent = np.cumsum(hours[order])
    whole = spent <= most
    total = float(values[order][whole].sum())
    at = int(whole.sum())
    if at < len(order):
        before = float(spent[at - 1]) if at else 0.0
        total += float(values[order[at]]) * max(0.0, most - before) / float(hours[order[at]])
    return total
