"""The walk over difficulties: to the band, by few rollouts, and honest where there is none."""

import numpy as np
import pytest

from banbury.errors import InputError
from banbury.statistics.difficulty import Walk


def walked(rates, seed=0, **kw):
    random = np.random.default_rng(seed)
    walk = Walk(len(rates), **kw)
    while step := walk.next():
        index, count = step
        walk.update(int(random.binomial(count, rates[index])), count)
    return walk


def standings(walk):
    return {t.index: t.standing for t in walk.tried}


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ([1.0, 1.0, 0.5, 0.0, 0.0], 2),
        ([1.0, 0.5, 0.0, 0.0, 0.0], 1),
        ([1.0, 1.0, 1.0, 1.0, 0.5], 4),
        ([0.5, 0.0, 0.0, 0.0, 0.0], 0),
    ],
)
def test_it_ends_where_some_pass_and_some_fail(rates, chosen):
    walk = walked(rates)
    assert walk.chosen == chosen
    assert standings(walk)[chosen] == "within"
    assert len(walk.tried) <= 3
    assert walk.ordered


def test_where_all_is_too_hard_the_easiest_is_taken_and_likewise_the_hardest():
    hard, easy = walked([0.0, 0.0, 0.0]), walked([1.0, 1.0, 1.0])
    assert (hard.chosen, standings(hard)) == (0, {0: "too hard", 1: "too hard", 2: "unsure"})
    assert (easy.chosen, standings(easy)[2]) == (2, "too easy")


def test_one_setting_needs_no_rollout():
    walk = Walk(1)
    assert walk.next() is None
    assert (walk.chosen, walk.tried, walk.ordered) == (0, [], True)


def test_settings_out_of_order_are_all_tried_and_named():
    walk = walked([0.0, 0.0, 0.75])
    assert (walk.chosen, walk.ordered) == (2, False)
    assert standings(walk) == {0: "too hard", 1: "too hard", 2: "within"}
    assert [t.n for t in walked([0.0, 0.0, 0.0]).tried] == [24, 24, 6]
    assert walked([1.0, 1.0, 1.0]).ordered


def test_a_shown_place_is_seldom_wrong():
    """A rate at twice the lower end is called too hard at most alpha of the time; here 100 runs."""
    wrong = sum(
        standings(walked([0.2, 0.2], seed, alpha=0.1))[0] == "too hard" for seed in range(100)
    )
    assert wrong <= 10 + 3 * np.sqrt(100 * 0.1 * 0.9)


def test_failed_batches_count_nowhere_and_end_the_walk():
    walk = Walk(2)
    walk.update(0, 0, asked=6)
    assert walk.next() is None
    assert walk.tried[0].n == 0
    assert walk.chosen == 0
    with pytest.raises(InputError):
        walk.update(1, 1)


@pytest.mark.parametrize(
    "bad", [{"settings": 0}, {"batch": 0}, {"batch": 40}, {"alpha": 0.0}, {"band": (0.6, 0.9)}]
)
def test_a_walk_that_cannot_be_is_refused(bad):
    with pytest.raises(InputError):
        Walk(**{"settings": 3, **bad})
