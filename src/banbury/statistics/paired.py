"""Two checkpoints on the same items: how far apart, in which direction, and how sure.

Differences are after minus before, so a positive one is a gain. Items are pairs of a 2x2 table
in which only the items that changed matter: `gained` failed before and pass after, `lost`
the other way round.
"""

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_counts, check_level, check_pairs
from banbury.statistics.intervals import clustered_error

_HALVINGS = 45  # of an interval of length 2: 6e-14
_NUISANCES = 200  # points of the grid over the unknown share of gained items
_EXACT_UP_TO = 1000  # pairs; an exact bound takes a second there and grows with their number
_DRAWS_AT_ONCE = 500  # bootstrap draws held in memory together


class PairedDifference(msgspec.Struct, frozen=True):
    """The difference of two mean scores on the same `n` items, with its interval.

    `before` and `after` are the two means, `gained` and `lost` the numbers of items that went
    up and down, `p_value` tests "no difference" two-sided.
    """

    difference: float
    low: float
    high: float
    n: int
    before: float
    after: float
    gained: int
    lost: int
    p_value: float
    level: float
    method: str


class NonInferiority(msgspec.Struct, frozen=True):
    """A test of "after is worse than before by `margin` or more" against "by less".

    A small `p_value` shows non-inferiority; `low` is the one-sided lower bound of the difference
    at `level`, on the side of the margin that the p-value says.
    """

    p_value: float
    low: float
    difference: float
    margin: float
    n: int
    level: float
    method: str


def tango_bounds(
    gained: ArrayLike, lost: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Tango's score interval of the paired difference for each triple of counts (Tango 1998).

    Holds every difference that the score test does not refute. Raises InputError.
    """
    b, c, m = _changes(gained, lost, n, "tango_bounds")
    z = float(special.ndtri(0.5 + check_level(level, "tango_bounds") / 2))
    return _score_edge(b, c, m, z, -1.0), _score_edge(b, c, m, -z, 1.0)


def newcombe_bounds(
    both: ArrayLike, gained: ArrayLike, lost: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Newcombe's hybrid score interval, method 10 (Newcombe 1998), for arrays of counts.

    Two Wilson intervals joined with the correlation of the pairs, corrected for continuity;
    `both` counts the items that pass before and after.
    """
    b, c, m = _changes(gained, lost, n, "newcombe_bounds")
    a = check_counts(both, m - b - c, "newcombe_bounds", least=0)[0]
    d = m - a - b - c
    z2 = float(special.ndtri(0.5 + check_level(level, "newcombe_bounds") / 2)) ** 2
    low2, p2, high2 = _wilson(a + b, m, z2)
    low1, p1, high1 = _wilson(a + c, m, z2)
    cross = a * d - b * c
    cross = np.where(cross > 0, np.maximum(cross - m / 2, 0.0), cross)
    margins = np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    phi = np.divide(cross, margins, out=np.zeros_like(cross), where=margins > 0)
    down, up = _hypot(p2 - low2, high1 - p1, phi), _hypot(high2 - p2, p1 - low1, phi)
    return np.maximum(p2 - p1 - down, -1.0), np.minimum(p2 - p1 + up, 1.0)


def paired_difference(before: ArrayLike, after: ArrayLike, level: float = 0.95) -> PairedDifference:
    """Compare passes (0 or 1) of the same items, shapes (n,), n >= 1, in the same order.

    The interval is Tango's: where it covers least, it covered no less than Newcombe's method 10,
    and up to four points more (the benchmark `coverage`). The p-value is McNemar's, exact.
    Raises InputError.
    """
    x, y = check_pairs(before, after, "paired_difference", binary=True)
    gained, lost = int(np.sum(y > x)), int(np.sum(x > y))
    low, high = tango_bounds(gained, lost, x.size, level)
    return PairedDifference(
        difference=(gained - lost) / x.size,
        low=float(low),
        high=float(high),
        n=x.size,
        before=float(x.mean()),
        after=float(y.mean()),
        gained=gained,
        lost=lost,
        p_value=mcnemar(gained, lost),
        level=level,
        method="tango",
    )


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact two-sided p-value of "as many gained as lost in the long run".

    Of the items that changed, each is a gain with probability 1/2 if nothing changed.
    """
    check_counts([gained, lost], [gained + lost] * 2, "mcnemar", least=0)
    return min(1.0, 2 * min(drop_p_value(gained, lost), drop_p_value(lost, gained)))


def drop_p_value(gained: int, lost: int) -> float:
    """The exact one-sided p-value of "no drop": small when far more was lost than gained."""
    check_counts(lost, gained + lost, "drop_p_value", least=0)
    return float(special.bdtr(float(gained), gained + lost, 0.5))


def paired_bootstrap(
    before: ArrayLike,
    after: ArrayLike,
    families: ArrayLike,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> PairedDifference:
    """Compare scores in [0, 1] of the same items, shapes (n,), that come in families.

    Whole families are drawn again with replacement, and the interval is of the studentised kind
    (bootstrap-t, Efron & Tibshirani 1993, chapter 12; on the cluster-robust error), since plain
    percentiles are too short with few families. Where every family changed by the same amount v,
    drawing again shows nothing; then the interval allows that a share of families as large as
    chance could have hidden in these changes by -1 or by 1. Raises InputError with fewer than
    two families.
    """
    x, y = check_pairs(before, after, "paired_bootstrap", binary=False)
    tail = (1 - check_level(level, "paired_bootstrap")) / 2
    d = y - x
    error = clustered_error(d, families).error
    index = np.unique(np.asarray(families), return_inverse=True)[1]
    size = np.bincount(index).astype(np.float64)
    total = np.bincount(index, weights=d).astype(np.float64)
    mean = float(d.mean())
    if error < 1e-12:
        hidden = 1 - tail ** (1 / size.size)
        low, high, p_value = mean - hidden * (1 + mean), mean + hidden * (1 - mean), 1.0
        if mean != 0:
            p_value = 2 * 0.5**size.size
    else:
        t = _bootstrap_t(total, size, draws, np.random.default_rng(seed))
        near, far = np.quantile(t, [tail, 1 - tail], method="inverted_cdf")
        low, high = max(mean - float(far) * error, -1.0), min(mean - float(near) * error, 1.0)
        beyond = min(int(np.sum(t >= mean / error)), int(np.sum(t <= mean / error)))
        p_value = min(1.0, 2 * (beyond + 1) / (draws + 1))
    return PairedDifference(
        difference=mean,
        low=low,
        high=high,
        n=x.size,
        before=float(x.mean()),
        after=float(y.mean()),
        gained=int(np.sum(d > 0)),
        lost=int(np.sum(d < 0)),
        p_value=p_value,
        level=level,
        method="clustered-bootstrap-t" if error >= 1e-12 else "identical-families",
    )


def non_inferiority(
    before: ArrayLike, after: ArrayLike, margin: float, level: float = 0.95
) -> NonInferiority:
    """Test whether passes (0 or 1) of the same items fell by less than `margin`.

    Orders the outcomes by the score statistic (Nam 1997; Tango 1998) and takes its exact
    unconditional p-value, the largest over every possible share of changed items, since the
    normal law is too generous for few pairs (7 % instead of 5 % at n = 25); beyond 1,000 pairs
    the normal law serves. `low` inverts the same test. `margin` is a share in (0, 1), such as
    0.10. Raises InputError.
    """
    x, y = check_pairs(before, after, "non_inferiority", binary=True)
    check_level(margin, "non_inferiority", "margin")
    gained, lost = int(np.sum(y > x)), int(np.sum(x > y))
    alpha = 1 - check_level(level, "non_inferiority")
    exact = x.size <= _EXACT_UP_TO
    if exact:
        p_value = exact_drop_p_value(gained, lost, x.size, margin)
        low = _exact_low(gained, lost, x.size, alpha)
    else:
        b, c, m = _changes(gained, lost, x.size, "non_inferiority")
        p_value = float(special.ndtr(-tango_score(b, c, m, np.asarray(-margin))))
        low = float(_score_edge(b, c, m, -float(special.ndtri(alpha)), -1.0))
    return NonInferiority(
        p_value=p_value,
        low=low,
        difference=(gained - lost) / x.size,
        margin=margin,
        n=x.size,
        level=level,
        method="exact-score" if exact else "score",
    )


def exact_drop_p_value(gained: int, lost: int, n: int, margin: float) -> float:
    """The exact p-value of "the difference is -margin or less", -1 < -margin < 1.

    Sums the probability of all tables with a score as high, and takes the largest sum over a
    grid of the share of gained items (Hsueh, Liu & Chen 2001; Berger & Sidik 2003).
    """
    b, c, m = _changes(gained, lost, n, "exact_drop_p_value")
    observed = float(tango_score(b, c, m, np.asarray(-margin)))
    losses = np.arange(n + 1, dtype=np.float64)
    # For each number of losses, the fewest gains whose score is as high: the score rises with
    # the gains, so halving finds it. The slack keeps equal tables equal.
    few, many = np.full(n + 1, -1.0), n - losses + 1
    while np.any(many - few > 1):
        middle = np.floor((few + many) / 2)
        inside = tango_score(np.maximum(middle, 0), losses, m, np.asarray(-margin))
        high = (inside >= observed - 1e-9) & (middle >= 0)
        many, few = np.where(high, middle, many), np.where(high, few, middle)
    gain = np.linspace(max(0.0, -margin), (1 - margin) / 2, _NUISANCES)[:, None]
    loss = gain + margin
    mass = np.exp(
        special.gammaln(n + 1) - special.gammaln(losses + 1) - special.gammaln(n - losses + 1)
        + special.xlogy(losses, loss) + special.xlogy(n - losses, np.maximum(1 - loss, 0.0))
    )  # fmt: skip
    given = np.clip(np.divide(gain, 1 - loss, out=np.ones_like(gain), where=loss < 1), 0.0, 1.0)
    rest = n - losses
    needed = np.minimum(many, rest + 1)
    # P(gains >= needed | losses): 1 for none needed, 0 where more are needed than are left.
    tail = special.betainc(np.maximum(needed, 1), np.maximum(rest - needed + 1, 1e-300), given)
    tail = np.where(needed <= 0, 1.0, np.where(needed > rest, 0.0, tail))
    return float(min(1.0, np.max(np.sum(mass * tail, axis=1))))


def tango_score(
    gained: FloatArray, lost: FloatArray, n: FloatArray, difference: FloatArray
) -> FloatArray:
    """Tango's score statistic of "the true difference is `difference`", positive if it is higher.

    (gained - lost - n difference) over its standard deviation at the most likely table with that
    difference; a table that leaves no deviation gives 0 or an infinity.
    """
    spread = score_variance(gained, lost, n, difference)
    excess = gained - lost - n * difference
    sure = np.where(np.abs(excess) < 1e-9, 0.0, np.copysign(np.inf, excess))
    return np.divide(excess, np.sqrt(spread), out=sure, where=spread > 1e-12)


def score_variance(
    gained: FloatArray, lost: FloatArray, n: FloatArray, difference: FloatArray
) -> FloatArray:
    """The variance of gained - lost at the most likely table with that true difference."""
    linear = -gained - lost + (2 * n - gained + lost) * difference
    constant = -lost * difference * (1 - difference)
    root = np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0.0))
    share_lost = (root - linear) / (4 * n)
    return np.maximum(n * (2 * share_lost + difference * (1 - difference)), 0.0)


def _score_edge(b: FloatArray, c: FloatArray, n: FloatArray, z: float, end: float) -> FloatArray:
    """The difference at which the score is z, between the observed one and `end`."""
    near = (b - c) / n
    far = np.full(near.shape, end)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        score = tango_score(b, c, n, middle)
        out = score > z if z > 0 else score < z
        far, near = np.where(out, middle, far), np.where(out, near, middle)
    return np.asarray(far)


def _exact_low(gained: int, lost: int, n: int, alpha: float) -> float:
    """The largest difference below which everything is refuted at `alpha`, by halving."""
    near, far = (gained - lost) / n, -1.0
    while near - far > 1e-5:
        middle = (near + far) / 2
        if exact_drop_p_value(gained, lost, n, -middle) <= alpha:
            far = middle
        else:
            near = middle
    return far


def _bootstrap_t(
    total: FloatArray, size: FloatArray, draws: int, random: np.random.Generator
) -> FloatArray:
    """The t statistic of each redrawn set of families, from their sums and sizes, shape (G,)."""
    groups, mean = size.size, total.sum() / size.sum()
    parts = []
    for start in range(0, draws, _DRAWS_AT_ONCE):
        rows = min(_DRAWS_AT_ONCE, draws - start)
        w = random.multinomial(groups, np.full(groups, 1 / groups), size=rows).astype(np.float64)
        items = w @ size
        means = w @ total / items
        away = total - means[:, None] * size
        share = np.minimum(size / items[:, None], 0.999)
        error = np.sqrt(np.sum(w * away**2 / (1 - share), axis=1)) / items
        off = means - mean
        sure = np.where(np.abs(off) < 1e-12, 0.0, np.copysign(np.inf, off))
        parts.append(np.divide(off, error, out=sure, where=error > 1e-12))
    return np.concatenate(parts)


def _changes(
    gained: ArrayLike, lost: ArrayLike, n: ArrayLike, where: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    b, m = check_counts(gained, n, where)
    c, m = check_counts(lost, m, where)
    if np.any(b + c > m):
        raise InputError("more items changed than there are", where=where, do="check the counts")
    return np.broadcast_arrays(b, c, m)[0], c, m


def _wilson(s: FloatArray, n: FloatArray, z2: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    centre = (s + z2 / 2) / (n + z2)
    half = np.sqrt(z2 * (s * (n - s) / n + z2 / 4)) / (n + z2)
    return np.maximum(centre - half, 0.0), s / n, np.minimum(centre + half, 1.0)


def _hypot(first: FloatArray, second: FloatArray, phi: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(first**2 + second**2 - 2 * phi * first * second, 0.0))
