import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.people.ability.belief import (
    DAY_NS,
    Belief,
    Counted,
    Measured,
    belief,
    unshrunk,
)
from banbury.people.ability.tries import evidence, next_try
from banbury.statistics.response.ability import Estimate

NOW = 1_800_000_000 * 10**9

ages = st.integers(0, 2000).map(lambda days: NOW - days * DAY_NS)
measured = st.builds(
    Measured, st.sampled_from(["interview", "outcome"]), st.floats(-2, 2), st.floats(0.2, 1.5), ages
)
counted = st.integers(1, 40).flatmap(
    lambda n: st.builds(
        Counted,
        st.sampled_from(["gold", "reviews", "agreement"]),
        st.integers(0, n),
        st.just(n),
        ages,
    )
)
evidences = st.lists(st.one_of(measured, counted), max_size=6)


def test_without_evidence_there_is_the_prior():
    held = belief([], NOW)
    assert (held.mean, held.error) == pytest.approx((0.0, 1.0), abs=1e-3)
    assert held.sources == ()


def test_an_interview_alone_is_its_own_estimate():
    held = belief([Measured("interview", *unshrunk(0.8, 0.4), NOW)], NOW)
    assert (held.mean, held.error) == pytest.approx((0.8, 0.4), abs=1e-3)
    assert held.sources[0].share == 1.0


@given(evidences)
def test_shares_sum_to_one_and_the_mean_lies_within_its_interval(given_):
    held = belief(given_, NOW)
    assert held.low <= held.mean <= held.high
    assert sum(w.share for w in held.sources) == pytest.approx(1.0 if given_ else 0.0)
    assert sum(w.entries for w in held.sources) == len(given_)
    assert msgspec.json.decode(msgspec.json.encode(held), type=Belief) == held


@given(evidences)
def test_everything_fades_into_the_prior(given_):
    late = belief(given_, NOW + 40 * 365 * DAY_NS)
    assert (late.mean, late.error) == pytest.approx((0.0, 1.0), abs=0.01)


@given(st.floats(-2, 2), st.floats(0.2, 1.0), st.integers(1, 1000))
def test_one_piece_of_evidence_moves_the_belief_less_the_older_it_is(mean, error, days):
    fresh = belief([Measured("interview", mean, error, NOW)], NOW)
    old = belief([Measured("interview", mean, error, NOW - days * DAY_NS)], NOW)
    assert abs(old.mean) <= abs(fresh.mean) + 1e-9
    assert old.error >= fresh.error - 1e-9


@given(st.integers(1, 50), st.data())
def test_one_more_good_piece_of_work_never_lowers_the_belief(n, data):
    good = data.draw(st.integers(0, n - 1))
    less = belief([Counted("gold", good, n, NOW)], NOW)
    more = belief([Counted("gold", good + 1, n, NOW)], NOW)
    assert more.mean > less.mean


def test_each_source_says_what_the_belief_would_be_without_it():
    both = [Measured("interview", 1.0, 0.4, NOW), Counted("gold", 2, 20, NOW)]
    held = belief(both, NOW)
    without = {w.source: w.without for w in held.sources}
    assert without["gold"] > held.mean > without["interview"]


def test_speed_and_price_are_no_evidence():
    for source in ("speed", "price", "seconds"):
        with pytest.raises(InputError, match="no source"):
            belief([Measured(source, 0.0, 1.0, NOW)], NOW)
    fields = {*Measured.__struct_fields__, *Counted.__struct_fields__}
    assert fields == {"source", "mean", "error", "at_ns", "of", "good", "n", "slope", "level"}


@pytest.mark.parametrize(
    "bad",
    [
        Measured("interview", float("nan"), 1.0, NOW),
        Measured("interview", 0.0, 0.0, NOW),
        Measured("interview", 0.0, 1.0, NOW + 1),
        Counted("gold", 3, 2, NOW),
        Counted("gold", 0, 0, NOW),
        Counted("gold", 1, 2, NOW, slope=-1.0),
    ],
)
def test_evidence_that_cannot_be_is_refused(bad):
    with pytest.raises(InputError):
        belief([bad], NOW)
    with pytest.raises(InputError):
        unshrunk(0.0, 1.0)


def test_there_are_three_tries_and_all_that_were_made_count():
    assert [next_try(done) for done in range(3)] == [1, 2, 3]
    with pytest.raises(InputError, match="Appeal"):
        next_try(3)
    lucky, other = (Estimate(1.2, 0.5), NOW, "e1"), (Estimate(-0.2, 0.5), NOW, "e2")
    one, two = belief(evidence([lucky]), NOW), belief(evidence([lucky, other]), NOW)
    assert two.mean < one.mean
    assert two.error < one.error
    with pytest.raises(InputError):
        evidence([lucky] * 4)
