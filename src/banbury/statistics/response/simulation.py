"""Simulated interviews, many at once: what a bank, a rule and an exposure plan bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, IntArray
from banbury.statistics.response.ability import moments, prior
from banbury.statistics.response.choice import Balance, BoolArray
from banbury.statistics.response.items import Items
from banbury.statistics.response.stopping import Rule


@dataclass(frozen=True)
class Interviews:
    """What k simulated interviews over n items brought.

    Attributes:
        given: which items were given, shape (k, n).
        right: which of them were answered rightly, shape (k, n).
        count: items given, shape (k,).
        mean: estimated abilities, shape (k,).
        error: their standard errors, shape (k,).
    """

    given: BoolArray
    right: BoolArray
    count: IntArray
    mean: FloatArray
    error: FloatArray

    @property
    def exposure(self) -> FloatArray:
        """Return the share of interviews in which each item was given, shape (n,)."""
        return np.asarray(self.given.mean(axis=0))


def simulated(
    items: Items,
    abilities: FloatArray,
    rule: Rule,
    seed: int,
    *,
    eligible: BoolArray | None = None,
    handicap: FloatArray | None = None,
    balance: Balance | None = None,
    truth: Items | None = None,
    adaptive: bool = True,
    said: BoolArray | None = None,
) -> Interviews:
    """Return what interviews of people of known abilities bring.

    Args:
        items: parameters by which items are chosen and answers weighed.
        abilities: true ones, shape (k,).
        rule: when to stop; nobody needs time here.
        seed: of the answers.
        eligible: items that each may be given, shape (k, n); all if None.
        handicap: taken from each item's information, shape (k, n); see `exposure`.
        balance: of kinds.
        truth: parameters by which people answer, if they are not the same.
        adaptive: False gives items at random instead.
        said: what each person would answer to each item, shape (k, n), where the model of `truth`
            does not hold.

    Raises:
        InputError: shapes do not fit.
    """
    k, n = abilities.size, items.size
    free = np.ones((k, n), dtype=bool) if eligible is None else eligible.copy()
    if free.shape != (k, n) or (truth is not None and truth.size != n):
        raise InputError(f"eligibility of shape {free.shape} for {k} people", where="simulated")
    rng = np.random.default_rng(seed)
    if said is not None and said.shape != (k, n):
        raise InputError(f"answers of shape {said.shape} for {k} people", where="simulated")
    right = rng.random((k, n)) < (truth or items).chance(abilities).T if said is None else said
    chance, information = items.chance(), items.information()
    weights = np.tile(prior(), (k, 1))
    given = np.zeros((k, n), dtype=bool)
    mean, error = moments(weights)
    while True:
        count = given.sum(axis=1)
        going = (count < rule.most) & ((count < rule.least) | (error > rule.error))
        going = np.flatnonzero(going & free.any(axis=1))
        if going.size == 0:
            return Interviews(given, right & given, count, mean, error)
        allowed = free[going]
        if balance is not None:
            held = given[going].astype(np.float64) @ balance.member.T
            allowed = balance.owed(held, allowed)
        told = weights[going] @ information.T if adaptive else rng.random((going.size, n))
        told = told if handicap is None else told - handicap[going]
        item = np.where(allowed, told, -np.inf).argmax(axis=1)
        given[going, item] = True
        free[going, item] = False
        fits = np.where(right[going, item][:, None], chance[item], 1 - chance[item])
        w = weights[going] * fits
        weights[going] = w / w.sum(axis=1, keepdims=True)
        mean, error = moments(weights)


def answers(items: Items, abilities: FloatArray, seed: int) -> FloatArray:
    """Return answers of people to all items, 0 and 1, shape (people, items)."""
    rng = np.random.default_rng(seed)
    chance = items.chance(abilities).T
    return (rng.random(chance.shape) < chance).astype(np.float64)


def bank(
    size: int, seed: int, *, log_mean: float = 0.2, log_deviation: float = 0.4, spread: float = 1.0
) -> Items:
    """Return a made-up bank: a lognormal, b normal(0, `spread`), no guessing."""
    rng = np.random.default_rng(seed)
    a = np.exp(rng.normal(log_mean, log_deviation, size))
    return Items(a, special.ndtri(rng.random(size)) * spread, np.zeros(size))
