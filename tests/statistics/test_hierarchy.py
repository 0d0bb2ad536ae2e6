"""The hierarchy of Beta priors: a probability, and one that learns from the domain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from banbury.errors import InputError
from banbury.statistics.hierarchy import Hierarchy, domain

counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=4)


@given(counts, st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_the_chances_of_all_further_results_sum_to_one(seen, more):
    prior = Hierarchy(["a", "a", "b", "b"])
    s = np.array([p for p, _ in seen], dtype=float)
    n = s + [m for _, m in seen]
    before = prior.posterior(s, n)
    total = 0.0
    for passes in range(more + 1):
        step = np.array([passes, 0, 0, 0]), np.array([more, 0, 0, 0])
        log = before.log_chance(prior.posterior(s + step[0], n + step[1]))
        total += special.comb(more, passes) * np.exp(log[0])
        assert log[1:] == pytest.approx(0)
    assert total == pytest.approx(1)


@given(counts)
@settings(max_examples=40, deadline=None)
def test_chances_below_a_rate_rise_with_it_and_the_mean_lies_within(seen):
    s = np.array([p for p, _ in seen], dtype=float)
    posterior = Hierarchy(["a", "a", "b", "c"]).posterior(s, s + [m for _, m in seen])
    found = np.array([posterior.below(rate) for rate in (0.0, 0.2, 0.5, 0.9, 1.0)])
    assert np.all(np.diff(found, axis=0) >= -1e-12)
    assert found[0] == pytest.approx(0)
    assert found[-1] == pytest.approx(1)
    assert np.all((posterior.mean() > 0) & (posterior.mean() < 1))
    assert posterior.below(0.5, np.array([2, 0])) == pytest.approx(found[2][[2, 0]])


def test_a_skill_that_was_never_tried_is_guessed_from_its_domain():
    posterior = Hierarchy(["weak"] * 8 + ["strong"] * 8).posterior(
        [0] * 8 + [12] * 7 + [0], [12] * 7 + [0] + [12] * 7 + [0]
    )
    below = posterior.below(0.5)
    assert below[7] > 0.9
    assert below[15] < 0.1


def test_part_scores_are_taken_as_they_are():
    posterior = Hierarchy(["a", "b"]).posterior([0.5, 0], [1, 0])
    assert posterior.below(0.5)[0] == pytest.approx(0.5)


def test_a_domain_is_the_path_without_its_last_part():
    assert domain("office.email.queue") == "office.email"
    assert domain("reasoning.add") == "reasoning"
    assert domain("chess") == ""


@pytest.mark.parametrize(("passes", "n"), [([1], [1]), ([2, 0], [1, 1]), ([-1, 0], [1, 1])])
def test_counts_that_fit_no_skill_are_refused(passes, n):
    with pytest.raises(InputError):
        Hierarchy(["a", "b"]).posterior(passes, n)


def test_no_skills_are_refused():
    with pytest.raises(InputError):
        Hierarchy([])
