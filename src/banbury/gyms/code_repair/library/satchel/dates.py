"""Dates: months, quarters, working days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta


def is_leap(year: int) -> bool:
    """Return whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year: int, month: int) -> int:
    """Return how many days a month has."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the month's last one where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, days_in(year, month)))


def quarter(day: date) -> tuple[date, date]:
    """Return the first and the last day of a date's quarter."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, months_later(first, 3) - timedelta(days=1)


def is_working(day: date, holidays: Collection[date] = ()) -> bool:
    """Return whether a day is neither a Saturday nor a Sunday nor a holiday."""
    return day.weekday() < 5 and day not in holidays


def working_days(first: date, last: date, holidays: Collection[date] = ()) -> int:
    """Return how many working days lie between two dates, both included."""
    number = 0
    while first <= last:
        number += is_working(first, holidays)
        first += timedelta(days=1)
    return number


def due(day: date, days: int, holidays: Collection[date] = ()) -> date:
    """Return the date so many working days later; with 0, the next day that is one itself."""
    while not is_working(day, holidays):
        day += timedelta(days=1)
    while days > 0:
        day += timedelta(days=1)
        if is_working(day, holidays):
            days -= 1
    return day


def age(born: date, on: date) -> int:
    """Return how many birthdays somebody has had; one of 29 February is kept on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
