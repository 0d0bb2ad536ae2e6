import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from banbury.errors import InputError
from banbury.statistics.correlation import corrected, correlation


def scores(seed, n, rho):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(n)


@given(st.integers(0, 999), st.integers(5, 60), st.floats(-0.95, 0.95))
def test_scipy_says_the_same(seed, n, rho):
    x, y = scores(seed, n, rho)
    ours, theirs = correlation(x, y), stats.pearsonr(x, y)
    interval = theirs.confidence_interval(0.95)
    assert ours.estimate == pytest.approx(theirs.statistic)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))


def test_with_nobody_left_out_nothing_is_corrected():
    x, y = scores(1, 80, 0.5)
    assert corrected(x, y, draws=50).estimate == pytest.approx(correlation(x, y).estimate)


def test_selection_hides_a_correlation_and_the_correction_finds_it():
    x, y = scores(2, 4000, 0.5)
    y[x < 0.8] = np.nan
    there = ~np.isnan(y)
    seen, whole = correlation(x[there], y[there]), corrected(x, y, draws=400)
    assert seen.high < 0.4
    assert whole.low < 0.5 < whole.high
    assert whole.n == there.sum()


def test_the_corrected_interval_covers_as_often_as_it_says():
    held = 0
    for seed in range(120):
        x, y = scores(seed, 300, 0.45)
        y[x < 0] = np.nan
        found = corrected(x, y, draws=200, seed=seed)
        held += found.low <= 0.45 <= found.high
    assert 0.88 <= held / 120 <= 0.99


def test_what_cannot_vary_or_does_not_fit_is_refused():
    for x, y in [([1, 2, 3], [1, 2, 3]), ([1, 1, 1, 1], [1, 2, 3, 4]), ([1, 2, 3, 4], [1, 2, 3])]:
        with pytest.raises(InputError):
            correlation(x, y)
    with pytest.raises(InputError):
        corrected([1, 2, 3, 4, 5], [1, np.nan, np.nan, np.nan, 2])
