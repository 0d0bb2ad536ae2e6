from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.statistics.passk import mean_pass_at_k, pass_at_k


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(
    st.just(n), st.integers(0, n), st.integers(1, n))))  # fmt: skip
def test_is_the_share_of_subsets_with_a_pass(case):
    n, passes, k = case
    subsets = list(combinations([True] * passes + [False] * (n - passes), k))
    expected = sum(map(any, subsets)) / len(subsets)
    assert float(pass_at_k(n, passes, k)) == pytest.approx(expected)


def test_at_1_is_the_pass_rate_and_large_counts_hold():
    assert pass_at_k([200, 200], [0, 50], 1).tolist() == pytest.approx([0, 0.25])
    assert 0 < float(pass_at_k(100_000, 3, 100)) < 0.01


def test_mean_has_tasks_as_its_units():
    interval = mean_pass_at_k([10] * 8, [0, 0, 10, 10, 0, 10, 10, 0], 4)
    assert interval.estimate == pytest.approx(0.5)
    assert interval.n == 8
    assert interval.high - interval.low > 0.6
    together = mean_pass_at_k([10] * 8, [0, 0, 10, 10, 0, 10, 10, 0], 4, np.arange(8) // 2)
    assert together.estimate == interval.estimate


@pytest.mark.parametrize(
    ("n", "passes", "k"), [(5, 6, 1), (5, 1, 0), (5, 1, 6), ([5, 3], [1, 1], 4), (0, 0, 1)]
)
def test_refuses_bad_input(n, passes, k):
    with pytest.raises(InputError):
        pass_at_k(n, passes, k)
