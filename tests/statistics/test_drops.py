import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.drops import DropTest


def _after(scores, line=0.8, alpha=0.01):
    test = DropTest(alpha)
    for score in scores:
        test.update(float(score), line)
    return test


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.05, 0.95)), max_size=40))
def test_one_coin_is_shared_and_no_score_takes_more_than_there_is(history):
    test = DropTest()
    for score, line in history:
        test.update(score, line)
        assert test.evidence > 0
    # On the line itself nothing is won or lost.
    assert _after([0.8] * len(history)).evidence == pytest.approx(1.0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0]), max_size=6), st.floats(0.1, 0.9))
def test_the_mean_of_the_next_step_is_what_there_is(history, line):
    """With a chance of `line` to be right, the evidence is a martingale, exactly."""
    now = _after(history, line)
    right, wrong = _after([*history, 1.0], line), _after([*history, 0.0], line)
    mean = line * right.evidence + (1 - line) * wrong.evidence
    assert mean == pytest.approx(now.evidence, rel=1e-9)


def test_few_who_stay_at_the_line_are_ever_called_fallen():
    rng = np.random.default_rng(5)
    fallen = sum(_after(rng.random(250) < 0.8, alpha=0.1).fallen for _ in range(150))
    assert fallen <= 26  # 0.1 * 150 and three standard errors


def test_a_late_fall_is_seen_and_dated():
    rng = np.random.default_rng(1)
    scores = np.concatenate([rng.random(400) < 0.95, rng.random(60) < 0.5])
    test = _after(scores)
    assert test.fallen
    assert 376 <= test.since <= 430


def test_ten_misses_out_of_ten_are_enough():
    assert _after([0.0] * 10).fallen


@pytest.mark.parametrize(("score", "line"), [(1.1, 0.5), (-0.1, 0.5), (float("nan"), 0.5), (1, 1)])
def test_what_is_no_score_is_refused(score, line):
    with pytest.raises(InputError):
        DropTest().update(score, line)
