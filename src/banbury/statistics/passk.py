"""pass@k: the chance that at least one of k attempts passes."""

import numpy as np
from numpy.typing import ArrayLike

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_counts
from banbury.statistics.intervals import Interval, clustered_rate


def pass_at_k(n: ArrayLike, passes: ArrayLike, k: int) -> FloatArray:
    """The unbiased pass@k of each task, from `passes` of `n` attempts at it.

    1 - C(n - passes, k) / C(n, k), the share of the k-subsets of attempts with a pass in them
    (Chen et al. 2021, arXiv:2107.03374, equation 1). Raising the pass rate to a power instead is
    biased. `n` and `passes` have one shape, which the result has too. Raises InputError unless
    1 <= k <= n for every task.
    """
    s, m = check_counts(passes, n, "pass_at_k")
    if k < 1 or k > m.min(initial=np.inf):
        raise InputError(
            f"k is {k}, but a task has {m.min(initial=np.inf):g} attempts",
            where="pass_at_k",
            do="give 1 <= k <= the fewest attempts at any task",
        )
    misses = np.ones(s.shape)
    for drawn in range(k):
        misses *= np.maximum(m - s - drawn, 0.0) / (m - drawn)
    return np.asarray(1.0 - misses)


def mean_pass_at_k(
    n: ArrayLike,
    passes: ArrayLike,
    k: int,
    families: ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """The mean pass@k over tasks, shapes (tasks,), with the interval of `clustered_rate`.

    Attempts at one task are not independent, so the task is the unit; with `families`, one of
    each task, the family is. Raises InputError, also with fewer than two units.
    """
    each = np.atleast_1d(pass_at_k(n, passes, k))
    return clustered_rate(each, np.arange(each.size) if families is None else families, level)
