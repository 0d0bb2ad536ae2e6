"""How far raters agree beyond chance, with intervals.

The intervals are bootstrap intervals of the smooth kind: each draw gives every item a random
weight (Rubin's Bayesian bootstrap, 1981), and adds half an item's worth of agreement and half an
item's worth of disagreement. Without that half, raters who agreed on all of five items would get
the interval [1, 1]; with it they get what five items can show.
"""

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, IntArray, check_level
from banbury.statistics.intervals import Interval

Weights = Literal["none", "linear", "quadratic"]
Metric = Literal["nominal", "ordinal", "interval"]

_NUMBERS_AT_ONCE = 4_000_000  # of bootstrap draws held in memory together: 32 MB


def cohens_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    weights: Weights = "none",
    categories: Sequence[Hashable] | None = None,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> Interval:
    """Cohen's kappa of two raters of the same n >= 2 items, in the same order (Cohen 1960).

    `weights` count a near miss as partly agreeing, by the distance of the labels' places in
    `categories` or its square (Cohen 1968); `categories` gives their order, by default sorted.
    Raises InputError where kappa does not exist: both raters gave one and the same label to all.
    """
    check_level(level, "cohens_kappa")
    labels = _categories([*first, *second], categories, "cohens_kappa")
    if len(first) != len(second) or len(first) < 2:
        raise InputError(
            f"{len(first)} labels of one rater and {len(second)} of the other",
            where="cohens_kappa",
            do="give two labels for each of at least two items",
        )
    size = len(labels)
    place = {label: i for i, label in enumerate(labels)}
    cells = np.array(
        [place[a] * size + place[b] for a, b in zip(first, second, strict=True)], dtype=np.int64
    )
    table = np.bincount(cells, minlength=size * size).astype(np.float64)
    apart = _distances(size, weights)
    value = float(_kappas(table[None, :], apart)[0])
    if np.isnan(value):
        raise _no_variation("cohens_kappa")
    # The half items are spread over the agreeing and the disagreeing cells, so that a draw's raw
    # agreement follows Jeffreys' law.
    same = np.eye(size, dtype=bool).ravel()
    prior = np.where(same, 0.5 / size, 0.5 / (size * size - size))
    drawn = _kappas(np.random.default_rng(seed).dirichlet(table + prior, size=draws), apart)
    return _interval(value, drawn, len(first), level)


def krippendorffs_alpha(
    ratings: ArrayLike,
    metric: Metric = "nominal",
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> Interval:
    """Krippendorff's alpha of any number of raters, some ratings missing (Krippendorff 2011).

    `ratings` has shape (raters, items); a missing rating is nan (or None). Nominal labels are
    coded as numbers; ordinal and interval ratings are their own numbers. Items with fewer than
    two ratings say nothing and are left out; `n` counts those that are kept. Items are what is
    drawn again. Raises InputError where alpha does not exist: too few ratings, or all alike.
    """
    check_level(level, "krippendorffs_alpha")
    values, codes = _coded(ratings)
    counts = np.stack([np.bincount(c[c >= 0], minlength=values.size) for c in codes.T])
    counts = counts[counts.sum(axis=1) >= 2].astype(np.float64)
    if counts.shape[0] < 2:
        raise InputError(
            f"{counts.shape[0]} items have two ratings",
            where="krippendorffs_alpha",
            do="give shape (raters, items) with two or more ratings on at least two items",
        )
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        raise _no_variation("krippendorffs_alpha")
    ones = np.ones((1, counts.shape[0]))
    observed, expected, pairable = _disagreements(counts, values, metric, ones)
    value = 1.0 - float(observed[0] / expected[0])
    random = np.random.default_rng(seed)
    parts = []
    pairs = values.size**2 if metric == "ordinal" else values.size
    step = max(1, _NUMBERS_AT_ONCE // (pairs + counts.shape[0]))
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        w = random.standard_exponential((rows, counts.shape[0]))
        halves = random.standard_gamma(0.5, (rows, 2)) * (pairable[0] / counts.shape[0])
        seen, chance, total = _disagreements(counts, values, metric, w)
        seen = (seen * total + halves[:, 0] * expected[0]) / (total + halves.sum(axis=1))
        chance = (chance * total + halves[:, 0] * expected[0]) / (total + halves[:, 0])
        parts.append(1.0 - seen / chance)
    return _interval(value, np.concatenate(parts), counts.shape[0], level)


def alpha_of_distances(
    within: ArrayLike,
    ratings: ArrayLike,
    between: ArrayLike,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Interval:
    """Krippendorff's alpha of answers of any kind, by their distances (Krippendorff 2011).

    What chance would bring is the mean distance of answers to different items, estimated from a
    sample of answers, one an item.

    Args:
        within: mean distance of the pairs of answers to each item, in [0, 1], shape (n,), n >= 2.
        ratings: how many answers each item has, at least 2, shape (n,).
        between: distances of k >= 2 answers to different items, symmetric, shape (k, k).
        level: confidence.
        draws: of the bootstrap, over items and over the sampled answers.
        seed: of the draws.

    Raises:
        InputError: too few items or answers, a distance is out of range, or all answers are alike.
    """
    check_level(level, "alpha_of_distances")
    x, m, d = (np.asarray(a, dtype=np.float64) for a in (within, ratings, between))
    if x.ndim != 1 or x.size < 2 or m.shape != x.shape or d.ndim != 2 or len(set(d.shape)) != 1:
        raise InputError(
            f"shapes {x.shape}, {m.shape}, {d.shape}",
            where="alpha_of_distances",
            do="give (n,), (n,) with n of 2 or more, and (k, k)",
        )
    if d.shape[0] < 2 or not all(np.all((a >= 0) & (a <= 1)) for a in (x, d)) or (m < 2).any():
        raise InputError(
            "distances lie in [0, 1], and an item has two answers or more",
            where="alpha_of_distances",
        )
    apart = d - np.diag(np.diag(d))
    chance = _between(np.ones((1, d.shape[0])), apart)
    if chance[0] <= 0:
        raise _no_variation("alpha_of_distances")
    value = 1.0 - float(m @ x / m.sum() / chance[0])
    random = np.random.default_rng(seed)
    w = random.standard_exponential((draws, x.size)) * m
    halves = random.standard_gamma(0.5, (draws, 2)) * m.mean()
    total = w.sum(axis=1)
    seen = (w @ x + halves[:, 0] * chance[0]) / (total + halves.sum(axis=1))
    drawn = 1.0 - seen / _between(random.standard_exponential((draws, d.shape[0])), apart)
    return _interval(value, drawn, x.size, level)


def _between(w: FloatArray, apart: FloatArray) -> FloatArray:
    """Mean distance of two different answers under each row of weights, shape (draws,)."""
    pairs = w.sum(axis=1) ** 2 - (w**2).sum(axis=1)
    return np.asarray(np.einsum("di,dj,ij->d", w, w, apart, optimize=True) / pairs)


def _kappas(tables: FloatArray, apart: FloatArray) -> FloatArray:
    """Kappa of each table, shape (draws, size * size), nan where chance cannot disagree."""
    size = apart.shape[0]
    square = tables.reshape(-1, size, size)
    total = square.sum(axis=(1, 2))
    seen = np.einsum("dij,ij->d", square, apart) / total
    rows, columns = square.sum(axis=2), square.sum(axis=1)
    chance = np.einsum("di,dj,ij->d", rows, columns, apart) / total**2
    return np.asarray(
        1.0 - np.divide(seen, chance, out=np.full(seen.shape, np.nan), where=chance > 1e-15)
    )


def _distances(size: int, weights: Weights) -> FloatArray:
    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(np.float64)
    if weights == "none":
        return (steps > 0).astype(np.float64)
    if weights in ("linear", "quadratic"):
        return steps if weights == "linear" else steps**2
    raise InputError(
        f"weights {weights!r}", where="cohens_kappa", do="choose none, linear or quadratic"
    )


def _disagreements(
    counts: FloatArray, values: FloatArray, metric: Metric, w: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Observed and expected disagreement and the number of ratings, for each row of weights.

    `counts` (items, values) says how often each item got each value; `w` is (draws, items).
    """
    rated = counts.sum(axis=1)
    share = w / (rated - 1)
    marginal = w @ counts
    total = marginal.sum(axis=1)
    if metric == "interval":
        # Sums of squares give all pairs at once: values may be as many as ratings.
        first, second = counts @ values, counts @ values**2
        seen = share @ (2 * (rated * second - first**2))
        chance = 2 * (total * (marginal @ values**2) - (marginal @ values) ** 2)
        # A pair of a rating with itself adds 0, so only the divisor leaves it out.
        return seen / total, chance / (total * np.maximum(total - 1, 1e-300)), total
    if metric == "nominal":
        # As above: the pairs that are alike are squares of counts.
        seen = share @ (rated**2 - (counts**2).sum(axis=1))
        chance = total**2 - (marginal**2).sum(axis=1)
        return seen / total, chance / (total * np.maximum(total - 1, 1e-300)), total
    if metric == "ordinal":
        below = np.cumsum(marginal, axis=1) - marginal / 2
        apart = (below[:, :, None] - below[:, None, :]) ** 2
    else:
        raise InputError(
            f"metric {metric!r}",
            where="krippendorffs_alpha",
            do="choose nominal, ordinal or interval",
        )
    coincidences = np.einsum("du,ui,uj->dij", share, counts, counts, optimize=True)
    seen = np.einsum("dij,dij->d", coincidences, apart)
    chance = np.einsum("di,dj,dij->d", marginal, marginal, apart)
    return seen / total, chance / (total * np.maximum(total - 1, 1e-300)), total


def _coded(ratings: ArrayLike) -> tuple[FloatArray, IntArray]:
    """The distinct values, sorted, and each rating's place among them, -1 where missing."""
    try:
        x = np.asarray(ratings, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"ratings are not numbers: {error}",
            where="krippendorffs_alpha",
            do="code labels as numbers, missing ones as nan",
        ) from error
    if x.ndim != 2 or np.isinf(x).any():
        raise InputError(
            f"ratings have shape {x.shape}" if x.ndim != 2 else "a rating is infinite",
            where="krippendorffs_alpha",
            do="give finite ratings of shape (raters, items)",
        )
    there = ~np.isnan(x)
    values, index = np.unique(x[there], return_inverse=True)
    codes = np.full(x.shape, -1, dtype=np.int64)
    codes[there] = index
    return values, codes


def _categories(
    used: list[Hashable], given: Sequence[Hashable] | None, where: str
) -> list[Hashable]:
    distinct = set(used)
    if given is None:
        return sorted(distinct, key=lambda label: (str(type(label)), label))
    unknown = distinct.difference(given)
    if unknown:
        raise InputError(
            f"labels {sorted(map(repr, unknown))} are not among the categories",
            where=where,
            do="add them to categories, or correct the ratings",
        )
    return list(dict.fromkeys(given))


def _no_variation(where: str) -> InputError:
    return InputError(
        "every rating is the same, so chance alone explains all agreement",
        where=where,
        do="rate items on which raters could differ, or report the raw agreement instead",
    )


def _interval(value: float, drawn: FloatArray, n: int, level: float) -> Interval:
    kept = drawn[np.isfinite(drawn)]
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        min(float(low), value), max(float(high), value), value, n, level, "bayesian-bootstrap"
    )
