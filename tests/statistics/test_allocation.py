"""Allocation: its error is bounded whatever the prior, and it spends what it may."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.allocation import Allocation, Rule


def play(rule, rates, seed=0, domains=None):
    random = np.random.default_rng(seed)
    state = Allocation(domains or ["d"] * len(rates), rule)
    while (wanted := state.next()).any():
        state.update(random.binomial(wanted, rates), wanted)
    return state


def test_clear_skills_are_dropped_and_only_the_others_go_on():
    state = play(Rule(), [0.0, 1.0, 0.5], domains=["a", "b", "c"])
    assert state.decisions == ["below", "above", "undecided"]
    assert state.n.tolist() == [12, 12, 24]


@pytest.mark.parametrize("domains", [["d"] * 10, [f"d{i}" for i in range(10)]])
def test_gross_errors_stay_below_alpha_where_the_prior_is_wrong(domains):
    """Rates at the edges of the zone, in no order, at alpha 0.2: 120 runs, three sigma allowed."""
    rule = Rule(threshold=0.3, zone=0.1, alpha=0.2, batch=4, most=100)
    wrong = 0
    for seed in range(120):
        rates = np.where(np.random.default_rng(seed).random(10) < 0.5, 0.2, 0.4)
        calls = play(rule, rates, seed + 1000, domains).decisions
        pairs = zip(calls, rates, strict=True)
        wrong += any((c == "below") != (r < 0.3) for c, r in pairs if c != "undecided")
    assert wrong <= 0.2 * 120 + 3 * np.sqrt(120 * 0.2 * 0.8)


def test_a_weak_skill_among_strong_ones_is_still_found():
    state = play(Rule(most=60), [0.95] * 15 + [0.1], seed=3)
    assert state.decisions[-1] == "below"
    assert "below" not in state.decisions[:-1]


@given(st.integers(1, 9), st.integers(1, 300), st.integers(1, 8), st.booleans(), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_budget_is_never_exceeded_nor_a_skill_overdrawn(skills, budget, batch, uniform, seed):
    rates = np.random.default_rng(seed).random(skills)
    state = play(Rule(batch=batch, most=20, budget=budget, uniform=uniform), rates, seed)
    assert state.asked.sum() <= budget
    assert state.asked.max(initial=0) <= 20
    if uniform:
        assert np.ptp(state.asked) == 0
    elif "undecided" in [d for d, n in zip(state.decisions, state.asked, strict=True) if n < 20]:
        assert state.asked.sum() == budget


def test_a_budget_goes_where_the_side_is_least_certain():
    state = play(Rule(budget=160, most=100), [0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0])
    clear, unclear = state.asked[[0, 1, 4, 5, 6, 7]], state.asked[2:4]
    assert unclear.min() > clear.max()


def test_uniform_gives_the_same_to_each_until_all_are_decided():
    state = play(Rule(uniform=True), [0.0, 1.0, 0.0], domains=["a", "b", "a"])
    assert state.n.tolist() == [12, 12, 12]
    assert play(Rule(uniform=True), [0.0, 0.5, 1.0]).n.tolist() == [24, 24, 24]


def test_a_skill_in_the_middle_of_the_zone_is_left_alone_early():
    rule = Rule(threshold=0.3, zone=0.1, batch=4, most=200)
    state = play(rule, [0.3] * 4 + [0.9] * 4)
    assert state.decisions[:4].count("undecided") >= 2
    assert state.n.max() < 200


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 4)), min_size=3, max_size=12))
@settings(max_examples=60, deadline=None)
def test_calls_agree_with_the_bounds_and_stand(rounds):
    state = Allocation(["a", "a", "b"], Rule(zone=0.1, alpha=0.5, most=1000))
    before = state.decisions
    for share, n in rounds:
        state.update([share * n, 0, n], [n, n, n])
        low, high = state.bounds()
        for i, call in enumerate(state.decisions):
            assert before[i] in ("undecided", call)
            assert call != "below" or high[i] <= 0.6 + 1e-9
            assert call != "above" or low[i] >= 0.4 - 1e-9
        assert np.all(low <= high)
        before = state.decisions


def test_the_same_results_ask_for_the_same():
    rule, rates = Rule(budget=120), [0.1, 0.4, 0.5, 0.6, 0.9]
    one, two = (play(rule, rates, seed=5) for _ in range(2))
    assert one.asked.tolist() == two.asked.tolist()
    assert np.array_equal(one.bounds(), two.bounds())


def test_a_skill_whose_whole_round_failed_is_left_alone():
    state = Allocation(["a", "a"], Rule())
    state.update([0, 0], [0, 6], asked=[6, 6])
    assert state.next().tolist() == [0, 6]
    assert state.n.tolist() == [0, 6]
    assert state.asked.tolist() == [6, 6]


def test_before_anything_was_tried_nothing_is_known():
    low, high = Allocation(["a", "b"], Rule()).bounds()
    assert (low.tolist(), high.tolist()) == ([0, 0], [1, 1])


@pytest.mark.parametrize(
    "bad",
    [
        {"threshold": 0.0},
        {"threshold": 0.1, "zone": 0.1},
        {"zone": -0.1},
        {"alpha": 1.0},
        {"batch": 0},
        {"batch": 25},
        {"budget": 0},
    ],
)
def test_numbers_that_decide_nothing_are_refused(bad):
    with pytest.raises(InputError):
        Allocation(["a"], Rule(**bad))
