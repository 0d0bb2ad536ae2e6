"""What prices say of all pairs: which are missing from a program, and how good any plan can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from banbury.people.matching.board import Board
from banbury.people.matching.market import Block, Market
from banbury.people.matching.program import Pairs, Prices


@dataclass(frozen=True)
class Bound:
    """An upper bound of value - penalty * missing newcomers, and how it comes about.

    Attributes:
        shared: what places cost together, less what is paid for the newcomers that are wanted.
        person: what each person could gain at these prices at most, shape (P,).
    """

    shared: float
    person: np.ndarray

    @property
    def total(self) -> float:
        """Return the bound."""
        return self.shared + float(self.person.sum())


def bound(market: Market, pairs: Pairs, prices: Prices) -> tuple[Bound, Pairs]:
    """The bound that prices prove, and the pairs that would gain and are not in the program.

    By weak duality no plan is above `limits @ prices + sum of positive reduced values`, whatever
    the prices: so it holds for all pairs though the program knew only some, and to the last digit
    of the solver's tolerance.
    """
    board, crowd = market.board, market.crowd
    extra = prices.newcomer * crowd.newcomer - prices.offer
    owed = np.cumsum(prices.hour[:, ::-1], axis=1)[:, ::-1]
    busy = np.asarray(np.any(owed, axis=1))
    gains = np.zeros(len(crowd.people))
    missing: list[Pairs] = []
    for block in market.blocks:
        reduced = block.values - prices.place[block.columns] + extra[block.rows][:, None]
        held = np.flatnonzero(busy[block.rows])
        hours = (
            board.hours[block.columns] * owed[block.rows[held]][:, board.deadline[block.columns]]
        )
        reduced[held] -= hours
        reduced[block.values <= 0] = 0
        np.maximum(reduced, 0, out=reduced)
        np.add.at(gains, block.rows, reduced.sum(axis=1))
        missing.append(_missing(market, block, reduced))
    rough = _reduced(market, pairs, extra, owed, prices)
    exact = np.maximum(rough - prices.rest, 0) - np.maximum(rough, 0)
    np.add.at(gains, pairs.person, exact)
    shared = prices.place @ board.places - prices.newcomer * board.wanted
    return Bound(float(shared), prices.owed + np.maximum(gains, 0)), _without(
        board, joined(missing), pairs
    )


def _reduced(
    market: Market, pairs: Pairs, extra: np.ndarray, owed: np.ndarray, prices: Prices
) -> np.ndarray:
    """The pairs' values less the prices that are known for every pair, shape (k,)."""
    board = market.board
    hours = board.hours[pairs.column] * owed[pairs.person, board.deadline[pairs.column]]
    return np.asarray(pairs.value - prices.place[pairs.column] + extra[pairs.person] - hours)


def _missing(market: Market, block: Block, reduced: np.ndarray) -> Pairs:
    """The pairs of a block that gain most, some for each column."""
    high = len(block.rows)
    most = 12 + 2 * int(market.board.places[block.columns].max(initial=0))
    if high > most:
        floor = np.partition(reduced, high - most, axis=0)[high - most]
        rows, columns = np.nonzero(reduced > np.maximum(floor, 1e-6))
    else:
        rows, columns = np.nonzero(reduced > 1e-6)
    person, column = block.rows[rows], block.columns[columns]
    return Pairs(person, column, block.values[rows, columns])


def _without(board: Board, pairs: Pairs, inside: Pairs) -> Pairs:
    """The pairs that are not in a program already."""
    wide = len(board)
    new = ~np.isin(pairs.person * wide + pairs.column, inside.person * wide + inside.column)
    return Pairs(pairs.person[new], pairs.column[new], pairs.value[new])


def joined(parts: list[Pairs]) -> Pairs:
    """All pairs of some lists, each once, sorted by person, then column."""
    person = np.concatenate([p.person for p in parts] + [np.zeros(0, np.int64)])
    column = np.concatenate([p.column for p in parts] + [np.zeros(0, np.int64)])
    value = np.concatenate([p.value for p in parts] + [np.zeros(0, np.float32)])
    wide = int(column.max(initial=0)) + 1
    _, first = np.unique(person * wide + column, return_index=True)
    return Pairs(person[first], column[first], value[first])
