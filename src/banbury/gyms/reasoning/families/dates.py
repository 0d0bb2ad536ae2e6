"""Dates, weekdays, the clock."""

from __future__ import annotations

import calendar
import datetime
from random import Random

from banbury.gyms.answers import Choice, Day, Number, Word
from banbury.gyms.family import Dial, Family, Item, endless
from banbury.gyms.reasoning.families.vocabulary import NAMES

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _day(rng: Random) -> datetime.date:
    return datetime.date(1980, 1, 1) + datetime.timedelta(days=rng.randrange(20_000))


def _date_format(rng: Random, dial: Dial) -> Item:
    day = _day(rng)
    month = _MONTHS[day.month - 1]
    forms = (f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}")
    if dial["short"]:
        forms = (f"{day.day}. {month[:3]} {day.year}", f"{month[:3]} {day.day} '{day:%y}")
    steps = f"{month} is month {day.month:02d}, day {day.day:02d}"
    return Item({"date": rng.choice(forms)}, str(day), steps)


def _days_later(rng: Random, dial: Dial) -> Item:
    day, n = _day(rng), rng.randint(1, dial["most"])
    later = day + datetime.timedelta(days=n)
    last = calendar.monthrange(day.year, day.month)[1]
    if later.month == day.month and later.year == day.year:
        steps = f"{day.day} + {n} = {later.day}"
    else:
        steps = f"{_MONTHS[day.month - 1]} has {last} days, {last} - {day.day} = {last - day.day}"
    return Item({"date": str(day), "n": n}, str(later), steps)


def _weekday(rng: Random, dial: Dial) -> Item:
    today, n = rng.randrange(7), rng.randint(1, dial["most"])
    later = _WEEKDAYS[(today + n) % 7]
    steps = f"{n} = {n // 7} x 7 + {n % 7}, so {n % 7} after {_WEEKDAYS[today]}"
    event = f"{rng.choice(NAMES)}'s {rng.choice(('birthday', 'party', 'exam', 'trip', 'shift'))}"
    return Item({"event": event, "day": _WEEKDAYS[today], "n": n}, later, steps)


def _clock(rng: Random, dial: Dial) -> Item:
    hour, minute = rng.randrange(24), rng.randrange(0, 60, dial["step"])
    n = rng.randrange(dial["step"], dial["most"], dial["step"])
    total = hour * 60 + minute + n
    end = f"{total // 60 % 24:02d}:{total % 60:02d}"
    steps = f"{minute} + {n} = {minute + n} minutes = {(minute + n) // 60} h {total % 60} min"
    return Item({"time": f"{hour:02d}:{minute:02d}", "n": n}, end, steps)


def _between(rng: Random, dial: Dial) -> Item:
    start = rng.randrange(0, 22 * 60, dial["step"])
    end = start + rng.randrange(dial["step"], min(dial["most"], 24 * 60 - start), dial["step"])
    texts = [f"{t // 60:02d}:{t % 60:02d}" for t in (start, end)]
    hours = end // 60 - start // 60
    steps = f"{hours} x 60 = {hours * 60}, {hours * 60} + {end % 60} - {start % 60} = {end - start}"
    return Item({"start": texts[0], "end": texts[1]}, str(end - start), steps)


DATE_FORMAT = Family(
    skill="reasoning.date_format",
    title="write a date as YYYY-MM-DD",
    dials={"easy": {"short": False}, "hard": {"short": True}},
    stream=endless(_date_format),
    form=Day(),
    seen=(
        "Write {date} as YYYY-MM-DD.",
        "Give the date {date} in the form YYYY-MM-DD.",
        "Convert {date} to YYYY-MM-DD.",
        "Change {date} into YYYY-MM-DD.",
    ),
    unseen=(
        "How is {date} written with year, month and day in digits?",
        "Put {date} into the ISO form.",
        "A form wants YYYY-MM-DD for {date}. What do you enter?",
    ),
)
DAYS_LATER = Family(
    skill="reasoning.days_later",
    title="the date some days later",
    dials={"easy": {"most": 6}, "hard": {"most": 60}},
    stream=endless(_days_later),
    form=Day(),
    seen=(
        "What date is {n} days after {date}?",
        "Add {n} days to {date}.",
        "Which date comes {n} days after {date}?",
        "Start at {date} and go {n} days on. Which date is it?",
    ),
    unseen=(
        "A loan from {date} ends {n} days later. On which date?",
        "{n} days have passed since {date}. What is the date?",
        "Count {n} days forward from {date}.",
    ),
)
WEEKDAY = Family(
    skill="reasoning.weekday",
    title="the weekday some days later",
    dials={"easy": {"most": 60}, "hard": {"most": 400}},
    stream=endless(_weekday),
    form=Choice(_WEEKDAYS, "<weekday>"),
    seen=(
        "{event} is on a {day}. Which weekday is {n} days later?",
        "{event} is on a {day}. What weekday comes after {n} more days?",
        "If {event} is on a {day}, what weekday is it {n} days after that?",
        "{event} is on a {day}. Name the weekday {n} days on.",
    ),
    unseen=(
        "Starting from a {day}, {event}, count {n} days. Which weekday?",
        "{event} falls on a {day}. On what does the day {n} days later fall?",
        "{n} days after a {day}, the day of {event}, it is which weekday?",
    ),
)
CLOCK = Family(
    skill="reasoning.clock",
    title="the time some minutes later",
    dials={"easy": {"step": 5, "most": 60}, "hard": {"step": 1, "most": 600}},
    stream=endless(_clock),
    form=Word("HH:MM"),
    seen=(
        "It is {time}. What time is it in {n} minutes?",
        "A train leaves at {time} and needs {n} minutes. When does it arrive?",
        "Add {n} minutes to {time}.",
        "What time is {n} minutes after {time}?",
    ),
    unseen=(
        "The oven starts at {time} for {n} minutes. When does it stop?",
        "{n} minutes pass from {time} on. What does the clock show?",
        "Move the clock from {time} forward by {n} minutes.",
    ),
)
BETWEEN = Family(
    skill="reasoning.minutes_between",
    title="minutes between two times",
    dials={"easy": {"step": 5, "most": 90}, "hard": {"step": 1, "most": 720}},
    stream=endless(_between),
    form=Number("<minutes>"),
    seen=(
        "How many minutes are there from {start} to {end}?",
        "A film runs from {start} to {end}. How many minutes is that?",
        "Count the minutes between {start} and {end}.",
        "Work starts at {start} and ends at {end}. How many minutes?",
    ),
    unseen=(
        "From {start} until {end}: give the length in minutes.",
        "It is {start}. How many minutes remain until {end}?",
        "How long in minutes is a meeting from {start} to {end}?",
    ),
)
FAMILIES = (DATE_FORMAT, DAYS_LATER, WEEKDAY, CLOCK, BETWEEN)
