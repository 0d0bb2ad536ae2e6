"""Adverse impact: how often one group is selected, beside another."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from scipy import optimize, special

from banbury.errors import InputError
from banbury.statistics.inputs import check_counts, check_level


class Impact(msgspec.Struct, frozen=True):
    """The ratio of two selection rates.

    Attributes:
        ratio: the group's rate over the reference's, None where nobody of the reference was
            selected.
        low: lower end of its interval.
        high: upper end, None where the data set no upper bound.
        level: confidence.
        rate: of the group.
        reference_rate: of the reference.
        n: people of the group.
        reference_n: of the reference.
    """

    ratio: float | None
    low: float
    high: float | None
    level: float
    rate: float
    reference_rate: float
    n: int
    reference_n: int

    def below(self, line: float = 0.8) -> bool:
        """Return whether the ratio is shown to lie below a line, such as four fifths.

        The four-fifths rule (29 CFR 1607.4 D) compares the ratio alone; with few people that says
        little, so this asks for the whole interval.
        """
        return self.high is not None and self.high < line


def impact(
    selected: int, n: int, reference_selected: int, reference_n: int, level: float = 0.95
) -> Impact:
    """Return the adverse-impact ratio with Koopman's score interval (Koopman 1984).

    It holds for few people and for nobody selected, where the usual interval on the logarithm
    does not exist.

    Raises:
        InputError: counts or level cannot be.
    """
    check_counts(selected, n, "impact")
    check_counts(reference_selected, reference_n, "impact")
    limit = float(special.ndtri(0.5 + check_level(level, "impact") / 2)) ** 2
    x, m, y, k = float(selected), float(n), float(reference_selected), float(reference_n)
    ratio = (x / m) / (y / k) if y else None

    def beyond(log_ratio: float) -> float:
        return _score(x, m, y, k, float(np.exp(log_ratio))) - limit

    at = np.log(ratio) if ratio else 0.0
    low = 0.0 if x == 0 else float(np.exp(_root(beyond, at if ratio else 60.0, -60.0)))
    high = None if y == 0 else float(np.exp(_root(beyond, at if x else -60.0, 60.0)))
    return Impact(ratio, low, high, level, x / m, y / k, int(n), int(reference_n))


def _score(x: float, m: float, y: float, k: float, ratio: float) -> float:
    """Return the score statistic of a ratio p1 / p2, chi-squared with one degree of freedom."""
    # p1 under the ratio is the smaller root of N p^2 - B p + C = 0 (Koopman 1984, eq. 2.3).
    total = m + k
    b = ratio * (m + y) + x + k
    root = np.sqrt(max(b * b - 4 * total * ratio * (x + y), 0.0))
    p1 = 2 * ratio * (x + y) / (b + root)
    return _gap(x, m, min(p1, 1.0)) + _gap(y, k, min(p1 / ratio, 1.0))


def _gap(x: float, m: float, p: float) -> float:
    """Return Pearson's term of one group, 0 where the rate is at an end and so are all people."""
    off = x - m * p
    if abs(off) < 1e-9 * m:
        return 0.0
    spread = m * p * (1 - p)
    return float("inf") if spread == 0 else off * off / spread


def _root(beyond: Callable[[float], float], inner: float, outer: float) -> float:
    if beyond(inner) > 0:
        raise InputError("the interval does not hold the ratio itself", where="impact")
    if beyond(outer) < 0:
        return outer
    return float(optimize.brentq(beyond, inner, outer, xtol=1e-12))
