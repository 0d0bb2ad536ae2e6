"""Days of the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from banbury.gyms.code_write.compose import Domain, Source, piece
from banbury.gyms.code_write.families.numbers import NUMBERS

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS = ("sum", "list", "mode", "above", "running_max", "once", "spread", "where")


def days(rng: Random) -> list[str]:
    """Return some days near one another, around the end of a February or of a year."""
    first = date(rng.choice((2023, 2024)), rng.choice((2, 12)), 10)
    made = [first + timedelta(rng.randint(0, 40)) for _ in range(rng.randint(4, 9))]
    return [day.isoformat() for day in made]


DATES = (
    piece(
        "read",
        "iso>dates",
        "x = [date.fromisoformat(s) for s in x]",
        "",
        "",
    ),
    piece(
        "workdays",
        "dates>dates",
        "x = [d for d in x if d.weekday() < 5]",
        "Drop Saturdays and Sundays.",
        "Keep only the days from Monday to Friday.",
    ),
    piece(
        "not_day",
        "dates>dates",
        "x = [d for d in x if d.weekday() != $k]",
        "Drop the days whose weekday has the number $k, where Monday is 0 and Sunday 6.",
        "Counting weekdays from 0 for Monday to 6 for Sunday, leave out days with the number $k.",
        k=(0, 2, 4, 6),
    ),
    piece(
        "later",
        "dates>dates",
        "x = [d + timedelta(days=$k) for d in x]",
        "Move each day $k days into the future.",
        "Replace every date by the one $k days after it.",
        k=(1, 7, 10, 30),
    ),
    piece(
        "to_monday",
        "dates>dates",
        "x = [d - timedelta(days=d.weekday()) for d in x]",
        "Move each day back to the Monday of its week; a Monday stays.",
        "Replace every date by the latest Monday that is not after it.",
    ),
    piece(
        "past_weekend",
        "dates>dates",
        "x = [d + timedelta(days=7 - d.weekday()) if d.weekday() > 4 else d for d in x]",
        "Move Saturdays and Sundays on to the Monday after them.",
        "Where a date is on a weekend, take the next Monday for it.",
    ),
    piece(
        "month_start",
        "dates>dates",
        "x = [d.replace(day=1) for d in x]",
        "Move each day back to the first of its month.",
        "Replace every date by day 1 of the same month.",
    ),
    piece(
        "ordered",
        "dates>dates",
        "x = sorted(set(x))",
        "Sort the days, the earliest first, and keep each only once.",
        "Take the distinct dates in ascending order.",
    ),
    piece(
        "first_half",
        "dates>dates",
        "x = [d for d in x if d.day <= $k]",
        "Keep only days whose number in their month is $k or less.",
        "Drop the dates whose day of the month is greater than $k.",
        k=(10, 15, 20),
    ),
    piece(
        "gaps",
        "dates>numbers",
        "x = [(b - a).days for a, b in zip(x, x[1:])]",
        "Take the numbers of days from each day to the next one in the list, negative where that "
        "is earlier.",
        "Go on with the differences in days between neighbours in the list, each date less the one "
        "before it.",
    ),
    piece(
        "month_days",
        "dates>numbers",
        "x = [d.day for d in x]",
        "Take the days' numbers in their months.",
        "Go on with the list of days of the month (1 to 31).",
    ),
    piece(
        "iso",
        "dates>",
        "return [d.isoformat() for d in x]",
        "Return the list of the days as strings `YYYY-MM-DD`.",
        "Give back all dates, written as `YYYY-MM-DD`, in a list.",
    ),
    piece(
        "months",
        "dates>",
        "counts = {}\nfor d in x:\n    key = d.isoformat()[:7]\n"
        "    counts[key] = counts.get(key, 0) + 1\nreturn counts",
        "Return a dict from each month, as `YYYY-MM`, to how many of the days are in it.",
        "Give back a dictionary that counts the dates of each month, with keys such as `2024-05`.",
    ),
    piece(
        "span",
        "dates>",
        "return (max(x) - min(x)).days if x else 0",
        "Return how many days lie from the earliest to the latest, 0 if there is no day.",
        "Give back the distance in days between the first and the last date; without dates 0.",
    ),
    piece(
        "weekdays",
        "dates>",
        f"names = {_DAYS!r}\nreturn [names[d.weekday()] for d in x]",
        "Return the list of their weekdays in English, such as `Monday`.",
        "Give back the English name of each date's weekday (`Monday` to `Sunday`) as a list.",
    ),
    piece(
        "streak",
        "dates>",
        "have, best = set(x), 0\nfor d in have:\n    length = 1\n"
        "    for _ in range(len(have)):\n        if d + timedelta(days=length) in have:\n"
        "            length += 1\n    best = max(best, length)\nreturn best",
        "Return the length of the longest run of consecutive days among them, 0 if there is none; "
        "a single day is a run of 1, and repeated days count once.",
        "Give back how many days the longest unbroken sequence of days has; a day alone is 1, "
        "repeats do not count, and without dates it is 0.",
    ),
)
DOMAIN = Domain(
    "code_write.dates",
    "write a function on calendar days",
    (
        Source(
            "days",
            "days",
            "iso",
            "a list of days as strings `YYYY-MM-DD`",
            "a list of dates, each a string such as `2024-05-31`",
            days,
            (
                [],
                ["2024-02-29"],
                ["2023-12-31", "2024-01-01"],
                ["2024-03-02", "2024-03-03", "2024-03-04", "2024-03-02"],
            ),
        ),
    ),
    (*DATES, *(p for p in NUMBERS if p.name in _NUMBERS)),
)
