"""Filling free places well: the best person at once, or along a chain of people who move up."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from banbury.people.matching.book import Book

_SCAN = 48
"""People looked at for one place."""
_BEAM = 4
"""People with another place who are asked to move, for each place of a chain."""
_DEPTH = 3
"""Longest chain of moves."""


@dataclass(frozen=True)
class Chain:
    """Changes that fill one place.

    Attributes:
        gain: in value, newcomers that were missing included.
        moves: person, column to take, column to leave or -1; the last one leaves nothing.
    """

    gain: float
    moves: tuple[tuple[int, int, int], ...]


def fill(book: Book, column: int) -> bool:
    """Fill one free place of a column as well as a short search can; False where nobody can."""
    chain = _chain(book, column, _DEPTH, frozenset())
    if chain is None or chain.gain <= 0:
        return False
    for person, _, leaves in chain.moves:
        if leaves >= 0:
            book.remove(person, leaves)
    for person, takes, _ in chain.moves:
        book.add(person, takes)
    return True


def fill_all(book: Book) -> None:
    """Fill what can be filled of all free places, those worth most first."""
    tops = [(-book.best(c, 1)[0][0], c) for c, left in enumerate(book.left)
            if left and book.best(c, 1)]  # fmt: skip
    for _, column in sorted(tops):
        while book.left[column] and fill(book, column):
            pass


def seat_newcomers(book: Book) -> None:
    """Give missing newcomers places of others, where that costs least."""
    heap = [one for c in range(len(book.left)) if book.missing for one in _swap(book, c)]
    heapq.heapify(heap)
    while book.missing and heap:
        loss, column, new, old = heapq.heappop(heap)
        fresh = _swap(book, column)
        if fresh and fresh[0] == (loss, column, new, old):
            book.remove(old, column)
            book.add(new, column)
            fresh = _swap(book, column)
        for one in fresh:
            heapq.heappush(heap, one)


def _swap(book: Book, column: int) -> list[tuple[float, int, int, int]]:
    """The cheapest newcomer for one who is none in a column: loss, column, new, old; or []."""
    olds = [(book.value(p, column), p) for p in book.takers[column] if not book.newcomer[p]]
    if not olds:
        return []
    worst, old = min(olds)
    for value, new in book.best(column, _SCAN, newcomers=True):
        if new not in book.takers[column] and book.fits(new, column):
            return (
                [(worst - value, column, new, old)] if worst - value < book.market.penalty else []
            )
    return []


def _chain(book: Book, column: int, depth: int, used: frozenset[int]) -> Chain | None:
    """The best chain found that fills a place of a column by people not `used`."""
    best = _direct(book, column, used)
    if depth <= 1:
        return best
    asked = 0
    for value, person in book.best(column, _SCAN):
        if asked == _BEAM or (best is not None and value <= best.gain):
            break
        if person in used or person in book.takers[column]:
            continue
        for leaves in tuple(book.held.get(person, ())):
            if not book.fits(person, column, without=leaves):
                continue
            asked += 1
            gain = value - book.value(person, leaves)
            rest = _chain(book, leaves, depth - 1, used | {person})
            whole = gain + (rest.gain if rest else 0)
            if whole > (best.gain if best else 0):
                moves = ((person, column, leaves), *(rest.moves if rest else ()))
                best = Chain(whole, moves)
    return best


def _direct(book: Book, column: int, used: frozenset[int]) -> Chain | None:
    """The best person who can take a place as it is."""
    found: list[tuple[float, int]] = []
    for newcomers in (False, True) if book.missing else (False,):
        for value, person in book.best(column, _SCAN, newcomers):
            if (
                person not in used
                and person not in book.takers[column]
                and book.fits(person, column)
            ):
                bonus = book.market.penalty if book.missing and book.newcomer[person] else 0
                found.append((value + bonus, person))
                break
    if not found:
        return None
    gain, person = max(found)
    return Chain(gain, ((person, column, -1),))
