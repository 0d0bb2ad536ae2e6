"""A plan whose offers were told: what was offered stays, and one person's change moves nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from banbury.errors import UnknownName
from banbury.people.matching.book import Book
from banbury.people.matching.market import Market
from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Person, check_person
from banbury.people.matching.plan import Offer
from banbury.people.matching.rules import Rules
from banbury.people.matching.solve import offer

_SCAN = 48
"""People looked at for one place."""


class Settled:
    """The places that are free, and what each person would be worth in them.

    `Matching` mends a plan along chains of people who move up; once people were told of their
    offers, nobody is to be moved. So a place that becomes free goes to the best person who can
    still take it, and a person who changed is offered the best of what is free.

    Args:
        people: whoever looks for work, with what they can still take.
        openings: all that are open, with all of their places.
        free: how many places of each opening nobody holds or is offered, by id.
        rules: the house's.

    Raises:
        InputError: a number cannot be used.
    """

    def __init__(
        self,
        people: Sequence[Person],
        openings: Sequence[Opening],
        free: Mapping[str, int],
        rules: Rules,
    ) -> None:
        self._book = Book(Market(people, openings, rules))
        self._numbers = {p.id: n for n, p in enumerate(people)}
        self._columns: dict[str, list[int]] = {o.id: [] for o in openings}
        board = self._book.market.board
        left = dict(free)
        for column in range(len(board)):
            id = board.openings[board.opening[column]].id
            self._columns[id].append(column)
            here = min(int(board.places[column]), left.get(id, 0))
            self._book.left[column] = here
            left[id] = left.get(id, 0) - here

    def person(self, id: str) -> Person | None:
        """Return a person as they were taken in last, None if there is none."""
        number = self._numbers.get(id)
        return None if number is None else self._book.people[number]

    def put(self, person: Person) -> None:
        """Take in a person who is new or changed; what they were told of is theirs as it was.

        Raises:
            InputError: a number cannot be used.
        """
        check_person(person)
        line = self._book.market.line(person)
        self.drop(person.id)
        self._numbers[person.id] = self._book.enter(person, line)

    def drop(self, id: str) -> None:
        """Take in that a person looks for no work; nothing where there is none."""
        number = self._numbers.pop(id, None)
        if number is not None:
            for column in self._book.held.pop(number, ()):
                self._book.takers[column].remove(number)
            self._book.forbid(number)

    def fits(self, person: str, opening: str) -> bool:
        """Say whether a person may be offered an opening."""
        number = self._numbers.get(person)
        return number is not None and any(
            self._book.value(number, c) > 0 for c in self._columns.get(opening, ())
        )

    def release(self, opening: str, places: int = 1) -> None:
        """Take in that places are free again.

        Raises:
            UnknownName: there is no such opening.
        """
        self._book.left[self._column(opening)] += places

    def full(self, opening: str) -> None:
        """Take in that an opening has no free place any more; nothing where it is not known."""
        for column in self._columns.get(opening, ()):
            self._book.left[column] = 0

    def fill(self, opening: str) -> Offer | None:
        """Offer one free place of an opening to who is worth most there; None if nobody fits.

        Raises:
            UnknownName: there is no such opening.
        """
        self._column(opening)
        found = []
        for column in self._columns[opening]:
            if self._book.left[column]:
                found += [(value, number, column) for value, number in self._able(column)][:1]
        if not found:
            return None
        _, number, column = max(found)
        return self._add(number, column)

    def best(self, person: str) -> Offer | None:
        """Offer a person the free place in which they are worth most; None if none fits."""
        number = self._numbers.get(person)
        if number is None:
            return None
        left = np.array(self._book.left) > 0
        values = [
            (self._book.value(number, int(c)), int(c)) for c in np.flatnonzero(left)
            if number not in self._book.takers[int(c)]
        ]  # fmt: skip
        for value, column in sorted(values, reverse=True):
            if value <= 0:
                return None
            if self._book.fits(number, column):
                return self._add(number, column)
        return None

    def undo(self, offer: Offer) -> None:
        """Take an offer back that was not told; its place is free again."""
        number = self._numbers[offer.person]
        for column in self._columns[offer.opening]:
            if number in self._book.takers[column]:
                self._book.remove(number, column)
                return

    def _able(self, column: int) -> list[tuple[float, int]]:
        taken = self._book.takers[column]
        return [
            (value, number) for value, number in self._book.best(column, _SCAN)
            if number not in taken and self._book.fits(number, column)
        ]  # fmt: skip

    def _add(self, number: int, column: int) -> Offer:
        self._book.add(number, column)
        return offer(self._book, number, column)

    def _column(self, opening: str) -> int:
        columns = self._columns.get(opening)
        if not columns:
            raise UnknownName("opening", opening, list(self._columns)[:20])
        return columns[0]
