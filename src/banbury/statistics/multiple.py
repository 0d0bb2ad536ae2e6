"""Many tests at once: p-values adjusted so that they can be held against one alpha."""

import numpy as np
from numpy.typing import ArrayLike

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_scores


def holm(p_values: ArrayLike) -> FloatArray:
    """Holm's adjusted p-values, shape (k,), in the order given (Holm 1979).

    Rejecting those at or below alpha makes any false rejection at most alpha likely, whatever the
    tests' dependence. An empty list gives an empty array. Raises InputError outside [0, 1].
    """
    p = _p_values(p_values, "holm")
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjusted p-values that hold the false discovery rate, shape (k,), in the order given.

    Rejecting those at or below alpha keeps the expected share of false ones among them at most
    alpha, for independent or positively dependent tests (Benjamini & Hochberg 1995). It suits a
    list to look into; for a promise about every skill use `holm`. Raises InputError.
    """
    p = _p_values(p_values, "benjamini_hochberg")
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted


def _p_values(p_values: ArrayLike, where: str) -> FloatArray:
    if np.ndim(p_values) != 1:
        raise InputError(
            f"p-values have shape {np.shape(p_values)}", where=where, do="give one flat list"
        )
    return check_scores(p_values, where) if np.size(p_values) else np.zeros(0)
