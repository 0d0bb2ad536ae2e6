"""Times at the desk: texts `YYYY-MM-DD HH:MM`, whole minutes, meetings within one day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from banbury.gyms.desk.world import Meeting

OPENS = 9 * 60
CLOSES = 17 * 60
"""Working hours, in minutes of the day."""
GRID = 15
"""Free times are offered on this grid, in minutes."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d", re.ASCII)


def minute(clock: str) -> int:
    """Return the minute of the day of `HH:MM`."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def clock(minute: int) -> str:
    """Return a minute of the day as `HH:MM`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def days_between(first: str, last: str) -> int:
    """Return how many days there are from one to the other, both counted."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def weekday(day: str) -> str:
    """Return the name of a day's weekday."""
    return date.fromisoformat(day).strftime("%A")


def is_day(text: str) -> bool:
    """Return whether a text is a date as YYYY-MM-DD."""
    return is_moment(f"{text} 00:00")


def is_moment(text: str) -> bool:
    """Return whether a text is a moment as YYYY-MM-DD HH:MM."""
    if not _MOMENT.fullmatch(text) or text[11:13] > "23" or text[14:] > "59":
        return False
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def span(meeting: Meeting) -> tuple[int, int]:
    """Return first and last minute of the day of a meeting."""
    begin = minute(meeting.start[11:])
    return begin, begin + meeting.minutes


def busy(meetings: Iterable[Meeting], people: Iterable[str], day: str) -> list[tuple[int, int]]:
    """Return the spans of the day at which one of the people has a meeting, in order."""
    asked = set(people)
    return sorted(
        span(m)
        for m in meetings
        if m.start.startswith(day) and not m.cancelled and not asked.isdisjoint(m.people)
    )


def starts(
    taken: Sequence[tuple[int, int]], minutes: int, after: int = OPENS, before: int = CLOSES
) -> list[int]:
    """Return the minutes on the grid from which so many are free, within [after, before]."""
    return [
        begin
        for begin in range(after, before - minutes + 1, GRID)
        if all(begin + minutes <= a or begin >= b for a, b in taken)
    ]
