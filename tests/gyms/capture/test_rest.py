import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.gyms.capture import rest
from banbury.gyms.capture.brief import Rest

H = 3600.0
RULES = Rest()
LONG = Rest(stretch_s=24 * H)


@st.composite
def days(draw):
    """Return takes in order, in whole minutes."""
    takes, at = [], 0.0
    for _ in range(draw(st.integers(0, 8))):
        at += 60.0 * draw(st.integers(0, 200))
        end = at + 60.0 * draw(st.integers(1, 300))
        takes.append((at, end))
        at = end
    return takes


def test_five_hours_with_breaks_are_within_the_rules():
    takes = [(k * 1.25 * H, k * 1.25 * H + H) for k in range(5)]
    assert rest.beyond(takes, RULES) == []


def test_a_take_longer_than_a_stretch_counts_up_to_there():
    assert rest.beyond([(0.0, 2 * H)], RULES) == [(1.5 * H, 2 * H)]


def test_a_pause_too_short_for_a_break_does_not_begin_a_new_stretch():
    assert rest.beyond([(0.0, H), (H + 300, 2 * H + 300)], RULES) == [(1.5 * H + 300, 2 * H + 300)]
    assert rest.beyond([(0.0, H), (H + 600, 2 * H + 600)], RULES) == []


def test_more_than_five_hours_in_seven_are_beyond():
    # Five hours, then a sixth that begins before the first leaves the window.
    takes = [(k * 1.2 * H, k * 1.2 * H + H) for k in range(6)]
    assert rest.beyond(takes, RULES) == [(pytest.approx(6 * H), pytest.approx(7 * H))]


def test_footage_that_leaves_the_window_frees_as_much():
    takes = [(0.0, 5 * H), (7 * H, 12 * H)]
    assert rest.beyond(takes, LONG) == []


def test_what_was_filmed_beyond_the_rules_is_no_rest():
    assert rest.beyond([(0.0, 5 * H), (6 * H, 8 * H)], LONG) == [(6 * H, 8 * H)]


@given(days())
def test_what_is_left_holds_every_rule(takes):
    over = rest.beyond(takes, RULES)
    counts = rest.without(takes, over)
    for marks in (counts, over):
        assert all(a < b for a, b in marks)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(marks))
    whole = sum(b - a for a, b in takes)
    assert sum(b - a for a, b in counts) + sum(b - a for a, b in over) == pytest.approx(whole)
    for _, end in counts:
        assert rest.used_at(counts, RULES, end) <= RULES.footage_s + 1e-6


@given(days(), st.integers(0, 400))
def test_a_take_as_long_as_is_left_is_within_the_rules(takes, later):
    takes = rest.without(takes, rest.beyond(takes, RULES))
    now = (takes[-1][1] if takes else 0.0) + 60.0 * later
    free, wait = rest.left(takes, RULES, now)
    assert (free > 0.0) != (wait > 0.0)
    begin = now + wait
    free, wait = rest.left(takes, RULES, begin + 1e-3)
    assert free > 0.0
    assert wait == 0.0
    assert rest.beyond([*takes, (begin + 1e-3, begin + 1e-3 + free)], RULES) == []
