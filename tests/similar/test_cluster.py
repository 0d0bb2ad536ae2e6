"""Clusters that come back, and none where there are none."""

import numpy as np
import pytest

from banbury.errors import InputError
from banbury.similar.cluster import clusters


def blobs(rng, sizes, spread=0.1):
    centres = rng.normal(size=(len(sizes), 6)) * 4
    return np.vstack([rng.normal(c, spread, (n, 6)) for c, n in zip(centres, sizes, strict=True)])


def test_as_many_clusters_are_found_as_there_are():
    found = clusters(blobs(np.random.default_rng(0), (30, 20, 10)))
    leaves = [c for c in found.clusters if c.leaf]
    assert [len(c.members) for c in leaves] == [30, 20, 10]
    assert min(c.jaccard for c in leaves) > 0.9
    assert found.rand > 0.9
    assert [len(c.members) for c in found.clusters if not c.leaf][-1] == 60


def test_one_lump_is_no_cluster_that_comes_back():
    points = np.random.default_rng(1).normal(size=(60, 6))
    assert all(c.jaccard < 0.8 for c in clusters(points).clusters if c.leaf)


def test_equal_arguments_give_equal_clusters():
    points = blobs(np.random.default_rng(2), (12, 12), spread=2.0)
    assert clusters(points, seed=3) == clusters(points, seed=3)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_points_are_loose(count):
    found = clusters(np.zeros((count, 2)))
    assert (found.clusters, found.loose, found.rand) == ((), count, 0.0)


def test_what_is_no_cloud_of_points_is_refused():
    for points in (np.zeros(3), np.full((20, 2), np.nan)):
        with pytest.raises(InputError):
            clusters(points)
    with pytest.raises(InputError):
        clusters(np.zeros((20, 2)), least=1)
