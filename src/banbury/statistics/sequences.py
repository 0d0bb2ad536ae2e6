"""Confidence sequences: intervals that stay right however often one looks and whenever one stops.

A sequence at `alpha` covers the true mean at every moment at once with probability 1 - alpha, so
"stop as soon as the interval lies on one side of the line" is an honest rule. What is reported
after such a stop must come from the sequence itself or from fresh items, never from an ordinary
interval on the same rollouts.

Each rollout fed to a sequence must be a fresh draw from the skill: a task of its own. Repeated
samples of one task are not fresh; feed the task's mean score to a `BettingSequence` instead.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_counts, check_level, check_scores
from banbury.statistics.intervals import Interval

Decision = Literal["below", "above", "undecided"]

_HALVINGS = 50  # of the unit interval: 1e-15, as fine as a float near 1


def bernoulli_bounds(
    successes: ArrayLike, n: ArrayLike, alpha: float | FloatArray = 0.05
) -> tuple[FloatArray, FloatArray]:
    """The bounds of Robbins' beta-binomial sequence now, for each pair of counts.

    The bounds hold the rates p at which the mixture's likelihood ratio B(s + 1/2, n - s + 1/2) /
    B(1/2, 1/2) / (p^s (1 - p)^(n - s)) is below 1 / alpha. Under p that ratio is a martingale of
    mean 1, so by Ville's inequality it ever reaches 1 / alpha with probability at most alpha
    (Robbins 1970; Howard et al. 2021). `successes`, `n`, and `alpha` where it is an array, have
    one shape; n = 0 gives (0, 1). Raises InputError.
    """
    s, m = check_counts(successes, n, "bernoulli_bounds", least=0)
    for each in np.unique(alpha):
        check_level(float(each), "bernoulli_bounds", "alpha")
    mixture = special.betaln(s + 0.5, m - s + 0.5) - special.betaln(0.5, 0.5)
    return ratio_bounds(np.asarray(mixture), s, m, alpha)


def ratio_bounds(
    log_evidence: FloatArray,
    successes: FloatArray,
    n: FloatArray,
    alpha: float | FloatArray = 0.05,
) -> tuple[FloatArray, FloatArray]:
    """The rates at which a likelihood ratio is below 1 / alpha: the ends of a sequence now.

    `log_evidence` is the log chance of the results by any bettor who saw only what came before
    each; with `successes` and `n` it has one shape, which both bounds have. `successes` may be
    sums of scores in [0, 1].
    """
    s, m, limit = successes, n, -np.log(alpha)
    peak = np.divide(s, m, out=np.full(s.shape, 0.5), where=m > 0)

    def refuted(p: FloatArray) -> NDArray[np.bool_]:
        evidence = log_evidence - special.xlogy(s, p) - special.xlog1py(m - s, -p)
        return np.asarray(evidence >= limit)

    low = _edge(np.zeros(s.shape), peak, refuted)
    high = _edge(np.ones(s.shape), peak, refuted)
    return low, high


class BernoulliSequence:
    """The confidence sequence of one skill's pass rate, fed in batches of any size.

    `low` and `high` only ever close in: they are the tightest seen so far, which the guarantee
    over all moments allows.
    """

    def __init__(self, alpha: float = 0.05) -> None:
        self.alpha = check_level(alpha, "BernoulliSequence", "alpha")
        self.successes = 0
        self.n = 0
        self.low = 0.0
        self.high = 1.0

    def update(self, successes: int, n: int) -> None:
        """Add a batch of `n` rollouts of which `successes` passed. Raises InputError."""
        check_counts(successes, n, "BernoulliSequence.update", least=0)
        self.successes += int(successes)
        self.n += int(n)
        low, high = bernoulli_bounds(self.successes, self.n, self.alpha)
        self.low = max(self.low, float(low))
        self.high = min(self.high, float(high))

    def decided(self, threshold: float) -> Decision:
        """On which side of `threshold` the rate is shown to lie."""
        return decided(threshold, self.low, self.high)

    def interval(self) -> Interval:
        """The sequence now, with the share of passes as estimate. Raises InputError at n = 0."""
        check_counts(self.successes, self.n, "BernoulliSequence.interval")
        rate = self.successes / self.n
        return Interval(self.low, self.high, rate, self.n, 1 - self.alpha, "beta-binomial-sequence")


class BernoulliSequences:
    """The sequences of K skills at once, as arrays of shape (K,), in one vectorised update.

    With `family` the error `alpha` is shared among the skills by Bonferroni's rule, so that the
    chance of any wrong decision on any skill at any time is at most `alpha`; without, it holds
    for each skill alone.
    """

    def __init__(self, skills: int, alpha: float = 0.05, *, family: bool = True) -> None:
        share = shared_alpha(alpha, skills)
        self.alpha = share if family else alpha
        self.successes = np.zeros(skills, dtype=np.int64)
        self.n = np.zeros(skills, dtype=np.int64)
        self.low = np.zeros(skills)
        self.high = np.ones(skills)

    def update(self, successes: ArrayLike, n: ArrayLike) -> None:
        """Add a batch for every skill, shapes (K,); n = 0 for a skill that was left alone."""
        s, m = check_counts(successes, n, "BernoulliSequences.update", least=0)
        if s.shape != self.n.shape:
            raise InputError(
                what=f"counts have shape {s.shape} for {self.n.size} skills",
                where="BernoulliSequences.update",
                do="give one pair of counts for each skill, in the same order each time",
            )
        self.successes += s.astype(np.int64)
        self.n += m.astype(np.int64)
        low, high = bernoulli_bounds(self.successes, self.n, self.alpha)
        self.low = np.maximum(self.low, low)
        self.high = np.minimum(self.high, high)

    def decided(self, threshold: float) -> list[Decision]:
        """For each skill, on which side of `threshold` its rate is shown to lie."""
        return [
            decided(threshold, low, high) for low, high in zip(self.low, self.high, strict=True)
        ]


class BettingSequence:
    """The confidence sequence of a mean of scores in [0, 1], by betting against each mean.

    Two gamblers bet on "the mean is above m" and "below m" for each m of a grid; a mean at which
    one of them has turned its half of a coin into 1 / alpha coins is refuted. This is the hedged
    capital process with predictable plug-in bets, truncated at one half (Waudby-Smith & Ramdas
    2024, JRSS-B 86(1), theorem 3). It adapts to the variance, so steady scores close it fast.
    Bounds are rounded outwards to the grid, so they hold for means between grid points too.
    """

    def __init__(self, alpha: float = 0.05, grid: int = 1000) -> None:
        self.alpha = check_level(alpha, "BettingSequence", "alpha")
        if grid < 2:
            raise InputError(f"a grid of {grid}", where="BettingSequence", do="give at least 2")
        self.n = 0
        self.total = 0.0
        self.low = 0.0
        self.high = 1.0
        self._means = np.linspace(0.0, 1.0, grid + 1)
        self._rises = np.zeros(grid + 1)  # log capital of the bets that the mean is above m
        self._falls = np.zeros(grid + 1)
        self._shrunk = 0.5  # sum of scores, with one prior score of a half
        self._spread = 0.25  # sum of squared deviations from the running mean, with a prior of 1/4

    def update(self, scores: ArrayLike) -> None:
        """Add scores, shape (n,), in the order in which they came. Raises InputError."""
        for score in check_scores(scores, "BettingSequence.update"):
            self._bet(float(score))
            self._close_in()

    def _bet(self, score: float) -> None:
        t = self.n + 1
        variance = self._spread / t
        stake = np.sqrt(2 * np.log(2 / self.alpha) / (variance * t * np.log(1 + t)))
        m = self._means
        with np.errstate(divide="ignore"):
            up = np.minimum(stake, 0.5 / m)
            down = np.minimum(stake, 0.5 / (1 - m))
        self._rises += np.log1p(up * (score - m))
        self._falls += np.log1p(-down * (score - m))
        self.n = t
        self.total += score
        self._shrunk += score
        self._spread += (score - self._shrunk / (t + 1)) ** 2

    def _close_in(self) -> None:
        # Capital falls with m for the first gambler and rises for the second, so that the
        # refuted means are one run from each end of the grid.
        limit = np.log(2 / self.alpha)
        above, below = self._rises >= limit, self._falls >= limit
        if above.any():
            self.low = max(self.low, float(self._means[above].max()))
        if below.any():
            self.high = min(self.high, float(self._means[below].min()))

    def decided(self, threshold: float) -> Decision:
        """On which side of `threshold` the mean is shown to lie."""
        return decided(threshold, self.low, self.high)

    def interval(self) -> Interval:
        """The sequence now, with the mean score as estimate. Raises InputError at n = 0."""
        check_counts(0, self.n, "BettingSequence.interval")
        mean = self.total / self.n
        return Interval(self.low, self.high, mean, self.n, 1 - self.alpha, "betting-sequence")


def _edge(
    outer: FloatArray, inner: FloatArray, refuted: Callable[[FloatArray], NDArray[np.bool_]]
) -> FloatArray:
    """Where refuted turns to kept between `outer` and `inner`, rounded outwards, by halving."""
    end = ~refuted(outer)
    near, far = inner.copy(), outer.copy()
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        out = refuted(middle)
        far = np.where(out, middle, far)
        near = np.where(out, near, middle)
    return np.where(end, outer, far)


def decided(threshold: float, low: float, high: float) -> Decision:
    """On which side of `threshold` an interval lies: strictly below, strictly above, or neither."""
    if high < threshold:
        return "below"
    return "above" if low > threshold else "undecided"


def shared_alpha(alpha: float, skills: int) -> float:
    """The level for each of K skills, so that any error among them has probability <= alpha.

    Bonferroni's alpha / K: it needs no assumption on how skills depend on one another, and with
    the sequences above the cost is small, since their width grows with the root of log(K / alpha).
    """
    if skills < 1:
        raise InputError(f"{skills} skills", where="shared_alpha", do="name at least one skill")
    return check_level(alpha, "shared_alpha", "alpha") / skills
