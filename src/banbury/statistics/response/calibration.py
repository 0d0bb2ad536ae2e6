"""Item parameters from answers: marginal maximum likelihood by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray
from banbury.statistics.response.ability import normalised
from banbury.statistics.response.items import Items

_NODES = np.linspace(-4.5, 4.5, 41)
_MOST = 200
_STEPS = 4
_CLOSE = 5e-4


@dataclass(frozen=True)
class Calibrated:
    """Items as the answers show them.

    Attributes:
        items: their parameters.
        discrimination_error: standard errors of a, shape (n,).
        difficulty_error: standard errors of b, shape (n,).
        answers: how many answers each rests on, shape (n,).
        likelihood: the marginal log-likelihood, with the priors where there are some.
        rounds: of EM.
        converged: whether the parameters had stopped moving.
    """

    items: Items
    discrimination_error: FloatArray
    difficulty_error: FloatArray
    answers: FloatArray
    likelihood: float
    rounds: int
    converged: bool


def calibrated(
    answered: ArrayLike,
    *,
    guess: ArrayLike = 0.0,
    first: Items | None = None,
    slope_spread: float = 0.5,
    most: int = _MOST,
) -> Calibrated:
    """Return the parameters under which the answers are likeliest, abilities being normal(0, 1).

    EM over fixed quadrature (Bock & Aitkin 1981), with normal priors on log a and b (Mislevy 1986)
    around the first estimates, which keep an item that few people answered, or all alike, from
    running away. Adaptive interviews leave most answers out; what is missing because of answers
    that are there does no harm (Mislevy & Wu 1996), so hand over all answers of each person.

    Args:
        answered: 1 right, 0 wrong, nan where not asked, shape (people, items).
        guess: known share of lucky guesses, of one or of each item.
        first: estimates to begin with, such as the authors'; a = 1.2, b = 0 if None.
        slope_spread: deviation of the prior on log a; the one on b is 2.
        most: rounds of EM.

    Raises:
        InputError: the table has another shape or other values, or no answers at all.
    """
    x, there = _checked(answered)
    n = x.shape[1]
    start = first or Items(np.full(n, 1.2), np.zeros(n), np.zeros(n))
    if start.size != n:
        raise InputError(f"{start.size} first estimates for {n} items", where="calibrated")
    g = np.broadcast_to(np.asarray(guess, dtype=np.float64), (n,)).astype(np.float64)
    if not ((g >= 0) & (g < 1)).all():
        raise InputError("a guess does not lie in [0, 1)", where="calibrated")
    log_a, b = np.log(start.discrimination), start.difficulty.copy()
    centre = log_a.copy(), b.copy()
    yes, no = x * there, (1 - x) * there
    weights = normalised(-0.5 * _NODES**2)
    likelihood, moved, done = -np.inf, np.inf, 0
    hessian = np.zeros((n, 2, 2))
    while moved >= _CLOSE and done < most:
        done += 1
        right, wrong, likelihood = _expected(yes, no, log_a, b, g, weights)
        before = log_a.copy(), b.copy()
        for _ in range(_STEPS):
            hessian = _climb(right, wrong, log_a, b, g, centre, slope_spread)
        moved = max(float(np.abs(log_a - before[0]).max()), float(np.abs(b - before[1]).max()))
    likelihood -= float(
        ((log_a - centre[0]) ** 2).sum() / slope_spread**2 / 2 + ((b - centre[1]) ** 2).sum() / 8
    )
    errors = np.sqrt(np.maximum(np.diagonal(np.linalg.inv(hessian), axis1=1, axis2=2), 0.0))
    a = np.exp(log_a)
    made = Items(a, b, g)
    close = moved < _CLOSE
    counts = there.sum(axis=0)
    return Calibrated(made, errors[:, 0] * a, errors[:, 1], counts, likelihood, done, close)


def _checked(answered: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return answers with 0 where missing, and a table that says which are there."""
    x = np.asarray(answered, dtype=np.float64)
    if x.ndim != 2 or 0 in x.shape:
        raise InputError(
            f"answers of shape {x.shape}", where="calibrated", do="give (people, items)"
        )
    there = ~np.isnan(x)
    if not there.any() or not np.isin(x[there], (0.0, 1.0)).all():
        raise InputError("an answer is 1, 0, or nan where nobody asked", where="calibrated")
    return np.where(there, x, 0.0), there.astype(np.float64)


def _expected(
    yes: FloatArray,
    no: FloatArray,
    log_a: FloatArray,
    b: FloatArray,
    g: FloatArray,
    weights: FloatArray,
) -> tuple[FloatArray, FloatArray, float]:
    """Return expected right and wrong answers at each node, (n, nodes), and the log-likelihood."""
    p = Items(np.exp(log_a), b, g).chance(_NODES)
    fits = yes @ np.log(p) + no @ np.log1p(-p) + np.log(weights)
    top = fits.max(axis=1, keepdims=True)
    at = np.exp(fits - top)
    total = at.sum(axis=1, keepdims=True)
    at /= total
    likelihood = float((np.log(total) + top).sum())
    return yes.T @ at, no.T @ at, likelihood


def _climb(
    right: FloatArray,
    wrong: FloatArray,
    log_a: FloatArray,
    b: FloatArray,
    g: FloatArray,
    centre: tuple[FloatArray, FloatArray],
    slope_spread: float,
) -> FloatArray:
    """Take one step of Fisher scoring in (log a, b) for each item, in place.

    Returns:
        the expected information with the priors, shape (n, 2, 2).
    """
    a = np.exp(log_a)
    away = _NODES[None] - b[:, None]
    bare = special.expit(a[:, None] * away)
    p = g[:, None] + (1 - g[:, None]) * bare
    slope = (1 - g[:, None]) * bare * (1 - bare)
    by_log_a, by_b = slope * a[:, None] * away, -slope * a[:, None]
    pull = (right - (right + wrong) * p) / (p * (1 - p))
    mass = (right + wrong) / (p * (1 - p))
    gradient = np.stack([(pull * by_log_a).sum(1), (pull * by_b).sum(1)], axis=1)
    gradient[:, 0] -= (log_a - centre[0]) / slope_spread**2
    gradient[:, 1] -= (b - centre[1]) / 4
    information = np.empty((a.size, 2, 2))
    information[:, 0, 0] = (mass * by_log_a**2).sum(1) + 1 / slope_spread**2
    information[:, 1, 1] = (mass * by_b**2).sum(1) + 1 / 4
    information[:, 0, 1] = information[:, 1, 0] = (mass * by_log_a * by_b).sum(1)
    step = np.linalg.solve(information, gradient[:, :, None])[:, :, 0]
    log_a += np.clip(step[:, 0], -0.5, 0.5)
    b += np.clip(step[:, 1], -1.0, 1.0)
    np.clip(log_a, np.log(0.05), np.log(6.0), out=log_a)
    np.clip(b, -6.0, 6.0, out=b)
    return information
