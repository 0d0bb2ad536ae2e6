"""What the statistics accept: counts, levels, scores and labels, checked once and in one voice."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banbury.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def check_level(level: float, where: str, name: str = "level") -> float:
    """Return `level` if it lies strictly between 0 and 1, else raise InputError."""
    if not 0.0 < level < 1.0:
        raise InputError(
            what=f"{name} is {level!r}",
            where=where,
            do=f"give a {name} between 0 and 1, such as 0.95 for an interval or 0.05 for a test",
        )
    return float(level)


def check_counts(
    passes: ArrayLike, n: ArrayLike, where: str, least: int = 1
) -> tuple[FloatArray, FloatArray]:
    """Return counts as float arrays of one shape, with 0 <= passes <= n and n >= `least`.

    Raises InputError for counts that are not whole, not finite, negative, or above n.
    """
    s, m = _numbers(passes, "passes", where), _numbers(n, "n", where)
    if s.shape != m.shape and s.ndim and m.ndim:
        raise InputError(
            what=f"passes has shape {s.shape} but n has shape {m.shape}",
            where=where,
            do="give one pair of counts for each skill or task",
        )
    s, m = np.broadcast_arrays(s, m)
    bad = (s != np.floor(s)) | (m != np.floor(m)) | (m < least) | (s < 0) | (s > m)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise InputError(
            what=f"{s.flat[at]:g} passes of n = {m.flat[at]:g} is not a count",
            where=where,
            do=f"give whole numbers with 0 <= passes <= n and n >= {least}; "
            "a skill without a finished episode is not measured, so leave it out",
        )
    return s, m


def check_scores(
    scores: ArrayLike, where: str, bounds: tuple[float, float] | None = (0.0, 1.0)
) -> FloatArray:
    """Return a non-empty finite vector of shape (n,), inside `bounds` if they are given."""
    x = _numbers(scores, "scores", where)
    if x.ndim != 1 or x.size == 0:
        raise InputError(
            what=f"scores have shape {x.shape}", where=where, do="give a list of at least one score"
        )
    if bounds is not None and (x.min() < bounds[0] or x.max() > bounds[1]):
        raise InputError(
            what=f"scores run from {x.min():g} to {x.max():g}",
            where=where,
            do=f"scale them into [{bounds[0]:g}, {bounds[1]:g}] first",
        )
    return x


def check_pairs(
    before: ArrayLike, after: ArrayLike, where: str, binary: bool
) -> tuple[FloatArray, FloatArray]:
    """Return two vectors of shape (n,), n >= 1, scores of the same items in the same order.

    With `binary` every score must be 0 or 1, else it must lie in [0, 1]. Raises InputError.
    """
    x, y = check_scores(before, where), check_scores(after, where)
    if x.size != y.size:
        raise InputError(
            what=f"{x.size} items before but {y.size} after",
            where=where,
            do="pair by item: both checkpoints must have a finished episode on every item",
        )
    if binary and not (np.isin(x, (0, 1)).all() and np.isin(y, (0, 1)).all()):
        raise InputError(
            what="a score is neither 0 nor 1",
            where=where,
            do="give passes as 0 and 1, or use paired_bootstrap for partial scores",
        )
    return x, y


def check_families(families: ArrayLike, n: int, where: str) -> IntArray:
    """Return the family of each of n items as indices 0..G-1, shape (n,). Raises InputError."""
    labels = np.asarray(families)
    if labels.shape != (n,):
        raise InputError(
            what=f"families have shape {labels.shape} for {n} scores",
            where=where,
            do="give the family of each item, in the order of the scores",
        )
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _numbers(values: ArrayLike, name: str, where: str) -> FloatArray:
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            what=f"{name} is not numeric: {error}", where=where, do="give numbers"
        ) from error
    if not np.isfinite(x).all():
        raise InputError(
            what=f"{name} holds a value that is not finite",
            where=where,
            do="leave out episodes that failed or were never judged; they are not scores",
        )
    return x
