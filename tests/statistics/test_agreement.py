import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from banbury.errors import InputError
from banbury.statistics.agreement import (
    alpha_of_distances,
    cohens_kappa,
    krippendorffs_alpha,
)

NAN = float("nan")
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C.
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]

ratings = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_published_alphas(metric, value):
    alpha = krippendorffs_alpha(PUBLISHED, metric, draws=200)
    assert alpha.estimate == pytest.approx(value, abs=5e-4)
    assert alpha.low < alpha.estimate < alpha.high
    assert alpha.n == 11


@given(ratings)
@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_agrees_with_scikit_learn(weights, pairs):
    first, second = zip(*pairs, strict=True)
    if len({*first, *second}) < 2:
        return
    kappa = cohens_kappa(first, second, weights, draws=50)
    theirs = cohen_kappa_score(first, second, weights=None if weights == "none" else weights)
    assert kappa.estimate == pytest.approx(theirs, abs=1e-9)
    assert kappa.low <= kappa.estimate <= kappa.high <= 1


@given(ratings)
def test_interval_metric_by_sums_equals_all_pairs(pairs):
    x = np.array(pairs, dtype=float).T
    if np.unique(x).size < 2:
        return
    seen = np.mean((x[0] - x[1]) ** 2)
    flat = x.ravel()
    chance = np.sum(np.subtract.outer(flat, flat) ** 2) / (flat.size * (flat.size - 1))
    alpha = krippendorffs_alpha(x, "interval", draws=20)
    assert alpha.estimate == pytest.approx(1 - seen / chance)


def test_full_agreement_on_few_items_is_no_certainty():
    labels = ["yes", "no", "yes", "no", "yes"]
    for result in (
        cohens_kappa(labels, labels),
        krippendorffs_alpha([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1]]),
    ):
        assert result.estimate == result.high == 1
        assert result.low < 0.7


def test_more_items_narrow_the_interval():
    random = np.random.default_rng(0)
    first = random.integers(0, 2, 800)
    second = np.where(random.random(800) < 0.8, first, 1 - first)
    widths = [
        (k := cohens_kappa(first[:n].tolist(), second[:n].tolist())).high - k.low
        for n in (50, 200, 800)
    ]
    assert widths[0] > 1.6 * widths[1] > 2.5 * widths[2]


def test_seeded():
    labels = ["a", "b", "a", "b", "b"], ["a", "b", "b", "b", "a"]
    assert cohens_kappa(*labels, seed=4) == cohens_kappa(*labels, seed=4)
    assert krippendorffs_alpha(PUBLISHED, seed=4) == krippendorffs_alpha(PUBLISHED, seed=4)


def test_order_of_categories_matters_to_weights():
    first, second = ["low", "high", "mid", "low"], ["mid", "high", "mid", "low"]
    ranked = cohens_kappa(first, second, "linear", categories=["low", "mid", "high"])
    assert ranked.estimate == pytest.approx(
        cohen_kappa_score(first, second, weights="linear", labels=["low", "mid", "high"])
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cohens_kappa(["a", "a"], ["a", "a"]),
        lambda: cohens_kappa(["a"], ["b"]),
        lambda: cohens_kappa(["a", "b"], ["b"]),
        lambda: cohens_kappa(["a", "b"], ["b", "c"], categories=["a", "b"]),
        lambda: cohens_kappa(["a", "b"], ["b", "a"], "cubic"),
        lambda: cohens_kappa(["a", "b"], ["b", "a"], level=0),
        lambda: krippendorffs_alpha([[1, 1], [1, 1]]),
        lambda: krippendorffs_alpha([[1, 2, 3]]),
        lambda: krippendorffs_alpha([[1, NAN], [NAN, 2]]),
        lambda: krippendorffs_alpha([1, 2, 3]),
        lambda: krippendorffs_alpha([["a", "b"], ["a", "b"]]),
        lambda: krippendorffs_alpha([[1, 2], [2, 2]], "cosine"),
    ],
)
def test_refuses_bad_input(wrong):
    with pytest.raises(InputError):
        wrong()


@given(ratings)
def test_distances_that_say_same_or_not_give_the_nominal_alpha(pairs):
    x = np.array(pairs, dtype=float).T
    if np.unique(x).size < 2:
        return
    flat = x.ravel()
    between = (np.subtract.outer(flat, flat) != 0).astype(float)
    within = (x[0] != x[1]).astype(float)
    alpha = alpha_of_distances(within, [2] * len(pairs), between, draws=50)
    theirs = krippendorffs_alpha(x, draws=50)
    assert alpha.estimate == pytest.approx(theirs.estimate)
    assert alpha.low <= alpha.estimate <= alpha.high <= 1


def test_distances_of_more_items_narrow_the_interval():
    random = np.random.default_rng(0)
    between = random.random((30, 30))
    between = (between + between.T) / 2
    few, many = (
        alpha_of_distances(random.random(n) / 2, [2] * n, between, draws=500) for n in (8, 400)
    )
    assert many.high - many.low < 0.6 * (few.high - few.low)


@pytest.mark.parametrize(
    "wrong",
    [
        ([0.1], [2], np.ones((3, 3))),
        ([0.1, 2.0], [2, 2], np.ones((3, 3))),
        ([0.1, 0.2], [2, 1], np.ones((3, 3))),
        ([0.1, 0.2], [2, 2], np.ones((1, 1))),
        ([0.1, 0.2], [2, 2], np.zeros((3, 3))),
        ([0.1, 0.2], [2, 2], np.ones((3, 2))),
    ],
)
def test_distances_that_say_nothing_are_refused(wrong):
    with pytest.raises(InputError):
        alpha_of_distances(*wrong)
