import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from banbury.errors import InputError
from banbury.statistics.intervals import clopper_pearson
from banbury.statistics.sequences import (
    BernoulliSequence,
    BernoulliSequences,
    BettingSequence,
    bernoulli_bounds,
    decided,
    shared_alpha,
)

batches = st.lists(
    st.integers(0, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=12
)


@given(batches)
def test_only_closes_in_and_keeps_the_count(history):
    sequence = BernoulliSequence()
    for passes, n in history:
        low, high = sequence.low, sequence.high
        sequence.update(passes, n)
        assert low <= sequence.low
        assert sequence.high <= high
    assert sequence.n == sum(n for _, n in history)


@given(batches)
def test_many_skills_at_once_are_each_alone(history):
    many = BernoulliSequences(3, alpha=0.15)
    alone = BernoulliSequence(alpha=0.05)
    for passes, n in history:
        many.update([passes, n - passes, 0], [n, n, 0])
        alone.update(passes, n)
    assert many.low[0] == pytest.approx(alone.low)
    assert many.high[1] == pytest.approx(1 - alone.low)
    assert (many.low[2], many.high[2]) == (0, 1)
    assert many.decided(0.5)[0] == alone.decided(0.5)


def test_bounds_are_where_the_mixture_reaches_one_over_alpha():
    """The likelihood ratio with the mixture integrated by quadrature instead."""
    low, high = bernoulli_bounds(9, 30, alpha=0.05)
    for p in (float(low), float(high)):
        ratio = integrate.quad(
            lambda q, p=p: (
                (q / p) ** 9 * ((1 - q) / (1 - p)) ** 21 / (np.pi * np.sqrt(q * (1 - q)))
            ),
            0,
            1,
        )[0]
        assert ratio == pytest.approx(20, rel=1e-4)


def test_chance_of_ever_missing_by_exact_enumeration():
    """Looked at after each of 200 rollouts, all paths summed: at most alpha ever miss."""
    horizon, alpha = 200, 0.05
    for p in (0.02, 0.3, 0.5):
        alive = np.zeros(horizon + 2)
        alive[0] = 1.0
        for n in range(1, horizon + 1):
            alive[1 : n + 1] = alive[1 : n + 1] * (1 - p) + alive[:n] * p
            alive[0] *= 1 - p
            low, high = bernoulli_bounds(np.arange(n + 1), n, alpha)
            alive[: n + 1] *= (low <= p) & (p <= high)
        assert 0 < 1 - alive.sum() <= alpha


def test_is_wider_than_an_interval_looked_at_once():
    sequence = BernoulliSequence()
    sequence.update(30, 100)
    once = clopper_pearson(30, 100)
    assert sequence.low < once.low < once.high < sequence.high


def test_failing_all_of_sixteen_is_below_a_third():
    sequence = BernoulliSequence()
    assert sequence.decided(0.3) == "undecided"
    for _ in range(2):
        sequence.update(0, 8)
    assert sequence.decided(0.3) == "below"
    interval = sequence.interval()
    assert (interval.estimate, interval.n, interval.low) == (0.0, 16, 0.0)


def test_decided_is_strict():
    assert decided(0.3, 0.1, 0.3) == "undecided"
    assert decided(0.3, 0.3, 0.5) == "undecided"
    assert decided(0.3, 0.31, 0.5) == "above"
    assert decided(0.3, 0.1, 0.29) == "below"


def test_family_level_is_shared():
    assert shared_alpha(0.05, 20) == pytest.approx(0.0025)
    assert BernoulliSequences(20).alpha == pytest.approx(0.0025)
    assert BernoulliSequences(20, family=False).alpha == 0.05


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(0, 60))
def test_betting_does_not_depend_on_the_batches(scores, cut):
    whole, parts = BettingSequence(grid=50), BettingSequence(grid=50)
    whole.update(scores)
    for part in (scores[:cut], scores[cut:]):
        if part:
            parts.update(part)
    assert (whole.low, whole.high, whole.n) == (parts.low, parts.high, parts.n)
    assert 0 <= whole.low <= whole.high <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_betting_mirrors(scores):
    ours, mirror = BettingSequence(grid=50), BettingSequence(grid=50)
    ours.update(scores)
    mirror.update([1 - score for score in scores])
    # Rounding of 1 - score may move a bound by one point of the grid.
    assert ours.low == pytest.approx(1 - mirror.high, abs=0.0201)


def test_betting_finds_a_steady_mean_faster_than_the_bernoulli_worst_case():
    random = np.random.default_rng(3)
    betting, bernoulli = BettingSequence(), BernoulliSequence()
    betting.update(random.beta(40, 40, 100))
    bernoulli.update(50, 100)
    assert betting.low < 0.5 < betting.high
    assert betting.high - betting.low < (bernoulli.high - bernoulli.low) / 2


def test_betting_capital_by_hand():
    """One score: a stake of sqrt(2 ln 40 / (1/4 ln 2)) capped at 1/2 of the odds."""
    sequence = BettingSequence(grid=4)
    sequence.update([1.0])
    assert sequence._rises.tolist()[1:] == pytest.approx(
        [np.log(1 + 0.5 / m * (1 - m)) for m in (0.25, 0.5, 0.75, 1.0)]
    )
    assert (sequence.low, sequence.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: BernoulliSequence(0),
        lambda: BernoulliSequence().update(3, 2),
        lambda: BernoulliSequence().update(-1, 2),
        lambda: BernoulliSequence().interval(),
        lambda: BernoulliSequences(0),
        lambda: BernoulliSequences(2).update([1], [2]),
        lambda: BernoulliSequences(2).update([1, 1, 1], [2, 2, 2]),
        lambda: BettingSequence().update([1.2]),
        lambda: BettingSequence().update([float("nan")]),
        lambda: BettingSequence(grid=1),
        lambda: BettingSequence().interval(),
    ],
)
def test_refuses_bad_input(wrong):
    with pytest.raises(InputError):
        wrong()
