"""Clusters of points by density, with how far each of them can be trusted.

HDBSCAN (Campello, Moulavi and Sander 2013) finds how many there are and leaves out what belongs to
none. A cluster is trusted as far as it comes back: points are left out at random, the rest is
clustered again, and the Jaccard index of the cluster with the most similar new one is averaged
(Hennig 2007, clusterwise stability; by subsets, since repeated points look dense to HDBSCAN).
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage

from banbury.errors import InputError, SetupError

try:
    from sklearn.cluster import HDBSCAN
    from sklearn.metrics import adjusted_rand_score
except ImportError as error:
    raise SetupError("scikit-learn is missing", do="pip install 'banbury[local]'") from error

SHARE = 0.8
"""Share of the points that each round keeps."""

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Cluster(msgspec.Struct, frozen=True):
    """Some of the points.

    Attributes:
        members: their indices, ascending.
        jaccard: mean Jaccard index with the most similar cluster of each round.
        leaf: it was found as it is; others are unions of neighbouring ones.
    """

    members: tuple[int, ...]
    jaccard: float
    leaf: bool


class Clustering(msgspec.Struct, frozen=True):
    """What was found.

    Attributes:
        clusters: the leaves, the largest first, then unions of neighbours up to all leaves.
        loose: how many points are in none.
        rand: mean adjusted Rand index of the rounds' leaves with the whole's; 1 means the same
            each time.
    """

    clusters: tuple[Cluster, ...]
    loose: int
    rand: float


def clusters(points: Floats, *, least: int = 5, rounds: int = 25, seed: int = 0) -> Clustering:
    """Cluster points; equal arguments give equal clusters.

    Args:
        points: shape (points, dimensions); Euclidean distance.
        least: fewest points in a cluster.
        rounds: how often a part of the points is clustered again.
        seed: of which part.

    Raises:
        InputError: the points are no finite matrix, or `least` is below 2.
    """
    if points.ndim != 2 or not np.isfinite(points).all():
        raise InputError("points must be a matrix of finite numbers", where="clusters")
    if least < 2:
        raise InputError(f"{least} points are no cluster", do="give at least 2")
    labels = _labels(points, least)
    groups = _groups(points, labels)
    rng = np.random.default_rng(seed)
    keep = round(SHARE * len(points))
    scores: list[list[float]] = []
    rands: list[float] = []
    for _ in range(rounds if groups else 0):
        part = np.sort(rng.choice(len(points), keep, replace=False))
        again = _labels(points[part], max(2, round(SHARE * least)))
        others = _groups(points[part], again)
        scores.append([max((_jaccard(g[part], o) for o in others), default=0.0) for g in groups])
        rands.append(float(adjusted_rand_score(labels[part], again)))
    means = np.mean(scores, axis=0) if scores else np.zeros(len(groups))
    leaves = int(labels.max(initial=-1)) + 1
    found = (
        Cluster(tuple(int(m) for m in np.flatnonzero(g)), float(j), i < leaves)
        for i, (g, j) in enumerate(zip(groups, means, strict=True))
    )
    return Clustering(
        tuple(found), int((labels < 0).sum()), float(np.mean(rands)) if rands else 0.0
    )


def _labels(points: Floats, least: int) -> Labels:
    """Return 0, 1, ... by size, the largest first, and -1 for none; shape (points,)."""
    if len(points) < 2 * least:
        return np.full(len(points), -1)
    found = HDBSCAN(min_cluster_size=least, min_samples=min(3, least), copy=True).fit(points)
    raw = found.labels_
    order = sorted(set(raw) - {-1}, key=lambda c: (-int((raw == c).sum()), int(c)))
    named = {c: i for i, c in enumerate(order)} | {-1: -1}
    return np.array([named[c] for c in raw], dtype=np.int64)


def _groups(points: Floats, labels: Labels) -> list[Bools]:
    """Return each cluster as a mask, then the unions that average linkage of their means makes."""
    groups: list[Bools] = [labels == c for c in range(int(labels.max(initial=-1)) + 1)]
    if len(groups) > 1:
        for first, second, *_ in linkage([points[g].mean(axis=0) for g in groups], "average"):
            groups.append(groups[int(first)] | groups[int(second)])
    return groups


def _jaccard(one: Bools, other: Bools) -> float:
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 0.0
