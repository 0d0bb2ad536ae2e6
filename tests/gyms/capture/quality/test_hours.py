"""Which time counts, and that every other second has a reason."""

import itertools
from types import SimpleNamespace as Plain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import InputError
from banbury.gyms.capture.brief import Brief
from banbury.gyms.capture.quality import Fault, Quality, hours
from banbury.gyms.capture.quality.hours import RESTING, SHORT, TIRED, UNMARKED

BRIEF = Brief(trade="painter", action="roll a wall")


def fault(start, end, kind="blur", said="The picture is blurred.", loses=True):
    return Fault(start, end, kind, 2.0, loses, said)


def quality(seconds, *faults):
    return Quality(seconds, (), tuple(faults), "")


def piece(start, end, offset=0.0, ppm=0.0):
    return Plain(start_s=start, end_s=end, offset_s=offset, drift_ppm=ppm)


def pairing(*pieces, verdict="synchronized", reasons=()):
    return Plain(verdict=verdict, pieces=pieces, reasons=reasons)


def group(pairs, clocks):
    return Plain(pairs=pairs, clocks=[Plain(pieces=c) for c in clocks])


def two(seconds, offset=0.0, ppm=0.0):
    span = piece(0.0, seconds, offset, ppm)
    return group({(0, 1): pairing(span)}, [[piece(0.0, seconds)], [span]])


def told(found, who):
    return {(round(x.start_s, 3), round(x.end_s, 3)): x.reason for x in found.lost if x.who == who}


def test_a_fault_of_one_view_takes_the_time_from_both_and_says_whose_it_is():
    found = hours(two(600.0), [quality(600.0, fault(100.0, 130.0)), quality(600.0)], BRIEF)
    assert found.good_s == pytest.approx(570.0)
    assert told(found, 0) == {(100.0, 130.0): "blur: the picture is blurred"}
    assert told(found, 1) == {(100.0, 130.0): "view 1: blur: the picture is blurred"}
    assert found.by_person[1].lost == {"view 1: blur: the picture is blurred": pytest.approx(30.0)}


def test_an_offset_moves_the_fault_to_the_other_clock():
    # b's clock is 50 s ahead: b shows 100 s where a shows 50 s.
    group_ = two(600.0, offset=50.0)
    found = hours(group_, [quality(600.0), quality(600.0, fault(100.0, 130.0))], BRIEF)
    assert told(found, 0)[(50.0, 80.0)] == "view 2: blur: the picture is blurred"
    assert told(found, 0)[(550.0, 600.0)].startswith("no other view")
    assert told(found, 1)[(0.0, 50.0)].startswith("no other view")
    assert found.good_s == pytest.approx(520.0)


def test_what_is_only_to_be_known_counts_unless_the_brief_asks():
    spoken = fault(0.0, 600.0, "speech", "Somebody speaks.", loses=False)
    qualities = [quality(600.0, spoken), quality(600.0)]
    assert hours(two(600.0), qualities, BRIEF).good_s == pytest.approx(600.0)
    assert hours(two(600.0), qualities, BRIEF, also={"speech"}).good_s == 0.0


def test_views_that_are_not_synchronized_count_nothing_and_say_why():
    refused = pairing(verdict="refused", reasons=("the sounds have nothing in common",))
    found = hours(group({(0, 1): refused}, [[], []]), [quality(60.0), quality(60.0)], BRIEF)
    assert found.good_s == 0.0
    assert told(found, 1) == {(0.0, 60.0): "not synchronized: the sounds have nothing in common"}


def test_only_time_between_the_marks_counts_and_no_break():
    marks = [[(1000.0, 1600.0)], [(1000.0, 1600.0)]]
    breaks = [[(1200.0, 1300.0)], []]
    qualities = [quality(700.0), quality(700.0)]
    found = hours(two(700.0), qualities, BRIEF, marks, breaks, anchors=[950.0, None])
    assert found.placed == ((950.0, 1650.0), (950.0, 1650.0))
    assert found.good_s == pytest.approx(500.0)
    assert told(found, 0) == {
        (0.0, 50.0): UNMARKED,
        (250.0, 350.0): RESTING,
        (650.0, 700.0): UNMARKED,
    }


def test_without_a_clock_code_marks_and_footage_are_laid_where_they_agree_best():
    marks = [[(1000.0, 1600.0)], [(1010.0, 1590.0)]]
    found = hours(two(600.0), [quality(600.0), quality(600.0)], BRIEF, marks)
    assert found.placed[0] == (1000.0, 1600.0)
    assert found.good_s == pytest.approx(580.0)


def test_marks_that_another_recording_fills_are_not_counted_twice():
    marks = [[(0.0, 600.0), (5000.0, 5600.0)]] * 2
    qualities = [quality(600.0), quality(600.0)]
    first = hours(two(600.0), qualities, BRIEF, marks)
    taken = [[p] for p in first.placed]
    second = hours(two(600.0), qualities, BRIEF, marks, taken=taken)
    assert [first.placed[0], second.placed[0]] == [(0.0, 600.0), (5000.0, 5600.0)]
    assert second.good_s == pytest.approx(600.0)


def test_footage_beyond_five_hours_in_seven_does_not_count():
    hour = 3600.0
    for apart, counts in ((1.5, 1.0), (1.25, 0.0)):
        takes = [(n * apart * hour, n * apart * hour + hour) for n in range(6)]
        # One recording of the sixth hour; the five before were filmed for other tasks.
        marks, qualities = [[takes[5]], [takes[5]]], [quality(hour), quality(hour)]
        assert hours(two(hour), qualities, BRIEF, marks).good_s == pytest.approx(hour)
        found = hours(two(hour), qualities, BRIEF, marks, before=[takes[:5], []])
        assert found.good_s == pytest.approx(counts * hour)
        assert found.by_person[0].lost.get(TIRED, 0.0) == pytest.approx((1 - counts) * hour)
        assert bool(counts) == (f"view 1: {TIRED}" not in found.by_person[1].lost)


def test_three_views_make_three_pairs():
    span = piece(0.0, 100.0)
    pairs = {p: pairing(span) for p in ((0, 1), (0, 2), (1, 2))}
    three = group(pairs, [[span]] * 3)
    found = hours(three, [quality(100.0), quality(100.0, fault(0.0, 40.0)), quality(100.0)], BRIEF)
    assert found.by_pair == ((0, 1, 60.0), (0, 2, 100.0), (1, 2, 60.0))
    assert found.good_s == pytest.approx(220.0)
    assert [p.good_s for p in found.by_person] == pytest.approx([100.0, 60.0, 100.0])


def test_footage_that_nobody_can_use_for_being_short_says_so():
    faults = [fault(n, n + 1.0) for n in (0.0, 3.0)]
    found = hours(two(60.0), [quality(60.0, *faults), quality(60.0)], BRIEF)
    assert told(found, 0)[(1.0, 3.0)] == SHORT


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="do not belong together"):
        hours(two(60.0), [quality(60.0), quality(60.0)], BRIEF, [[(0.0, 60.0)]])


_times = st.floats(0, 900, allow_nan=False)
_spans = st.tuples(_times, _times)
_faults = st.lists(_spans.map(lambda p: fault(min(p), max(p) + 0.01)), max_size=6)
_marks = st.lists(_spans.map(lambda p: (min(p), max(p) + 1.0)), max_size=3)


@settings(max_examples=80, deadline=None)
@given(
    faults=st.tuples(_faults, _faults),
    marks=st.tuples(_marks, _marks),
    offset=st.floats(-400, 400),
    ppm=st.floats(-100, 100),
)
def test_every_second_is_good_or_lost_for_one_reason(faults, marks, offset, ppm):
    lengths = (800.0, 700.0)
    qualities = [quality(n, *f) for n, f in zip(lengths, faults, strict=True)]
    found = hours(two(800.0, offset, ppm), qualities, BRIEF, marks)
    for who, length in enumerate(lengths):
        parts = [(x.start_s, x.end_s) for x in found.lost if x.who == who] + [*found.good[who]]
        parts.sort()
        assert sum(b - a for a, b in parts) == pytest.approx(length, abs=1e-6)
        assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(parts))
        person = found.by_person[who]
        assert person.good_s + sum(person.lost.values()) == pytest.approx(length, abs=1e-6)
    assert found.good_s == pytest.approx(found.by_person[0].good_s, abs=1e-6)
