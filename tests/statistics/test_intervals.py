import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from banbury.errors import InputError
from banbury.statistics.intervals import (
    Interval,
    clopper_pearson,
    clustered_error,
    clustered_mean,
    clustered_rate,
    jeffreys,
    wilson,
    wilson_bounds,
)

counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PEERS = [(wilson, "wilson"), (clopper_pearson, "beta")]


@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
@pytest.mark.parametrize(("ours", "theirs"), PEERS)
def test_agrees_with_statsmodels(ours, theirs, count, level):
    passes, n = count
    low, high = proportion_confint(passes, n, alpha=1 - level, method=theirs)
    interval = ours(passes, n, level)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


@given(counts)
@pytest.mark.parametrize("method", [wilson, clopper_pearson, jeffreys])
def test_holds_its_estimate_and_mirrors(method, count):
    passes, n = count
    interval, mirror = method(passes, n), method(n - passes, n)
    assert 0 <= interval.low <= interval.estimate <= interval.high <= 1
    assert (interval.low, interval.high) == pytest.approx((1 - mirror.high, 1 - mirror.low))
    assert (interval.low == 0) == (passes == 0)
    assert (interval.high == 1) == (passes == n)


def test_jeffreys_agrees_with_statsmodels_inside():
    low, high = proportion_confint(7, 40, method="jeffreys")
    assert (jeffreys(7, 40).low, jeffreys(7, 40).high) == pytest.approx((low, high))


def test_twenty_of_twenty_says_at_least_84_percent():
    assert wilson(20, 20).low == pytest.approx(0.8389, abs=1e-4)


def test_bounds_of_many_skills_at_once():
    low, high = wilson_bounds([0, 5, 50], [10, 10, 50])
    assert low.shape == high.shape == (3,)
    assert (float(low[1]), float(high[1])) == (wilson(5, 10).low, wilson(5, 10).high)


def test_is_json():
    interval = wilson(3, 10)
    assert msgspec.json.decode(msgspec.json.encode(interval), type=Interval) == interval


@pytest.mark.parametrize(
    ("passes", "n"), [(-1, 5), (6, 5), (0, 0), (0, -1), (1.5, 3), (float("nan"), 3), ("x", 3)]
)
@pytest.mark.parametrize("method", [wilson, clopper_pearson, jeffreys])
def test_refuses_what_is_no_count(method, passes, n):
    with pytest.raises(InputError):
        method(passes, n)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, float("nan")])
def test_refuses_a_level_outside_0_to_1(level):
    with pytest.raises(InputError, match="level"):
        wilson(1, 2, level)


@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 1000))
def test_equal_families_give_the_textbook_error(families, size, seed):
    scores = np.random.default_rng(seed).normal(size=families * size)
    means = scores.reshape(families, size).mean(axis=1)
    error, freedom = clustered_error(scores, np.repeat(np.arange(families), size))
    assert error == pytest.approx(means.std(ddof=1) / np.sqrt(families))
    assert freedom == pytest.approx(families - 1)


def test_freedom_is_that_of_the_quadratic_form():
    """Bell and McCaffrey's degrees of freedom, computed with whole matrices instead."""
    size = np.array([1, 4, 2, 9])
    n = size.sum()
    member = np.repeat(np.eye(4), size, axis=0)
    residual = np.eye(n) - 1 / n
    scaled = residual @ member / np.sqrt(1 - size / n)
    form = scaled.T @ scaled
    freedom = np.trace(form) ** 2 / np.trace(form @ form)
    labels = np.repeat(np.arange(4), size)
    assert clustered_error(np.arange(n), labels).freedom == pytest.approx(freedom)


def test_families_widen_the_interval():
    scores, families = np.repeat([0, 1, 1, 0, 1, 1], 20), np.repeat(np.arange(6), 20)
    clustered = clustered_rate(scores, families)
    assert clustered.high - clustered.low > 2 * (wilson(80, 120).high - wilson(80, 120).low)


def test_items_that_are_their_own_families_give_nearly_the_exact_interval():
    scores = np.repeat([0, 1], [30, 70])
    interval, exact = clustered_rate(scores, np.arange(100)), clopper_pearson(70, 100)
    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high), abs=0.003)


def test_all_alike_is_no_certainty():
    interval = clustered_rate([1.0] * 40, np.repeat(np.arange(4), 10))
    assert interval.high == 1
    assert interval.low == clopper_pearson(4, 4).low


def test_mean_of_unbounded_scores():
    interval = clustered_mean([10.0, 12.0, 30.0, 28.0], ["a", "a", "b", "b"])
    assert interval.low < 0 < interval.estimate == 20 < interval.high


@pytest.mark.parametrize("method", [clustered_mean, clustered_rate])
@pytest.mark.parametrize(
    ("scores", "families"),
    [
        ([0.5, 0.5], [1, 1]),
        ([0.5], [1]),
        ([0.5, 0.1], [1]),
        ([], []),
        ([0.1, float("nan")], [1, 2]),
    ],
)
def test_refuses_scores_without_families(method, scores, families):
    with pytest.raises(InputError):
        method(scores, families)


def test_rate_refuses_scores_above_1():
    with pytest.raises(InputError, match=r"into \[0, 1\]"):
        clustered_rate([0.5, 1.5], [1, 2])
