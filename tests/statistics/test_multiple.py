import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from banbury.errors import InputError
from banbury.statistics.multiple import benjamini_hochberg, holm


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@pytest.mark.parametrize(("ours", "theirs"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_agrees_with_statsmodels(ours, theirs, p_values):
    expected = multipletests(p_values, method=theirs)[1]
    assert ours(p_values).tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_nothing_stays_nothing_and_bad_input_is_refused(adjust):
    assert adjust([]).shape == (0,)
    for wrong in ([1.1], [-0.1], [float("nan")], [[0.1]], 0.1, ["x"]):
        with pytest.raises(InputError):
            adjust(wrong)
