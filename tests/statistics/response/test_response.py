import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.response.ability import (
    bounds,
    estimate,
    moments,
    posterior,
    prior,
    share_above,
)
from banbury.statistics.response.choice import AdaptiveTest, Balance
from banbury.statistics.response.items import GRID, Items, items
from banbury.statistics.response.simulation import answers, bank, simulated
from banbury.statistics.response.stopping import Rule

slopes = st.floats(0.2, 4.0)
places = st.floats(-4.0, 4.0)
guesses = st.floats(0.0, 0.5)
one_item = st.tuples(slopes, places, guesses)
banks = st.lists(one_item, min_size=1, max_size=12).map(
    lambda rows: items(*zip(*rows, strict=True))
)


@given(one_item, st.floats(-4, 4), st.floats(0.01, 3))
def test_the_chance_rises_with_ability_between_guess_and_one(one, ability, more):
    low, high = items(*one).chance([ability, ability + more])[0]
    assert one[2] <= low <= high <= 1


@given(one_item, st.floats(-3, 3))
def test_information_is_the_slope_squared_over_the_variance(one, ability):
    step = 1e-4
    item = items(*one)
    below, at, above = item.chance([ability - step, ability, ability + step])[0]
    slope = (above - below) / (2 * step)
    assume(1e-9 < at < 1 - 1e-9)
    assert item.information([ability])[0, 0] == pytest.approx(
        slope**2 / (at * (1 - at)), rel=1e-3, abs=1e-7
    )


def test_information_of_a_2pl_item_peaks_at_its_difficulty_with_a_quarter_of_the_square():
    item = items(1.6, 0.5)
    assert item.information([0.5])[0, 0] == pytest.approx(1.6**2 / 4)
    assert GRID[item.information()[0].argmax()] == pytest.approx(0.5)


@given(banks, st.data())
def test_the_order_of_answers_does_not_matter_and_right_ones_raise_the_estimate(items_, data):
    n = items_.size
    right = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    order = data.draw(st.permutations(range(n)))
    whole = posterior(items_, range(n), right)
    again = posterior(items_, order, [right[i] for i in order])
    assert again == pytest.approx(whole)
    assert whole.sum() == pytest.approx(1)
    better = posterior(items_, range(n), [True, *right[1:]])
    worse = posterior(items_, range(n), [False, *right[1:]])
    assert estimate(better).mean > estimate(worse).mean


@given(banks, st.data())
def test_one_answer_after_the_other_is_all_at_once(items_, data):
    right = data.draw(st.lists(st.booleans(), min_size=items_.size, max_size=items_.size))
    test = AdaptiveTest(items_, Rule(error=0.0, most=items_.size))
    while (item := test.next()) is not None:
        test.answered(item, right[item])
    assert sorted(test.asked) == list(range(items_.size))
    assert test.weights == pytest.approx(posterior(items_, range(items_.size), right), abs=1e-12)


@given(banks, st.integers(0, 2**32))
def test_on_average_an_answer_leaves_the_mean_where_it_was_and_narrows_the_rest(items_, seed):
    """The law of total expectation and of total variance, over one item's two answers."""
    before = prior(*np.random.default_rng(seed).uniform([-1, 0.4], [1, 1.2]))
    p = float(items_.chance()[0] @ before)
    parts = [estimate(posterior(items_, [0], [x], before)) for x in (True, False)]
    held = estimate(before)
    assert p * parts[0].mean + (1 - p) * parts[1].mean == pytest.approx(held.mean, abs=1e-6)
    spread = p * parts[0].error ** 2 + (1 - p) * parts[1].error ** 2
    assert spread <= held.error**2 + 1e-9


def test_the_prior_has_the_moments_that_it_names():
    mean, error = moments(prior(0.3, 0.8))
    assert (float(mean), float(error)) == pytest.approx((0.3, 0.8), abs=1e-5)


def test_bounds_and_share_above_are_those_of_the_normal():
    assert bounds(prior()) == pytest.approx((-1.96, 1.96), abs=0.01)
    assert share_above(prior(), 1.0) == pytest.approx(0.1587, abs=1e-3)
    assert share_above(prior(), -9.0) == pytest.approx(1.0)
    assert share_above(prior(), 9.0) == 0.0


@pytest.mark.parametrize(
    "bad",
    [(0.0, 1.0), (-1.0, 0.0), (1.0, np.nan), ([1.0, 2.0], [0.0] * 3), (1.0, 0.0, 1.0), ([], [])],
)
def test_items_that_cannot_be_are_refused(bad):
    with pytest.raises(InputError):
        items(*bad)


def test_answers_that_cannot_be_are_refused():
    two = items([1.0, 1.0], [0.0, 1.0])
    for asked, right in [([2], [1]), ([-1], [1]), ([0], [0.5]), ([0, 1], [1]), ([0], [np.nan])]:
        with pytest.raises(InputError):
            posterior(two, asked, right)
    with pytest.raises(InputError):
        prior(0.0, 0.0)


def test_the_first_item_is_the_one_that_tells_most_and_none_comes_twice():
    three = items([0.5, 2.0, 1.0], [0.0, 0.0, 0.0])
    test = AdaptiveTest(three, Rule(error=0.0, most=3))
    assert test.next() == 1
    assert test.next() == 1
    test.answered(1, True)
    with pytest.raises(InputError, match="not open"):
        test.answered(1, True)
    assert test.next() == 2


def test_an_interview_stops_for_each_of_its_reasons():
    many = bank(50, 0)
    sure = AdaptiveTest(many, Rule(error=0.9, least=2))
    for _ in range(2):
        sure.answered(sure.next(), True)
    assert (sure.next(), sure.stopped) == (None, "sure")
    late = AdaptiveTest(many, Rule(seconds=1200))
    assert late.next(1199.9) is not None
    assert (late.next(1200.0), late.stopped) == (None, "time")
    short = AdaptiveTest(many, Rule(error=0.0, most=1))
    short.answered(short.next(), False)
    assert (short.next(), short.stopped) == (None, "items")
    few = AdaptiveTest(many, Rule(), eligible=np.zeros(50, dtype=bool))
    assert (few.next(), few.stopped) == (None, "none left")


@pytest.mark.parametrize(
    "bad",
    [
        {"error": -1.0},
        {"error": float("nan")},
        {"seconds": 0},
        {"least": 3, "most": 2},
        {"most": 0},
    ],
)
def test_rules_that_no_interview_can_follow_are_refused(bad):
    with pytest.raises(InputError):
        Rule(**bad)


@given(st.lists(st.sampled_from("abc"), min_size=6, max_size=30), st.integers(0, 99))
def test_kinds_come_in_their_shares_while_there_are_any(kinds, seed):
    rng = np.random.default_rng(seed)
    n = len(kinds)
    test = AdaptiveTest(
        Items(rng.uniform(0.5, 2, n), rng.normal(size=n), np.zeros(n)),
        Rule(error=0.0, most=n),
        balance=Balance(kinds),
    )
    got = []
    while (item := test.next()) is not None:
        got.append(kinds[item])
        test.answered(item, bool(rng.random() < 0.5))
        for kind in set(kinds):
            due = kinds.count(kind) / n * len(got)
            assert abs(got.count(kind) - due) < 2
    assert sorted(got) == sorted(kinds)


def test_a_balance_without_a_share_for_a_kind_is_refused():
    with pytest.raises(InputError, match="shares"):
        Balance(["a", "b"], {"a": 1.0})


def test_a_simulated_interview_is_the_adaptive_test_played_through():
    made, rule = bank(40, 3), Rule(error=0.45, most=20)
    balance = Balance(["x"] * 20 + ["y"] * 20)
    found = simulated(made, np.array([0.7]), rule, 5, balance=balance)
    right = np.random.default_rng(5).random((1, 40)) < made.chance([0.7]).T
    test = AdaptiveTest(made, rule, balance=balance)
    while (item := test.next()) is not None:
        test.answered(item, bool(right[0, item]))
    assert set(np.flatnonzero(found.given[0])) == set(test.asked)
    assert float(found.mean[0]) == pytest.approx(test.estimate.mean)


def test_adaptive_interviews_need_half_of_what_random_ones_need_and_say_their_error():
    made = bank(150, 1)
    people = np.random.default_rng(2).standard_normal(800)
    rule = Rule(error=0.45, most=60)
    adaptive = simulated(made, people, rule, 3)
    random = simulated(made, people, rule, 3, adaptive=False)
    assert adaptive.count.mean() < random.count.mean() / 2
    gap = np.sqrt(np.mean((adaptive.mean - people) ** 2))
    assert gap == pytest.approx(np.sqrt(np.mean(adaptive.error**2)), rel=0.12)


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 99))
def test_simulated_answers_are_as_likely_as_they_should_be(n, seed):
    made = bank(n, seed)
    got = answers(made, np.zeros(4000), seed).mean(axis=0)
    assert got == pytest.approx(made.chance([0.0])[:, 0], abs=0.05)
