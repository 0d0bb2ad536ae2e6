"""The plan for everybody at once, with a proof of how good it is.

A linear program over the pairs that may matter gives prices; prices say which other pairs could
gain, and these are added until none could gain much (column generation). Prices also bound every
plan from above. The shares of the program are then made whole, and free places filled.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from banbury.people.matching.book import Book
from banbury.people.matching.filling import fill_all, seat_newcomers
from banbury.people.matching.market import Block, Market, quality
from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Person
from banbury.people.matching.plan import Offer, Plan
from banbury.people.matching.pricing import Bound, bound, joined
from banbury.people.matching.program import Pairs, Prices, Program
from banbury.people.matching.rules import Rules

SMALL = 3_000
"""Up to so many allowed pairs the optimum itself is asked for."""
_OWN, _WIDE = 4, 6
"""Pairs of a column to begin with, beside two and three for each of its places: its best ones, and
a sample of those that come next."""
_ROUNDS = 4
"""Most times that pairs are added to a program."""
_ENOUGH = 0.002
"""Of the program's value: so near to the bound no more pairs are added."""


@dataclass(frozen=True)
class Solution:
    """A plan with what is needed to change it later.

    Attributes:
        book: who holds what.
        prices: of the linear program; None where there was nothing to solve.
        bound: what the prices prove.
        begun: reading of the clock when it was asked for, in seconds.
    """

    book: Book
    prices: Prices | None
    bound: Bound
    begun: float


def match(
    people: Sequence[Person],
    openings: Sequence[Opening],
    rules: Rules | None = None,
    *,
    seconds: float = 10.0,
) -> Plan:
    """Return who is offered what; the same arguments always give the same plan.

    Args:
        people: whoever may work now.
        openings: places that are open.
        rules: the house's; None for the usual ones.
        seconds: for small problems: how long the exact optimum is looked for.

    Raises:
        InputError: a number cannot be used.
    """
    return plan_of(solve(people, openings, rules or Rules(), seconds))


def solve(
    people: Sequence[Person],
    openings: Sequence[Opening],
    rules: Rules,
    seconds: float = 10.0,
    small: int = SMALL,
) -> Solution:
    """Solve for everybody; see `match`. Up to `small` allowed pairs the optimum is asked for."""
    begun = time.perf_counter()
    market = Market(people, openings, rules)
    book = Book(market)
    count = sum(int((b.values > 0).sum()) for b in market.blocks)
    if count == 0:
        nothing = Bound(-market.penalty * market.board.wanted, np.zeros(len(people)))
        return Solution(book, None, nothing, begun)
    pairs = joined([_chosen(market, b, all=count <= small) for b in market.blocks])
    shares, prices, proven, pairs = _priced(market, pairs)
    chosen = Program(market, pairs, exact=True).whole(seconds) if count <= small else None
    if chosen is not None:
        for n in np.flatnonzero(chosen):
            book.add(int(pairs.person[n]), int(pairs.column[n]))
    else:
        _round(book, pairs, shares, prices)
        fill_all(book)
        seat_newcomers(book)
    return Solution(book, prices, proven, begun)


def plan_of(solution: Solution) -> Plan:
    """Return a solution as a plan."""
    book, board = solution.book, solution.book.market.board
    offers = [offer(book, p, c) for p, mine in book.held.items() for c in mine]
    value = sum(o.value for o in offers)
    loss = max(0.0, solution.bound.total - (value - book.market.penalty * book.missing))
    return Plan(
        tuple(sorted(offers, key=lambda o: (o.opening, o.person))),
        value,
        value + loss,
        board.total,
        book.newcomers,
        board.wanted,
        time.perf_counter() - solution.begun,
    )


def offer(book: Book, number: int, column: int) -> Offer:
    """Return the offer of a column's place to a person of a book."""
    board, person = book.market.board, book.people[number]
    opening = board.openings[board.opening[column]]
    whole = sum(opening.skills.values())
    share = {skill: weight / whole for skill, weight in opening.skills.items()}
    mean = sum(w * person.beliefs[s].mean for s, w in share.items()) - opening.difficulty
    variance = sum(w * w * person.beliefs[s].variance for s, w in share.items())
    no, one = np.zeros(1, np.bool_), np.zeros(1, np.float32)
    good = quality(np.array([[mean]]), np.array([[variance]]), one, no)[0, 0]
    explored = bool(board.explored[column])
    return Offer(person.id, opening.id, explored, float(good), book.value(number, column))


def _priced(market: Market, pairs: Pairs) -> tuple[np.ndarray, Prices, Bound, Pairs]:
    """Solve the linear program, adding pairs; return shares, prices, bound, pairs."""
    for turn in range(_ROUNDS):
        shares, prices, reached = Program(market, pairs, exact=False).relaxed()
        proven, more = bound(market, pairs, prices)
        near = proven.total - reached <= _ENOUGH * max(abs(reached), 1e-9)
        if near or not len(more) or turn == _ROUNDS - 1:
            break
        pairs = joined([pairs, more])
    return shares, prices, proven, pairs


def _round(book: Book, pairs: Pairs, shares: np.ndarray, prices: Prices) -> None:
    """Give places by the program's shares, greatest first, as far as all rules are kept."""
    reduced = pairs.value - prices.place[pairs.column]
    for n in np.lexsort((-reduced, -np.round(shares, 6))):
        if shares[n] < 0.01:
            break
        person, column = int(pairs.person[n]), int(pairs.column[n])
        if book.left[column] and book.fits(person, column):
            book.add(person, column)


def _chosen(market: Market, block: Block, *, all: bool) -> Pairs:
    """The pairs of a block to begin with: each column's best, and a sample of the next best.

    The best people of all columns alone would be the same few; the sample reaches as deep as all
    the block's places together.
    """
    values, high = block.values, len(block.rows)
    places = market.board.places[block.columns]
    own, wide = _OWN + 2 * int(places.max()), _WIDE + 3 * int(places.max())
    deep = min(high, max(own, int(1.5 * places.sum()) + wide))
    if all or deep <= own + wide:
        order = np.argpartition(-values, deep - 1, axis=0)[:deep] if deep < high else None
        keep = _full(values.shape, order)
    else:
        order = np.argpartition(-values, (own, deep - 1), axis=0)[:deep]
        draw = np.random.default_rng(market.rules.seed)
        sample = draw.integers(own, deep, (wide, len(places)))
        picked = np.take_along_axis(order, sample, axis=0)
        keep = _full(values.shape, np.concatenate([order[:own], picked]))
    if all:
        keep[:] = True
    new = np.flatnonzero(market.crowd.newcomer[block.rows])
    some = 2 + int(2 * market.rules.newcomers * places.max())
    if market.board.wanted and len(new) > some:
        keep[new[np.argpartition(-values[new], some, axis=0)[:some]], np.arange(len(places))] = True
    elif market.board.wanted:
        keep[new] = True
    rows, columns = np.nonzero(keep & (values > 0))
    return Pairs(block.rows[rows], block.columns[columns], values[rows, columns])


def _full(shape: tuple[int, ...], order: np.ndarray | None) -> np.ndarray:
    keep = np.full(shape, order is None)
    if order is not None:
        keep[order, np.arange(shape[1])] = True
    return keep
