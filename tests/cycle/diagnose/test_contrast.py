"""Who fails more, skill by skill."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.stats import fisher_exact

from banbury.cycle.diagnose.contrast import fails_more, leaning

rows = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12)


@given(rows)
def test_in_one_skill_it_is_fishers_test(pairs):
    inside, failed = np.array(pairs, dtype=bool).T
    a, b = int((inside & failed).sum()), int((inside & ~failed).sum())
    c, d = int((~inside & failed).sum()), int((~inside & ~failed).sum())
    expected = fisher_exact([[a, b], [c, d]], alternative="greater").pvalue
    assert np.isclose(fails_more(inside, failed, np.zeros(len(pairs), int)), expected)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=6, max_size=6))
def test_over_two_skills_it_counts_every_way_to_fail(pairs):
    """Against all shuffles of who failed within each skill."""
    inside, failed = np.array(pairs, dtype=bool).T
    strata = np.array([0, 0, 0, 1, 1, 1])
    seen = int((inside & failed).sum())
    ways = [
        int((inside & np.array([*one, *two])).sum()) >= seen
        for one in itertools.permutations(failed[:3])
        for two in itertools.permutations(failed[3:])
    ]
    assert np.isclose(fails_more(inside, failed, strata), np.mean(ways))


def test_the_words_of_a_hard_skill_do_not_lean_to_failing():
    """Skill 0 fails always and says `hard`; in skill 1 those that say `odd` fail."""
    strata = np.repeat([0, 1], 20)
    odd = np.arange(40) % 4 == 0
    failed = (strata == 0) | odd
    present = csr_matrix(np.array([strata == 0, odd]).T.astype(float))
    hard, lean = leaning(present, failed, strata)
    assert hard == 0.0
    assert lean > 3
