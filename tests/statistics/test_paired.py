import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from banbury.errors import InputError
from banbury.statistics.paired import (
    PairedDifference,
    drop_p_value,
    exact_drop_p_value,
    mcnemar,
    newcombe_bounds,
    non_inferiority,
    paired_bootstrap,
    paired_difference,
    tango_bounds,
    tango_score,
)


def vectors(both, gained, lost, neither):
    before = [1] * both + [0] * gained + [1] * lost + [0] * neither
    after = [1] * both + [1] * gained + [0] * lost + [0] * neither
    return before, after


tables = st.tuples(*[st.integers(0, 30)] * 4).filter(any)


def test_published_example_of_tango():
    """Airway hyper-responsiveness, (1, 1, 7, 12): Fagerland, Lydersen & Laake 2014."""
    low, high = tango_bounds(1, 7, 21)
    assert (float(low), float(high)) == pytest.approx((-0.517, -0.026), abs=5e-4)


def test_tango_where_nothing_changed_has_a_closed_form():
    low, high = tango_bounds(0, 0, 54)
    z2 = special.ndtri(0.975) ** 2
    assert float(high) == pytest.approx(z2 / (54 + z2))
    assert float(low) == pytest.approx(-z2 / (54 + z2))


def test_published_example_of_newcombe():
    """Newcombe 1998, table III row (36, 12, 2, 0), method 10: 0.0569 to 0.3404."""
    low, high = newcombe_bounds(36, 12, 2, 50)
    assert (float(low), float(high)) == pytest.approx((0.0569, 0.3404), abs=2e-4)


@given(tables)
def test_holds_the_difference_and_mirrors(table):
    ours = paired_difference(*vectors(*table))
    mirror = paired_difference(*vectors(*table)[::-1])
    assert -1 <= ours.low <= ours.difference + 1e-9
    assert ours.difference - 1e-9 <= ours.high <= 1
    assert (ours.low, ours.high) == pytest.approx((-mirror.high, -mirror.low), abs=1e-6)
    assert ours.difference == pytest.approx(ours.after - ours.before)
    assert ours.p_value == mirror.p_value


@given(tables)
def test_bounds_are_where_the_score_is_z(table):
    _, gained, lost, _ = (np.asarray(float(x)) for x in table)
    n = np.asarray(float(sum(table)))
    low, high = tango_bounds(gained, lost, n)
    for bound, z in ((low, 1.96), (high, -1.96)):
        if abs(bound) < 1 - 1e-6:
            assert float(tango_score(gained, lost, n, bound)) == pytest.approx(z, abs=2e-3)


def test_from_none_to_all_of_fifty():
    result = paired_difference([0] * 50, [1] * 50)
    assert result.difference == result.high == 1
    assert result.low > 0.8
    assert result.p_value == pytest.approx(2 * 0.5**50)


def test_one_pair_says_nearly_nothing():
    result = paired_difference([1], [1])
    assert result.low < -0.75
    assert result.high > 0.75


def test_is_json():
    result = paired_difference([0, 1, 1], [1, 1, 0])
    assert msgspec.json.decode(msgspec.json.encode(result), type=PairedDifference) == result


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_agrees_with_statsmodels(gained, lost):
    theirs = statsmodels_mcnemar([[5, gained], [lost, 5]], exact=True).pvalue
    assert mcnemar(gained, lost) == pytest.approx(theirs)


@given(st.integers(0, 30), st.integers(0, 30))
def test_drop_is_a_one_sided_binomial(gained, lost):
    if gained + lost:
        theirs = stats.binomtest(lost, gained + lost, 0.5, alternative="greater").pvalue
        assert drop_p_value(gained, lost) == pytest.approx(theirs)
    else:
        assert drop_p_value(gained, lost) == 1


def brute_force(gained, lost, n, margin):
    b, c = (x.ravel().astype(float) for x in np.mgrid[: n + 1, : n + 1])
    b, c = b[b + c <= n], c[b + c <= n]
    size, at = np.full(b.shape, float(n)), np.full(b.shape, -margin)
    score = tango_score(b, c, size, at)
    here = score[(b == gained) & (c == lost)]
    worst = 0.0
    for p in np.linspace(max(0, -margin), (1 - margin) / 2, 200):
        q, rest = p + margin, max(1 - 2 * p - margin, 0)
        mass = stats.multinomial.pmf(
            np.stack([b, c, n - b - c], axis=1), n, np.array([p, q, rest]) / (p + q + rest)
        )
        worst = max(worst, mass[score >= here - 1e-9].sum())
    return worst


@pytest.mark.parametrize(
    ("gained", "lost", "n", "margin"),
    [(1, 2, 20, 0.1), (0, 0, 30, 0.1), (5, 1, 12, 0.2), (3, 9, 15, 0.3), (0, 8, 8, 0.1),
     (8, 0, 8, 0.1), (3, 2, 12, -0.2), (0, 1, 1, 0.5)],
)  # fmt: skip
def test_exact_p_value_is_the_worst_sum_over_all_tables(gained, lost, n, margin):
    expected = min(1.0, brute_force(gained, lost, n, margin))
    assert exact_drop_p_value(gained, lost, n, margin) == pytest.approx(expected, abs=1e-9)


def test_an_unchanged_route_is_safe_from_29_pairs_on():
    few, enough = non_inferiority([1] * 28, [1] * 28, 0.1), non_inferiority([1] * 29, [1] * 29, 0.1)
    assert few.p_value > 0.05 >= enough.p_value
    assert few.low < -0.1 < enough.low
    # No test at 5 % can do better: a true drop of 10 points leaves 28 items alone as often.
    assert 0.9**28 > 0.05 > 0.9**29


@settings(max_examples=30, deadline=None)
@given(tables)
def test_p_value_and_bound_say_the_same(table):
    result = non_inferiority(*vectors(*table), margin=0.1)
    if abs(result.p_value - 0.05) > 1e-3:
        assert (result.p_value <= 0.05) == (result.low >= -0.1)
    assert result.low <= result.difference


def test_many_pairs_use_the_normal_law_and_agree_with_the_exact_one():
    exact, normal = (
        non_inferiority(*vectors(n // 2, n // 25, n // 20, n // 4), margin=0.05)
        for n in (1000, 1200)
    )
    assert (exact.method, normal.method) == ("exact-score", "score")
    assert normal.low == pytest.approx(exact.low, abs=0.003)


def test_bootstrap_is_seeded_and_covers_a_plain_shift():
    random = np.random.default_rng(5)
    families = np.repeat(np.arange(12), 5)
    before = random.uniform(0, 0.7, 60)
    after = before + 0.2 + random.normal(0, 0.02, 60)
    first, again = (paired_bootstrap(before, after, families, seed=1) for _ in range(2))
    assert first == again
    assert 0.18 < first.low < first.difference < first.high < 0.22
    assert first.p_value < 0.001


def test_bootstrap_of_families_is_wider_than_of_items():
    random = np.random.default_rng(6)
    shift = np.repeat(random.normal(0, 0.2, 10), 10)
    before = np.full(100, 0.5)
    after = np.clip(before + shift, 0, 1)
    clustered = paired_bootstrap(before, after, np.repeat(np.arange(10), 10))
    items = paired_bootstrap(before, after, np.arange(100))
    assert clustered.high - clustered.low > 2 * (items.high - items.low)


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.5), (0.0, 1.0), (1.0, 0.25)])
def test_identical_families_are_no_certainty(before, after):
    result = paired_bootstrap([before] * 20, [after] * 20, np.repeat(np.arange(10), 2))
    assert result.method == "identical-families"
    assert -1 <= result.low <= result.difference <= result.high <= 1
    assert result.high - result.low > 0.3


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: paired_difference([], []),
        lambda: paired_difference([1, 0], [1]),
        lambda: paired_difference([1, 0.5], [1, 0]),
        lambda: paired_difference([1, 0], [1, float("nan")]),
        lambda: paired_difference([[1, 0]], [[1, 0]]),
        lambda: paired_difference([1, 0], [1, 0], level=95),
        lambda: non_inferiority([1], [1], margin=0),
        lambda: non_inferiority([1], [1], margin=10),
        lambda: mcnemar(-1, 2),
        lambda: tango_bounds(3, 3, 5),
        lambda: newcombe_bounds(3, 1, 2, 5),
        lambda: paired_bootstrap([0.1, 0.2], [0.1, 0.2], [1, 1]),
        lambda: paired_bootstrap([0.1, 1.2], [0.1, 0.2], [1, 2]),
    ],
)
def test_refuses_bad_input(wrong):
    with pytest.raises(InputError):
        wrong()
