"""How rare a value is among people whose work is known to be their own."""

from __future__ import annotations

import math

import numpy as np

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_level


def needed(rate: float) -> int:
    """Return how many trusted people there must be at least for anybody to be found at a rate.

    With so few only those are found who stand out in several kinds of signal; for one kind alone
    there must be about as many times more as there are kinds, since of the trusted too one is the
    most unusual in each.
    """
    return math.ceil(1 / check_level(rate, "needed", "rate")) - 1


def ranks(values: FloatArray, trusted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One person's and the trusted people's p-values, each among all of them together.

    Args:
        values: of the person, by kind, shape (k,); -inf where there is none.
        trusted: of the trusted, shape (n, k).

    Returns:
        The shares of those n + 1 people whose value is at least theirs: shapes (k,) and (n, k).
    """
    together = np.concatenate([values[None], trusted])
    order = np.sort(together, axis=0)
    below = np.stack(
        [np.searchsorted(order[:, k], together[:, k], "left") for k in range(len(values))], axis=1
    )
    share = (len(together) - below) / len(together)
    return share[0], share[1:]


def combined(values: FloatArray, trusted: FloatArray) -> tuple[float, FloatArray]:
    """One person's p-value of all kinds together, and of each kind alone, shape (k,).

    The kinds' p-values are put into one statistic, which rises most where a few are very small,
    and that is ranked among the trusted in turn, so whatever the kinds have to do with one
    another, the p-value is at most u with probability at most u for whoever is exchangeable with
    the trusted people (conformal prediction: Vovk, Gammerman & Shafer 2005, chapter 2).
    Raises InputError without anybody trusted.
    """
    if not len(trusted):
        raise InputError("nobody is trusted", where="signals", do="name people to compare with")
    mine, theirs = ranks(values, trusted)
    own, others = (np.square(np.log(p)).sum(axis=-1) for p in (mine, theirs))
    return float((1 + (others >= own - 1e-12).sum()) / (1 + len(trusted))), mine
