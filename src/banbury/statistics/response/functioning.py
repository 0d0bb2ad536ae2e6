"""Items that behave differently by group: Mantel and Haenszel's procedure."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import check_level

Size = Literal["negligible", "moderate", "large"]

_DELTA = -2.35
"""The ETS delta is this many times the log odds ratio (Holland & Thayer 1988)."""


class Functioning(msgspec.Struct, frozen=True):
    """How an item treats two groups of people of the same ability.

    Attributes:
        odds_ratio: common odds of a right answer, reference to focal; above 1, harder for focal.
        low: lower end of its interval.
        high: upper end.
        level: confidence.
        chi_square: Mantel and Haenszel's, with continuity correction; one degree of freedom.
        p_value: of the hypothesis that the item treats them alike.
        delta: -2.35 ln(odds ratio); below 0, harder for focal.
        size: by the rule of the Educational Testing Service (Zieky 1993): `large` where delta is
            1.5 or more and shown to be above 1, `negligible` below 1 or where nothing is shown.
        reference: people of the reference group in strata that count.
        focal: of the focal group.
    """

    odds_ratio: float
    low: float
    high: float
    level: float
    chi_square: float
    p_value: float
    delta: float
    size: Size
    reference: int
    focal: int


def mantel_haenszel(
    right: ArrayLike, focal: ArrayLike, strata: ArrayLike, level: float = 0.95
) -> Functioning:
    """Compare two groups on one item within strata of ability (Mantel & Haenszel 1959).

    The error of the log odds ratio is that of Robins, Breslow & Greenland (1986).

    Args:
        right: whether each person's answer was right, shape (n,).
        focal: whether each belongs to the focal group, shape (n,).
        strata: of ability, such as `by_ability` returns, shape (n,).
        level: confidence of the interval.

    Raises:
        InputError: shapes or values are wrong, or no stratum holds both groups and both answers.
    """
    check_level(level, "mantel_haenszel")
    x, f, s = (np.asarray(v) for v in (right, focal, strata))
    if x.ndim != 1 or x.shape != f.shape or x.shape != s.shape:
        raise InputError(f"shapes {x.shape}, {f.shape}, {s.shape}", where="mantel_haenszel")
    if not (np.isin(x, (0, 1)).all() and np.isin(f, (0, 1)).all()):
        raise InputError("give 0 and 1 for answers and groups", where="mantel_haenszel")
    _, place = np.unique(s, return_inverse=True)
    cells = [
        np.bincount(place, (f == group) & (x == answer)).astype(np.float64)
        for group in (0, 1)
        for answer in (1, 0)
    ]
    both = (cells[0] + cells[1] > 0) & (cells[2] + cells[3] > 0)
    a, b, c, d = (cell[both] for cell in cells)
    t = a + b + c + d
    up, down = (a * d / t).sum() if t.size else 0.0, (b * c / t).sum() if t.size else 0.0
    if up <= 0 or down <= 0:
        raise InputError(
            "no stratum compares the groups, or one group is always right or always wrong there",
            where="mantel_haenszel",
            do="wait for more answers, or take fewer strata",
        )
    spread = (a + b) * (c + d) * (a + c) * (b + d) / (t**2 * np.maximum(t - 1, 1))
    gap = abs((a - (a + b) * (a + c) / t).sum())
    chi = float(max(gap - 0.5, 0.0) ** 2 / spread.sum())
    log_ratio, error = float(np.log(up / down)), _error(a, b, c, d)
    z = float(special.ndtri(0.5 + level / 2))
    low, high = np.exp(log_ratio - z * error), np.exp(log_ratio + z * error)
    delta, p = _DELTA * log_ratio, float(special.chdtrc(1, chi))
    size = _size(abs(delta), abs(_DELTA) * error, p)
    people = int((a + b).sum()), int((c + d).sum())
    return Functioning(
        float(np.exp(log_ratio)), float(low), float(high), level, chi, p, delta, size, *people
    )


def by_ability(ability: ArrayLike, strata: int = 5) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a stratum for each person, of about the same number of people, shape (n,).

    Raises:
        InputError: there are no abilities, or fewer than one stratum is asked for.
    """
    t = np.asarray(ability, dtype=np.float64)
    if t.ndim != 1 or t.size == 0 or strata < 1:
        raise InputError(f"{t.size} abilities in {strata} strata", where="by_ability")
    edges = np.quantile(t, np.arange(1, strata) / strata)
    return np.searchsorted(edges, t, side="right").astype(np.int64)


def _error(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> float:
    t = a + b + c + d
    p, q, r, s = (a + d) / t, (b + c) / t, a * d / t, b * c / t
    up, down = r.sum(), s.sum()
    variance = (
        (p * r).sum() / up**2 + (p * s + q * r).sum() / (up * down) + (q * s).sum() / down**2
    ) / 2
    return float(np.sqrt(variance))


def _size(delta: float, error: float, p: float) -> Size:
    if delta < 1.0 or p > 0.05:
        return "negligible"
    beyond = delta >= 1.5 and (delta - 1.0) / error > float(special.ndtri(0.95))
    return "large" if beyond else "moderate"
