import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from banbury.errors import InputError
from banbury.statistics.response.functioning import by_ability, mantel_haenszel


def people(tables):
    """One row a person from (right, wrong) of reference and focal, by stratum."""
    right, focal, strata = [], [], []
    for number, (a, b, c, d) in enumerate(tables):
        for count, answer, group in ((a, 1, 0), (b, 0, 0), (c, 1, 1), (d, 0, 1)):
            right += [answer] * count
            focal += [group] * count
            strata += [number] * count
    return right, focal, strata


cells = st.integers(1, 30)


@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=5))
def test_statsmodels_says_the_same(tables):
    ours = mantel_haenszel(*people(tables))
    theirs = StratifiedTable([np.array([[a, b], [c, d]], dtype=float) for a, b, c, d in tables])
    assert ours.odds_ratio == pytest.approx(theirs.oddsratio_pooled)
    assert (ours.low, ours.high) == pytest.approx(theirs.oddsratio_pooled_confint())
    test = theirs.test_null_odds(correction=True)
    gap = abs(sum(a - (a + b) * (a + c) / (a + b + c + d) for a, b, c, d in tables))
    if gap >= 0.5:  # statsmodels lets the correction overshoot below
        assert ours.chi_square == pytest.approx(test.statistic, abs=1e-9)


@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=4))
def test_swapping_the_groups_turns_the_ratio_over(tables):
    right, focal, strata = people(tables)
    one = mantel_haenszel(right, focal, strata)
    other = mantel_haenszel(right, [1 - f for f in focal], strata)
    assert one.odds_ratio * other.odds_ratio == pytest.approx(1)
    assert one.delta == pytest.approx(-other.delta)
    assert (one.p_value, one.size) == pytest.approx((other.p_value, other.size))


def test_sizes_follow_the_rule_of_ets():
    assert mantel_haenszel(*people([(50, 50, 50, 50)] * 3)).size == "negligible"
    assert mantel_haenszel(*people([(500, 500, 380, 620)] * 3)).size == "moderate"
    assert mantel_haenszel(*people([(700, 300, 400, 600)] * 3)).size == "large"
    assert mantel_haenszel(*people([(3, 1, 1, 3)])).size == "negligible"  # big, and nothing shown


def test_a_difference_in_ability_is_no_difference_of_the_item():
    rng = np.random.default_rng(0)
    focal = rng.integers(0, 2, 20_000)
    ability = rng.normal(size=20_000) - 0.5 * focal
    right = rng.random(20_000) < 1 / (1 + np.exp(-1.2 * ability))
    found = mantel_haenszel(right, focal, by_ability(ability, 20))
    assert found.size == "negligible"
    assert found.low < 1 < found.high


def test_what_cannot_be_compared_is_refused():
    for tables in ([(5, 5, 0, 0)], [(5, 0, 5, 0)], []):
        with pytest.raises(InputError):
            mantel_haenszel(*people(tables))
    with pytest.raises(InputError):
        mantel_haenszel([0.5], [0], [0])
    with pytest.raises(InputError):
        by_ability([])
