"""Correlation with its interval, and what it would be had nobody been selected."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_level, check_scores
from banbury.statistics.intervals import Interval

_LEAST = 4


def correlation(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Interval:
    """Return Pearson's correlation of paired scores, shape (n,), with Fisher's interval (1915).

    Raises:
        InputError: fewer than four pairs, shapes differ, or one of them never varies.
    """
    x, y = _pairs(first, second, "correlation")
    half = float(special.ndtri(0.5 + check_level(level, "correlation") / 2)) / np.sqrt(x.size - 3)
    r = float(_pearson(x, y))
    z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    return Interval(
        float(np.tanh(z - half)), float(np.tanh(z + half)), r, x.size, level, "fisher-z"
    )


def corrected(
    score: ArrayLike,
    outcome: ArrayLike,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the correlation corrected for direct selection on the score.

    Only who scored well was let to work, so outcomes exist for scores of a narrow range and their
    correlation is too small. With s the scores' deviation among all and s' among those selected,
    u = s / s', the corrected one is r u / sqrt(1 + r^2 (u^2 - 1)) (Pearson 1903; Thorndike 1949,
    case II). It takes the regression to be straight and its scatter even beyond the selected
    range, and selection to go by this score alone. The interval is that of a bootstrap of people,
    on Fisher's scale, which counts that both deviations are estimated.

    Args:
        score: of everybody who was interviewed, shape (n,).
        outcome: nan for those who never worked, shape (n,).
        level: confidence.
        draws: of the bootstrap.
        seed: of the draws.

    Raises:
        InputError: fewer than four outcomes, shapes differ, or scores or outcomes never vary.
    """
    check_level(level, "corrected")
    x = check_scores(score, "corrected", bounds=None)
    y = np.asarray(outcome, dtype=np.float64)
    if y.shape != x.shape or np.isinf(y).any():
        raise InputError(f"{x.size} scores, outcomes of shape {y.shape}", where="corrected")
    worked = np.flatnonzero(~np.isnan(y))
    _pairs(x[worked], y[worked], "corrected")
    value = float(_unrestricted(x[None], y[None])[0])
    rng = np.random.default_rng(seed)
    drawn: list[FloatArray] = []
    step = max(1, 2_000_000 // x.size)
    for start in range(0, draws, step):
        index = rng.integers(x.size, size=(min(step, draws - start), x.size))
        drawn.append(_unrestricted(x[index], y[index]))
    kept = np.concatenate(drawn)
    z = np.arctanh(np.clip(kept[np.isfinite(kept)], -1 + 1e-12, 1 - 1e-12))
    centre = np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12))
    # A normal interval around the estimate: percentiles of a skewed ratio would carry its bias
    # twice over.
    half = float(special.ndtri(0.5 + level / 2)) * float(z.std(ddof=1))
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return Interval(low, high, value, worked.size, level, "thorndike-2-bootstrap")


def _unrestricted(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return case II of each row of scores and outcomes, nan where a row cannot tell."""
    there = ~np.isnan(y)
    count = there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap_x = np.where(there, x - (x * there).sum(1, keepdims=True) / count[:, None], 0.0)
        filled = np.where(there, y, 0.0)
        gap_y = np.where(there, filled - filled.sum(1, keepdims=True) / count[:, None], 0.0)
        narrow = (gap_x**2).sum(1)
        r = (gap_x * gap_y).sum(1) / np.sqrt(narrow * (gap_y**2).sum(1))
        u2 = x.var(axis=1, ddof=1) / (narrow / (count - 1))
        value = r * np.sqrt(u2) / np.sqrt(1 + r**2 * (u2 - 1))
    return np.where(count >= _LEAST, value, np.nan)


def _pearson(x: FloatArray, y: FloatArray) -> float:
    a, b = x - x.mean(), y - y.mean()
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))


def _pairs(first: ArrayLike, second: ArrayLike, where: str) -> tuple[FloatArray, FloatArray]:
    x = check_scores(first, where, bounds=None)
    y = check_scores(second, where, bounds=None)
    if x.shape != y.shape or x.size < _LEAST:
        raise InputError(
            f"{x.size} and {y.size} scores", where=where, do=f"give {_LEAST} pairs or more"
        )
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise InputError("one of the scores never varies", where=where)
    return x, y
