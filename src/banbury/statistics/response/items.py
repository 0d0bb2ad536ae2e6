"""Items of a bank by the two-parameter logistic model, with a known share of lucky guesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, IntArray

GRID: FloatArray = np.linspace(-5.0, 5.0, 101)
"""Abilities at which everything is summed, shape (101,): people have mean 0 and deviation 1."""


@dataclass(frozen=True)
class Items:
    """The parameters of n items (Birnbaum 1968).

    The chance that ability t answers rightly is g + (1 - g) / (1 + exp(-a (t - b))).

    Attributes:
        discrimination: a > 0, how steeply the chance rises, shape (n,).
        difficulty: b, the ability at which it is halfway from g to 1, shape (n,).
        guess: g in [0, 1), what a guess in the right form brings, such as 1/4 for four options;
            it is known from the item's form and never estimated. Shape (n,).
    """

    discrimination: FloatArray
    difficulty: FloatArray
    guess: FloatArray

    @property
    def size(self) -> int:
        """Return the number of items."""
        return int(self.discrimination.size)

    def chance(self, ability: ArrayLike = GRID) -> FloatArray:
        """Return the chance of a right answer, shape (n, abilities)."""
        t = np.atleast_1d(np.asarray(ability, dtype=np.float64))
        bare = special.expit(self.discrimination[:, None] * (t[None] - self.difficulty[:, None]))
        guess = self.guess[:, None]
        return np.asarray(guess + (1 - guess) * bare)

    def information(self, ability: ArrayLike = GRID) -> FloatArray:
        """Return the Fisher information on ability, shape (n, abilities) (Birnbaum 1968)."""
        p = self.chance(ability)
        guess = self.guess[:, None]
        bare = (p - guess) / (1 - guess)
        return np.asarray(self.discrimination[:, None] ** 2 * bare**2 * (1 - p) / p)

    def take(self, index: Sequence[int] | IntArray) -> Items:
        """Return some of the items, in the order of `index`."""
        i = np.asarray(index, dtype=np.int64)
        return Items(self.discrimination[i], self.difficulty[i], self.guess[i])


def items(discrimination: ArrayLike, difficulty: ArrayLike, guess: ArrayLike = 0.0) -> Items:
    """Return checked items; one `guess` may stand for all.

    Raises:
        InputError: shapes differ, a number is not finite or out of its range, or there is none.
    """
    try:
        a, b, g = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, float)) for x in (discrimination, difficulty, guess))
        )
    except ValueError as error:
        raise InputError(f"parameters of items do not fit: {error}", where="items") from error
    if a.ndim != 1 or a.size == 0:
        raise InputError(f"parameters of shape {a.shape}", where="items", do="give shape (n,)")
    if not (np.isfinite(a).all() and np.isfinite(b).all() and np.isfinite(g).all()):
        raise InputError("a parameter of an item is not finite", where="items")
    if a.min() <= 0 or g.min() < 0 or g.max() >= 1:
        raise InputError(
            "an item discriminates by a number above 0, and a guess lies in [0, 1)", where="items"
        )
    return Items(a.copy(), b.copy(), g.copy())
