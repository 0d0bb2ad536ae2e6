"""The hours that people have before deadlines: never more than they gave, never fewer for more."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.matching.problems import openings, persons, rules, several

from banbury.errors import InputError
from banbury.people.matching import Belief, Opening, Person, broken, match, reasons
from banbury.people.matching.free import free
from banbury.people.matching.free import given as hours_of
from banbury.people.matching.market import Market
from banbury.people.matching.rules import Rules
from banbury.people.matching.solve import plan_of, solve

WEEKS = np.array([0.2, 0.5, 1.0, 3.0])
CODE = {"code": Belief(1.0, 0.1, 50)}


@st.composite
def windows(draw):
    edges = sorted(draw(st.lists(st.integers(0, 40), max_size=10, unique=True)))
    return tuple((a / 10, b / 10) for a, b in zip(edges[::2], edges[1::2], strict=False))


owed = st.lists(st.tuples(st.sampled_from([0.3, 1.0, 2.0]), st.floats(0, 9)), max_size=3)


def busy(number):
    return st.builds(
        lambda p, w, o: msgspec.structs.replace(p, windows=w, owed=tuple(o)),
        persons(number), st.none() | windows(), owed,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(several(busy, 1, 5), several(openings, 1, 4), rules)
def test_nobody_is_matched_beyond_their_free_hours(people, wanted, how):
    for plan in (match(people, wanted, how), plan_of(solve(people, wanted, how, small=0))):
        assert broken(plan.offers, people, wanted, how) == []
        assert plan.value <= plan.bound + 1e-6


@given(st.floats(0, 80), windows(), st.sampled_from(WEEKS))
def test_hours_fit_into_the_times_and_into_what_a_week_has(hours, spans, at):
    [[most]] = hours_of(np.array([hours]), spans, np.array([at]))
    inside = 168 * sum(max(0.0, min(b, at) - a) for a, b in spans)
    assert -1e-9 <= most <= min(inside, hours * at) + 1e-9


@settings(max_examples=100, deadline=None)
@given(busy(0), st.floats(0, 40), windows(), st.booleans())
def test_more_free_hours_never_make_somebody_ineligible(person, more, spans, any_time):
    before = free([person], WEEKS)[0]
    assert (np.diff(before) >= -1e-9).all(), "whoever waits has no less time"
    wider = None if any_time or person.windows is None else joined(person.windows, spans)
    free_er = msgspec.structs.replace(person, hours=person.hours + more, windows=wider)
    assert (free([free_er], WEEKS)[0] >= before - 1e-9).all()
    idler = msgspec.structs.replace(free_er, owed=person.owed[:1])
    assert (free([idler], WEEKS)[0] >= before - 1e-9).all()
    asked = [Opening("o", "c", "a", {s: 1}, 1, 2.0, w) for s in person.beliefs for w in (0.5, 3)]
    asked = [msgspec.structs.replace(o, id=f"o{n}") for n, o in enumerate(asked)]
    could = Market([person], asked, Rules()).line(person) > 0
    assert (Market([person], asked, Rules()).line(idler)[could] > 0).all()


def joined(one, other):
    found = []
    for begin, end in sorted([*one, *other]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def test_a_deadline_before_the_first_free_hour_is_nobodys():
    person = Person("p", CODE, hours=10, windows=((0.6, 0.9),))
    soon, later = (Opening("o", "c", "a", {"code": 1}, 1, 1.0, weeks) for weeks in (0.5, 0.9))
    assert match([person], [soon]).offers == ()
    assert len(match([person], [later]).offers) == 1


def test_what_is_owed_is_taken_off_where_it_would_be_late_and_only_there():
    person = Person("p", CODE, hours=10, owed=((1.0, 8.0),))
    assert free([person], np.array([0.5, 1.0, 2.0]))[0] == pytest.approx([2, 2, 12])
    late = msgspec.structs.replace(person, owed=((2.0, 15.0),))
    assert free([late], np.array([1.0, 2.0, 3.0]))[0] == pytest.approx([5, 5, 15])


def test_reasons_name_the_hours_and_what_they_come_from():
    opening = Opening("o", "c", "a", {"code": 1}, 1, 6, 2)
    person = Person("p", CODE, hours=10, windows=((0.5, 1.5),), owed=((1.0, 3.0),))
    [offer] = match([person], [opening]).offers
    said = " ".join(reasons(offer, person, opening, Rules()))
    assert "It is 6 hours of work in 2 weeks; until then you have 12 hours free" in said
    assert "at the times you state, after what you took on" in said


@pytest.mark.parametrize(
    "changes",
    [
        {"windows": ((0.5, 0.2),)},
        {"windows": ((-0.1, 0.2),)},
        {"windows": ((0.1, float("nan")),)},
        {"owed": ((1.0, -1.0),)},
        {"owed": ((float("inf"), 1.0),)},
    ],
)
def test_times_that_are_none_are_one_clear_error(changes):
    with pytest.raises(InputError):
        match([Person("p", CODE, **changes)], [])
