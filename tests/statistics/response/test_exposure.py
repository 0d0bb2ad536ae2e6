import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.response.exposure import Counted, guarded, handicaps, prices, quarters
from banbury.statistics.response.simulation import bank, simulated
from banbury.statistics.response.stopping import Rule


@given(st.tuples(*[st.integers(1, 20)] * 4), st.integers(0, 2**32))
def test_quarters_share_no_item_hold_all_and_spread_the_kinds(counts, seed):
    kinds = [kind for kind, n in zip("abcd", counts, strict=True) for _ in range(n)]
    parts = quarters(kinds, seed)
    assert (parts.sum(axis=0) == 1).all()
    for kind in set(kinds):
        held = parts[:, [k == kind for k in kinds]].sum(axis=1)
        assert held.max() - held.min() <= 1
    assert (quarters(kinds, seed) == parts).all()


def test_an_item_is_in_the_first_quarter_of_one_interview_in_four():
    kinds = ["a"] * 9 + ["b"] * 5 + ["c"]
    share = np.mean([quarters(kinds, seed)[0] for seed in range(4000)], axis=0)
    assert share == pytest.approx(0.25, abs=0.03)


def test_fewer_items_than_parts_are_refused():
    with pytest.raises(InputError):
        quarters(["a"] * 3, 0)


def test_prices_keep_exposure_near_the_cap_at_little_cost():
    made, rule = bank(120, 4), Rule(error=0.45, most=40)
    people = np.random.default_rng(1).standard_normal(3000)
    free = simulated(made, people, rule, 2)
    price = prices(made, rule, people=400, rounds=20, seed=5)
    capped = simulated(made, people, rule, 2, handicap=handicaps(price, 6, 3000))
    assert free.exposure.max() == 1.0
    assert capped.exposure.max() < 0.4  # prices from so few people leave an error
    assert capped.count.mean() < free.count.mean() + 2
    assert (price >= 0).all()


def test_a_cap_that_no_bank_can_keep_is_refused():
    with pytest.raises(InputError, match="Write more items"):
        prices(bank(10, 0), Rule(least=5), cap=0.25)
    with pytest.raises(InputError, match="cap"):
        prices(bank(10, 0), Rule(), cap=1.5)


def test_prices_and_counts_keep_the_cap_exactly():
    made, rule = bank(120, 4), Rule(error=0.45, most=40)
    people = np.random.default_rng(1).standard_normal(1200)
    free = simulated(made, people, rule, 2)
    price = prices(made, rule, people=400, rounds=20, seed=5)
    held = guarded(made, people, rule, price, 3, at_once=1)
    assert held.exposure.max() <= 0.25
    assert held.count.mean() < free.count.mean() + 2
    assert (held.error <= 0.45).mean() > 0.99


@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.25, 0.5]))
def test_no_order_of_interviews_brings_an_item_above_the_cap(seed, cap):
    counted, rng = Counted(6, cap, start=20), np.random.default_rng(seed)
    for n in range(150):
        taken = counted.open() & (rng.random(6) < rng.random())
        counted.add(taken)
        assert (counted.given <= cap * max(n + 1, 20)).all()
    assert counted.exposure.max() <= cap


def test_counts_refuse_a_cap_under_which_nothing_may_come():
    for cap, start in ((0.0, 200), (1.5, 200), (0.25, 3)):
        with pytest.raises(InputError):
            Counted(4, cap, start)
