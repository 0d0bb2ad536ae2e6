"""Does one group fail more than the rest of the same skills?

It is asked skill by skill, so that a hard skill does not make its words look hard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def leaning(present: csr_matrix, failed: Bools, strata: NDArray[np.int64]) -> Floats:
    """Return how strongly each term goes with failing, as a z-score of shape (terms,).

    The Mantel-Haenszel statistic (1959), over strata; 0 where no stratum has both outcomes.

    Args:
        present: shape (episodes, terms), 1 where the term is in the text.
        failed: shape (episodes,).
        strata: shape (episodes,), the skill of each.
    """
    surplus = np.zeros(present.shape[1])
    variance = np.zeros(present.shape[1])
    for s in np.unique(strata):
        rows = strata == s
        n, fails = int(rows.sum()), int(failed[rows].sum())
        if n < 2 or fails in (0, n):
            continue
        with_term = np.asarray(present[rows].sum(axis=0)).ravel()
        both = np.asarray(present[rows & failed].sum(axis=0)).ravel()
        surplus += both - with_term * fails / n
        variance += with_term * (n - with_term) * fails * (n - fails) / (n * n * (n - 1))
    return np.divide(surplus, np.sqrt(variance), out=np.zeros_like(surplus), where=variance > 0)


def fails_more(inside: Bools, failed: Bools, strata: NDArray[np.int64]) -> float:
    """Return the p-value that those inside fail no more than the others of their stratum.

    Fisher's exact test, one-sided; over several strata, exact by convolution (Mehta, Patel and
    Gray 1985).
    """
    spread, seen = np.ones(1), 0
    for s in np.unique(strata):
        rows = strata == s
        n, fails, k = int(rows.sum()), int(failed[rows].sum()), int(inside[rows].sum())
        spread = np.convolve(spread, hypergeom(n, fails, k).pmf(np.arange(k + 1)))
        seen += int((inside & failed & rows).sum())
    return float(min(1.0, spread[seen:].sum()))
