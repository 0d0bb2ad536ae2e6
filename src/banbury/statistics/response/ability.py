"""Ability as a distribution: expected a posteriori, with its standard error."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_level
from banbury.statistics.response.items import GRID, Items


class Estimate(msgspec.Struct, frozen=True):
    """What is believed of an ability.

    Attributes:
        mean: expected a posteriori (Bock & Mislevy 1982), people having mean 0 and deviation 1.
        error: standard error, the posterior's deviation.
        answers: how many answers it rests on.
    """

    mean: float
    error: float
    answers: int = 0


def prior(mean: float = 0.0, deviation: float = 1.0) -> FloatArray:
    """Return the normal weights on `GRID`, shape (101,), that sum to 1.

    Raises:
        InputError: the deviation is not above 0, or a number is not finite.
    """
    if not (np.isfinite(mean) and np.isfinite(deviation) and deviation > 0):
        raise InputError(f"a prior of mean {mean!r}, deviation {deviation!r}", where="prior")
    return normalised(-0.5 * ((GRID - mean) / deviation) ** 2)


def normalised(log_weights: FloatArray) -> FloatArray:
    """Return weights that sum to 1 along the last axis, from their logarithms."""
    w = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(w / w.sum(axis=-1, keepdims=True))


def moments(weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and deviation of weights on `GRID`, shapes (...,) for (..., 101)."""
    mean = weights @ GRID
    return mean, np.sqrt(np.maximum(weights @ GRID**2 - mean**2, 0.0))


def posterior(
    items: Items,
    asked: Sequence[int],
    right: ArrayLike,
    before: FloatArray | None = None,
) -> FloatArray:
    """Return the weights on `GRID` after answers, shape (101,).

    Args:
        items: of the bank.
        asked: places of the items that were answered.
        right: for each, whether it was right, as 0 and 1.
        before: weights before the answers, `prior()` if None.

    Raises:
        InputError: there is no such item, an answer is neither right nor wrong, or counts differ.
    """
    start = prior() if before is None else before
    x = np.asarray(right, dtype=np.float64)
    index = np.asarray(asked, dtype=np.int64)
    if x.shape != index.shape or index.ndim != 1:
        raise InputError(f"{index.size} items and {x.size} answers", where="posterior")
    if index.size == 0:
        return start
    if index.min() < 0 or index.max() >= items.size:
        raise InputError(f"there are items 0 to {items.size - 1} only", where="posterior")
    if not np.isin(x, (0.0, 1.0)).all():
        raise InputError("an answer is right (1) or wrong (0)", where="posterior")
    p = items.take(index).chance()
    fits = np.where(x[:, None] == 1.0, np.log(p), np.log1p(-p)).sum(axis=0)
    with np.errstate(divide="ignore"):
        return normalised(np.log(start) + fits)


def estimate(weights: FloatArray, answers: int = 0) -> Estimate:
    """Return mean and standard error of weights on `GRID`."""
    mean, error = moments(weights)
    return Estimate(float(mean), float(error), answers)


def bounds(weights: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Return the ends of the equal-tailed credible interval of weights on `GRID`."""
    check_level(level, "bounds")
    total = np.concatenate([[0.0], np.cumsum(weights)])
    step = GRID[1] - GRID[0]
    edges = np.concatenate([GRID - step / 2, [GRID[-1] + step / 2]])
    low, high = np.interp([(1 - level) / 2, (1 + level) / 2], total, edges)
    return float(low), float(high)


def share_above(weights: FloatArray, line: float) -> float:
    """Return the probability that the ability lies above `line`."""
    step = GRID[1] - GRID[0]
    covered = np.clip((GRID + step / 2 - line) / step, 0.0, 1.0)
    return float(min(1.0, weights @ covered))
