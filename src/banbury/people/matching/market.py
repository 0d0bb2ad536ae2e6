"""What each person is worth in each column, where they may be offered it at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from banbury.errors import InputError
from banbury.people.matching.board import Board
from banbury.people.matching.crowd import Bools, Crowd, Floats, Ints
from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Person
from banbury.people.matching.rules import Rules, check_rules


@dataclass(frozen=True)
class Block:
    """The people who can do the work of some columns.

    Attributes:
        rows: of the crowd, sorted, shape (n,).
        columns: of the board, shape (c,).
        values: shape (n, c), 0 where the person may not be offered the place.
    """

    rows: Ints
    columns: Ints
    values: Floats


class Market:
    """A crowd, a board, and the value of every pair that is allowed.

    Raises:
        InputError: an id is given twice, or a number cannot be used.
    """

    def __init__(self, people: Sequence[Person], openings: Sequence[Opening], rules: Rules) -> None:
        self.rules = check_rules(rules)
        _once("person", [p.id for p in people])
        _once("opening", [o.id for o in openings])
        self.board = Board(openings, rules)
        self.crowd = self.crowd_of(people)
        self.penalty = rules.thrift * max((o.weight for o in openings), default=0.0)
        """What one newcomer too few costs: as much as any offer can be worth."""
        self._number = {o.id: n for n, o in enumerate(openings)}
        self.blocks = [self._block(rows, columns) for rows, columns in self._classes()]

    def crowd_of(self, people: Sequence[Person]) -> Crowd:
        """Return people as arrays over this board's skills, languages and labs."""
        board = self.board
        return Crowd(people, board.skills, board.languages, board.labs, board.weeks, self.rules)

    def line(self, person: Person) -> Floats:
        """Return one person's value in every column, shape (C,)."""
        crowd, board = self.crowd_of([person]), self.board
        values: Floats = worth(crowd, board, np.arange(1), np.arange(len(board)), self.rules)[0]
        gone = [n for n in map(self._number.get, person.away) if n is not None]
        values[np.isin(board.opening, gone)] = 0
        return values

    def _classes(self) -> list[tuple[Ints, Ints]]:
        """Columns that need the same skills and languages, with the people who have these."""
        board, crowd = self.board, self.crowd
        grouped: dict[bytes, list[int]] = {}
        marks = np.concatenate([board.needs, board.tongues]).astype(np.bool_)
        for c in range(len(board)):
            grouped.setdefault(marks[:, c].tobytes(), []).append(c)
        has, speaks = crowd.has.astype(np.bool_), crowd.speaks.astype(np.bool_)
        found = []
        for columns in grouped.values():
            needs, tongues = board.needs[:, columns[0]] > 0, board.tongues[:, columns[0]] > 0
            able = has[:, needs].all(axis=1) & speaks[:, tongues].all(axis=1)
            found.append((np.flatnonzero(able), np.array(columns, np.int64)))
        return found

    def _block(self, rows: Ints, columns: Ints) -> Block:
        values = worth(self.crowd, self.board, rows, columns, self.rules)
        for n in self.crowd.away.keys() & set(rows.tolist()):
            gone = [self._number[id] for id in self.crowd.away[n] if id in self._number]
            values[np.searchsorted(rows, n), np.isin(self.board.opening[columns], gone)] = 0
        return Block(rows, columns, values)


def _once(what: str, ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        raise InputError(f"a {what} is given twice", do="give each id once")


def quality(mean: Floats, variance: Floats, draw: Floats, explored: Bools) -> Floats:
    """The quality of work, shape (n, c), from the logits of people less those of the work.

    Known columns take the expectation over the belief, by MacKay's approximation of the logistic
    of a normal (MacKay 1992, Neural Computation 4(5)); explored ones take the person's draw.
    """
    logits = np.where(
        explored,
        mean + draw[:, None] * np.sqrt(variance),
        mean / np.sqrt(1 + np.float32(np.pi / 8) * variance),
    )
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def worth(crowd: Crowd, board: Board, rows: Ints, columns: Ints, rules: Rules) -> Floats:
    """The value of each pair, shape (n, c); 0 where the person may not be offered the place."""
    weights, needs = board.weights[:, columns], board.needs[:, columns]
    mean = crowd.mean[rows] @ weights - board.difficulty[columns]
    variance = crowd.variance[rows] @ (weights * weights)
    good = quality(mean, variance, crowd.draw[rows], board.explored[columns])
    asked, paid = crowd.rate[rows][:, None], board.rate[columns]
    with np.errstate(divide="ignore", invalid="ignore"):
        cheap = np.where(asked > 0, np.minimum(paid / asked, rules.thrift), rules.thrift)
    left = crowd.free[rows][:, board.deadline[columns]]
    allowed = (
        (crowd.has[rows] @ needs >= needs.sum(axis=0) - 0.5)
        & (crowd.speaks[rows] @ board.tongues[:, columns] >= board.tongues[:, columns].sum(0) - 0.5)
        & (asked <= paid)
        & (good >= board.least[columns])
        & (left >= board.hours[columns] - 1e-9)
        & ~crowd.blocked[rows][:, board.lab[columns]]
        & (crowd.most[rows][:, None] > 0)
    )
    return np.asarray(np.where(allowed, board.weight[columns] * good * cheap, 0), np.float32)
