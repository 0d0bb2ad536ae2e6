"""When people are free: in their own time zone, over nights on which clocks change."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.offers.test_offers import Town

from banbury import clock
from banbury.clock import Turned
from banbury.people.offers.times import PARTS, TIMES, When, _zones

HOUR_NS, WEEK_H = 3600 * 10**9, 168
ZONES = ["Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Asia/Kathmandu",
         "Australia/Lord_Howe", "America/Havana", "Pacific/Auckland", "UTC"]  # fmt: skip


def ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def looked_up(when, at):
    """Whether somebody is free at a moment, by the clock on their wall."""
    here = at.astimezone(ZoneInfo(when.zone))
    days = "weekday" if here.weekday() < 5 else "weekend"
    part = next((p for p, (a, b) in PARTS.items() if a <= here.hour < b), "night")
    return f"{days} {part}" in when.times


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(TIMES), min_size=1, unique=True),
    st.datetimes(datetime(2017, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.lists(st.integers(0, 60 * 24 * 60), min_size=20, max_size=20),
)
def test_windows_are_what_the_clock_on_the_wall_says(zone, times, now, minutes):
    when = When(zone, tuple(times))
    now = now.replace(microsecond=0)
    windows = when.windows(int(now.timestamp()) * 10**9)
    for at in minutes:
        moment = now + timedelta(minutes=at, seconds=1)
        week = (moment - now) / timedelta(weeks=1)
        inside = any(a <= week < b for a, b in windows)
        assert inside == looked_up(when, moment), moment


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 24), ("2026-10-24", 24)])
def test_a_night_on_which_clocks_change_takes_nothing_and_gives_nothing(day, hours):
    """In Berlin it is between the evening of that Saturday and the morning of the Sunday."""
    when = When("Europe/Berlin", ("weekend mornings", "weekend afternoons"))
    windows = when.windows(ns(f"{day}T00:00"))
    inside = sum(min(b, 2 / 7) - min(a, 2 / 7) for a, b in windows) * WEEK_H
    assert inside == pytest.approx(hours)
    first = [round(a * WEEK_H, 6) for a, _ in windows[:2]]
    summer_first = day.startswith("2026-10")
    assert first == ([4, 29] if summer_first else [5, 28])


def test_without_a_zone_or_times_any_time_is_free():
    for when in (When(), When("Europe/Berlin"), When("", TIMES), When("No/Where", TIMES)):
        assert when.windows(0) is None and when.hours == WEEK_H
    assert When("UTC", ("weekend mornings",)).hours == 12


def test_time_zones_are_read_once_however_many_people_there_are(monkeypatch):
    read = []
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: read.append(1) or {"UTC"})
    _zones.cache_clear()
    assert all(When("UTC", TIMES).told for _ in range(100)) and len(read) == 1
    _zones.cache_clear()


@pytest.fixture
def town(house, lab):
    town = Town(house, lab, 0)
    yield town
    for opening in town.openings.listed(lab.name):
        town.openings.close(lab.name, opening.id)
    town.accounts.close()


def test_who_is_free_at_weekends_alone_is_not_offered_what_is_due_before(town):
    monday = ns("2031-06-02T08:00")
    with clock.use(Turned(monday)):
        weekends = {"hours": 10.0, "zone": "Asia/Tokyo", "times": ("weekend afternoons",)}
        best, other = town.person(2.0, **weekends), town.person(0.0)
        town.open(2, hours=2.0, days=3)
        town.offers.match()
        assert not town.offered(best)
        assert len(town.offered(other)) == 1
        left = town.offers.hours(best)
        # Of ten hours a week what has come by Sunday at six, six days and an hour from now.
        assert (left.week, left.timed, left.owed) == (pytest.approx(10 * 145 / 168), True, False)
        town.open(2, hours=2.0, days=7)
        town.offers.match()
        [offer] = town.offered(best)
        assert any("at the times you state" in why for why in offer.reasons)
        after = town.offers.hours(best)
        assert after.owed and after.week == pytest.approx(left.week - 2)


def test_times_without_a_zone_count_as_before(town):
    with clock.use(Turned(ns("2031-06-02T08:00"))):
        person = town.person(1.0, hours=10.0, times=("weekend mornings",))
        town.open(1, hours=2.0, days=3)
        town.offers.match()
        assert len(town.offered(person)) == 1
        assert not town.offers.hours(person).timed


def test_no_other_labs_work_shows_in_what_a_lab_is_told(town):
    """Of somebody's hours a lab hears that they suffice, whatever else the person has on."""
    with clock.use(Turned(ns("2031-06-02T08:00"))):
        person = town.person(1.0, hours=10.0, most=5)
        town.open(1, hours=4.0, days=7)
        town.offers.match()
        [offer] = town.offered(person)
        town.offers.accept(person, offer.id)
        [first] = town.openings.found(town.lab.name)
        assert [t for t in first.told if "hours" in t] == ["Has time for 4 hours before it is due."]
