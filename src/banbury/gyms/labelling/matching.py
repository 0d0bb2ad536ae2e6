"""Matching what was found with what is there, one to one, and the F1 of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Matrix = NDArray[np.float64]
"""Shape (found, there); each entry in [0, 1], 1 for the same."""


class Match(NamedTuple):
    """Pairs (index found, index there) and how alike each pair is, in [0, 1]."""

    pairs: list[tuple[int, int]]
    alike: list[float]


def best(alike: Matrix, least: float) -> Match:
    """Return the one-to-one matching with the largest sum, over pairs that are at least so alike.

    Source: the assignment problem, as in COCO's and DETR's matching of boxes.
    """
    held = np.where(alike >= least, alike, 0.0)
    if not held.any():
        return Match([], [])
    rows, columns = linear_sum_assignment(held, maximize=True)
    chosen = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if held[r, c] > 0.0]
    return Match(chosen, [float(held[pair]) for pair in chosen])


def f1(hits: int, found: int, there: int) -> float:
    """Return the harmonic mean of precision and recall; 1 where nothing is there and none found."""
    return 1.0 if found + there == 0 else 2.0 * hits / (found + there)


def same(found: Iterable[Hashable], there: Iterable[Hashable]) -> int:
    """Return how many are the same, each counted as often as it is in both."""
    return sum((Counter(found) & Counter(there)).values())


def stretches(found: Sequence[tuple[float, float]], there: Sequence[tuple[float, float]]) -> Matrix:
    """Return the IoU of each pair of stretches [start, end)."""
    a = np.array(found, dtype=np.float64).reshape(-1, 1, 2)
    b = np.array(there, dtype=np.float64).reshape(1, -1, 2)
    inner = np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0])
    outer = np.maximum(a[..., 1], b[..., 1]) - np.minimum(a[..., 0], b[..., 0])
    iou = np.divide(inner, outer, out=np.zeros_like(inner), where=outer > 0)
    return np.asarray(np.clip(iou, 0.0, 1.0), dtype=np.float64)


def labelled(alike: Matrix, found: Sequence[str], there: Sequence[str]) -> Matrix:
    """Return the matrix with 0 where the labels differ."""
    equal = np.array(found, dtype=object)[:, None] == np.array(there, dtype=object)[None, :]
    return np.asarray(np.where(equal, alike, 0.0), dtype=np.float64).reshape(alike.shape)
