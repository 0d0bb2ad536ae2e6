import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from banbury.errors import InputError
from banbury.statistics.impact import impact

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, counts)
def test_the_interval_holds_the_ratio_and_turns_over_with_the_groups(one, two):
    ours, mirror = impact(*one, *two), impact(*two, *one)
    if ours.ratio is not None:
        assert ours.low <= ours.ratio * (1 + 1e-9)
        assert ours.high is not None
        assert ours.high >= ours.ratio * (1 - 1e-9)
    if ours.low > 0 and mirror.high is not None:
        assert ours.low * mirror.high == pytest.approx(1, rel=1e-6)


@given(counts.filter(lambda c: 0 < c[0] < c[1]), counts.filter(lambda c: 0 < c[0] < c[1]))
def test_statsmodels_score_interval_is_the_same(one, two):
    ours = impact(*one, *two)
    theirs = confint_proportions_2indep(
        *one, *two, compare="ratio", method="score", correction=False
    )
    assert (ours.low, ours.high) == pytest.approx(theirs, rel=1e-3)


def test_four_fifths_is_asked_of_the_whole_interval():
    few, many = impact(6, 10, 8, 10), impact(600, 1000, 800, 1000)
    assert few.ratio == many.ratio == pytest.approx(0.75)
    assert not few.below(0.8)
    assert many.below(0.8)
    assert impact(0, 40, 30, 40).below(0.8)
    assert not impact(3, 10, 0, 10).below(0.8)


def test_counts_that_cannot_be_are_refused():
    for bad in ((5, 4, 1, 2), (1, 0, 1, 2), (-1, 4, 1, 2)):
        with pytest.raises(InputError):
            impact(*bad)
