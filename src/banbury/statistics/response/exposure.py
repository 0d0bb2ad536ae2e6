"""How often an item may be seen, so that a bank does not leak.

Three ways. `quarters` is safe whoever is interviewed: each interview may use a quarter of the bank,
by lot. It wastes most of a large bank, since most items never come near a cap. `prices` wastes
little: each item has a price in units of information, found by simulation so that an item's
exposure stays below the cap, and the next item is the one whose information exceeds its price by
most, with some noise of each interview's own. These prices are the multipliers of the linear
program that gives out items under a cap on each (van der Linden 2005, "Linear Models for Optimal
Test Design", ch. 9), found by subgradient steps; the noise does what drawing among the best items
does (randomesque selection: Kingsbury & Zara 1989), and makes the exposure a smooth function of
the prices. But a simulation errs, and its error is largest just where it matters: of forty items at
the cap, some end above it. `Counted` lets no error through: it counts what was given, and closes an
item for as long as one interview more would bring it above the cap (the eligibility of items: van
der Linden & Veldkamp 2004, with counts in the place of chances). With prices that aim at the cap
itself it seldom has to close one, so both together cost less than prices that keep a distance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, IntArray, check_level
from banbury.statistics.response.choice import Balance, BoolArray
from banbury.statistics.response.items import Items
from banbury.statistics.response.simulation import Interviews, simulated
from banbury.statistics.response.stopping import Rule

CAP = 0.25
NOISE = 0.015
"""Scale of the noise, in units of information; a good item has about 1."""

_PEOPLE = 1500
_ROUNDS = 64
_MARGIN = 0.02
_STEP = 1.5


def quarters(kinds: ArrayLike, seed: int, parts: int = 4) -> BoolArray:
    """Return `parts` sets of items that share none, shape (parts, n): one for each try.

    Every item is in exactly one, with the same chance in each, and kinds are spread evenly. So a
    person never meets an item twice, and in any one try an item comes in 1 / parts of interviews
    at most.

    Args:
        kinds: of each item, shape (n,).
        seed: of the lots.
        parts: how many sets.

    Raises:
        InputError: there are fewer items than parts.
    """
    kind = np.asarray(kinds)
    if kind.ndim != 1 or not 1 <= parts <= kind.size:
        raise InputError(f"{kind.size} items in {parts} parts", where="quarters")
    rng = np.random.default_rng(seed)
    order = rng.permutation(kind.size)
    order = order[np.argsort(kind[order], kind="stable")]
    part = (np.arange(kind.size) + rng.integers(parts)) % parts
    chosen = np.zeros((parts, kind.size), dtype=bool)
    chosen[part, order] = True
    return chosen


def handicaps(price: ArrayLike, seed: int, people: int = 1) -> FloatArray:
    """Return what is taken from each item's information in each interview, (people, n).

    That is its price, less Gumbel noise of scale `NOISE`.
    """
    p = np.asarray(price, dtype=np.float64)
    noise = np.random.default_rng(seed).gumbel(size=(people, p.size))
    return np.asarray(p[None] - NOISE * noise)


def prices(
    items: Items,
    rule: Rule,
    *,
    cap: float = CAP,
    seed: int = 0,
    balance: Balance | None = None,
    people: int = _PEOPLE,
    rounds: int = _ROUNDS,
) -> FloatArray:
    """Return each item's price, shape (n,), under which no item is given too often.

    Simulated people (normal abilities) are interviewed again and again; an item that came in more
    than the cap's share of interviews gets dearer, one that came in less, cheaper. The prices of
    last quarter of the rounds are averaged. Prices alone let some items
    above the cap, since a simulation errs, and people do not answer quite as estimated parameters
    say: use them with `Counted`, and find them anew with every calibration.

    Args:
        items: of the bank.
        rule: when an interview stops.
        cap: the largest share of interviews in which an item may come.
        seed: of the simulation.
        balance: of kinds, as the interviews will have it.
        people: simulated in each round.
        rounds: of the iteration.

    Raises:
        InputError: the cap does not lie between 0 and 1, or the bank is too small for it.
    """
    check_level(cap, "prices", "cap")
    if items.size * cap < rule.least:
        raise InputError(
            f"{items.size} items cannot give {rule.least} an interview at a cap of {cap:g}",
            where="prices",
            do="write more items, or ask fewer",
        )
    aim = (1 - _MARGIN) * cap
    rng = np.random.default_rng(seed)
    price, kept, tail = np.zeros(items.size), np.zeros(items.size), max(1, rounds // 4)
    for turn in range(rounds):
        abilities, lots = rng.standard_normal(people), int(rng.integers(2**62))
        found = simulated(
            items, abilities, rule, lots,
            handicap=handicaps(price, lots + 1, people), balance=balance,
        )  # fmt: skip
        step = _STEP / (1 + turn / 4)
        price = np.maximum(0.0, price + step * (found.exposure - aim))
        if turn >= rounds - tail:
            kept += price / tail
    return kept


class Counted:
    """Counts in how many interviews each item was given, and closes it before the cap is passed.

    After `start` interviews no item was given in more than the cap's share of them, whoever was
    interviewed. Interviews that are under way at once see the same counts: with k of them an item
    may come k - 1 times more.

    Args:
        size: items of the bank.
        cap: the largest share of interviews in which an item may come.
        start: interviews from which on the share counts; before, an item may come as often as the
            cap allows in this many.

    Raises:
        InputError: the cap does not lie between 0 and 1, or within `start` no item may come.
    """

    def __init__(self, size: int, cap: float = CAP, start: int = 200) -> None:
        check_level(cap, "Counted", "cap")
        if start * cap < 1:
            raise InputError(f"a cap of {cap:g} over {start} interviews", where="Counted")
        self._cap, self._start = cap, start
        self.given: IntArray = np.zeros(size, dtype=np.int64)
        self.interviews = 0

    def open(self) -> BoolArray:
        """Return which items the next interview may be given, shape (n,)."""
        over = self._cap * max(self.interviews + 1, self._start)
        return np.asarray(self.given + 1 <= over)

    def add(self, given: BoolArray) -> None:
        """Count interviews; `given` says which items came in each, shape (n,) or (k, n)."""
        rows = np.atleast_2d(given)
        self.given += rows.sum(axis=0)
        self.interviews += len(rows)

    @property
    def exposure(self) -> FloatArray:
        """Return the share of interviews in which each item was given, shape (n,)."""
        return np.asarray(self.given / max(1, self.interviews))


def guarded(
    items: Items,
    abilities: FloatArray,
    rule: Rule,
    price: FloatArray,
    seed: int,
    *,
    cap: float = CAP,
    at_once: int = 8,
    balance: Balance | None = None,
    truth: Items | None = None,
) -> Interviews:
    """Return what interviews bring one after another under prices and counts.

    Args:
        items: parameters by which items are chosen and answers weighed.
        abilities: true ones, shape (k,).
        rule: when to stop.
        price: of each item, see `prices`.
        seed: of the answers and of the noise.
        cap: the largest share of interviews in which an item may come.
        at_once: interviews that are under way together, and do not see one another's counts.
        balance: of kinds.
        truth: parameters by which people answer, if they are not the same.

    Raises:
        InputError: shapes or the cap do not fit.
    """
    counted, parts = Counted(items.size, cap), []
    lots = np.random.default_rng(seed)
    for first in range(0, abilities.size, at_once):
        some = abilities[first : first + at_once]
        answers, noise = (int(lots.integers(2**62)) for _ in range(2))
        found = simulated(
            items, some, rule, answers, eligible=np.tile(counted.open(), (some.size, 1)),
            handicap=handicaps(price, noise, some.size), balance=balance, truth=truth,
        )  # fmt: skip
        counted.add(found.given)
        parts.append(found)
    return Interviews(*(np.concatenate([getattr(p, name) for p in parts])
                        for name in ("given", "right", "count", "mean", "error")))  # fmt: skip
