"""Intervals for one pass rate or one mean, looked at once.

Looking at them again and again as data come in breaks them: a Wilson interval looked at after
every eight rollouts misses far more often than it says. For that, see `sequences`.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import (
    FloatArray,
    check_counts,
    check_families,
    check_level,
    check_scores,
)


class Interval(msgspec.Struct, frozen=True):
    """An estimate with its confidence interval.

    `n` is the number of items, `level` the confidence (0.95), `method` the name of the formula.
    """

    low: float
    high: float
    estimate: float
    n: int
    level: float
    method: str


class ClusteredError(NamedTuple):
    """The standard error of a mean whose items come in families, and its degrees of freedom."""

    error: float
    freedom: float


def wilson_bounds(
    passes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval for each pair of counts (Wilson 1927), as arrays of their shape."""
    s, m = check_counts(passes, n, "wilson")
    z2 = float(special.ndtri(0.5 + check_level(level, "wilson") / 2)) ** 2
    centre = (s + z2 / 2) / (m + z2)
    half = np.sqrt(z2 * (s * (m - s) / m + z2 / 4)) / (m + z2)
    low = np.where(s == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(s == m, 1.0, np.minimum(centre + half, 1.0))
    return low, high


def clopper_pearson_bounds(
    passes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """The exact interval for each pair of counts (Clopper & Pearson 1934); never under-covers."""
    s, m = check_counts(passes, n, "clopper_pearson")
    tail = (1 - check_level(level, "clopper_pearson")) / 2
    return _beta_bounds(s, m - s + 1, s + 1, m - s, tail)


def jeffreys_bounds(
    passes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Equal tails of the Beta(1/2, 1/2) posterior, opened to 0 or 1 at the ends.

    Source: Brown, Cai & DasGupta 2001, section 4.1.2.
    """
    s, m = check_counts(passes, n, "jeffreys")
    tail = (1 - check_level(level, "jeffreys")) / 2
    low, high = _beta_bounds(s + 0.5, m - s + 0.5, s + 0.5, m - s + 0.5, tail)
    return np.where(s == 0, 0.0, low), np.where(s == m, 1.0, high)


def wilson(passes: int, n: int, level: float = 0.95) -> Interval:
    """Wilson's interval for a pass rate: on average right, good to n = 1. Raises InputError."""
    return _one(wilson_bounds(passes, n, level), passes, n, level, "wilson")


def clopper_pearson(passes: int, n: int, level: float = 0.95) -> Interval:
    """The exact interval for a pass rate: at least `level` for every true rate, and wider."""
    return _one(clopper_pearson_bounds(passes, n, level), passes, n, level, "clopper-pearson")


def jeffreys(passes: int, n: int, level: float = 0.95) -> Interval:
    """Jeffreys' interval for a pass rate: on average right, with tails of equal weight."""
    return _one(jeffreys_bounds(passes, n, level), passes, n, level, "jeffreys")


def clustered_error(scores: ArrayLike, families: ArrayLike) -> ClusteredError:
    """The standard error of the mean of `scores`, shape (n,), when families vary together.

    Items of one family (one template, one repository, one mail thread) are not independent, so
    counting them as n items makes the error too small. This is the cluster-robust error with the
    small-sample correction CR2 and its degrees of freedom (Bell & McCaffrey 2002), which have a
    closed form for a mean. Raises InputError with fewer than two families.
    """
    x = check_scores(scores, "clustered_error", bounds=None)
    index = check_families(families, x.size, "clustered_error")
    size = np.bincount(index).astype(np.float64)
    if size.size < 2:
        raise InputError(
            what="all items belong to one family",
            where="clustered_error",
            do="measure at least two families; one says nothing about how families differ",
        )
    total = np.bincount(index, weights=x - x.mean())
    share = size / x.size
    error = float(np.sqrt(np.sum(total**2 / (1 - share)))) / x.size
    # The covariance of the corrected family sums were the items independent: CR2 is a quadratic
    # form in it, and Satterthwaite's degrees of freedom are trace^2 / trace of the square.
    scaled = size / np.sqrt(1 - share)
    cross = float(np.sum(scaled**2)) ** 2 - float(np.sum(scaled**4))
    freedom = x.size**2 / (float(np.sum(size**2)) + cross / x.size**2)
    return ClusteredError(error, freedom)


def clustered_mean(scores: ArrayLike, families: ArrayLike, level: float = 0.95) -> Interval:
    """A t interval on `clustered_error` for the mean of any scores, shape (n,).

    It is too short near the ends of a bounded scale: use `clustered_rate` for scores in [0, 1].
    """
    x = check_scores(scores, "clustered_mean", bounds=None)
    error, freedom = clustered_error(x, families)
    t = float(special.stdtrit(freedom, 0.5 + check_level(level, "clustered_mean") / 2))
    mean = float(x.mean())
    return Interval(mean - t * error, mean + t * error, mean, x.size, level, "clustered-t")


def clustered_rate(scores: ArrayLike, families: ArrayLike, level: float = 0.95) -> Interval:
    """An interval for the mean of scores in [0, 1], shape (n,), that come in families.

    The clustered error is turned into the number of independent items that would be as uncertain,
    and the exact interval of that many items is given (Korn & Graubard 1998). Where all scores
    are alike the data cannot show how families differ; each family then counts as one item.
    Raises InputError for scores outside [0, 1] or fewer than two families.
    """
    x = check_scores(scores, "clustered_rate")
    check_level(level, "clustered_rate")
    mean = float(x.mean())
    error, freedom = clustered_error(x, families)
    groups = np.unique(np.asarray(families)).size
    effective = float(groups)
    if error > 0:
        tail = (1 - level) / 2
        t = special.stdtrit(np.array([x.size - 1.0, freedom]), 1 - tail)
        effective = mean * (1 - mean) / error**2 * float(t[0] / t[1]) ** 2
        if np.isin(x, (0, 1)).all():
            # Passes cannot say more than as many independent ones; partial scores can.
            effective = min(effective, float(x.size))
    passes = np.asarray(mean * effective)
    low, high = _beta_bounds(
        passes, effective - passes + 1, passes + 1, effective - passes, (1 - level) / 2
    )
    return Interval(float(low), float(high), mean, x.size, level, "korn-graubard")


def _beta_bounds(
    a_low: FloatArray, b_low: FloatArray, a_high: FloatArray, b_high: FloatArray, tail: float
) -> tuple[FloatArray, FloatArray]:
    """Quantiles of two Beta laws; a parameter of zero stands for the end of the scale."""
    low = np.where(a_low > 0, special.betaincinv(np.where(a_low > 0, a_low, 1), b_low, tail), 0.0)
    high = np.where(
        b_high > 0, special.betaincinv(a_high, np.where(b_high > 0, b_high, 1), 1 - tail), 1.0
    )
    return low, high


def _one(
    bounds: tuple[FloatArray, FloatArray], passes: int, n: int, level: float, method: str
) -> Interval:
    return Interval(float(bounds[0]), float(bounds[1]), passes / n, int(n), float(level), method)
