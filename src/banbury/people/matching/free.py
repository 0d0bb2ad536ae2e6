"""How many hours people can give before a deadline: from now on, at their times, beside the rest.

Free hours come evenly, so many a week, and are spent at the times at which somebody is free, one
an hour at most; what could not be spent yet waits. So the hours by a moment t are the departures of
a queue (Cruz 1991, IEEE Trans. Inf. Theory 37(1)): the least over all earlier s of what had come by
s and what the times between s and t hold. Without stated times they are hours a week times weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from banbury.people.matching.person import Person

Hours = NDArray[np.float64]
_WEEK = 168.0
"""Hours of a week."""
_AT_ONCE = 2048
"""People whose arrays are held at once."""


def given(hours: Hours, windows: Sequence[tuple[float, float]] | None, at: Hours) -> Hours:
    """Return the hours that people of the same times can give by some moments, shape (n, m).

    Args:
        hours: free hours a week, shape (n,).
        windows: when they are free, see `Person.windows`; None for any time.
        at: weeks from now, shape (m,).
    """
    if windows is None:
        return np.asarray(hours[:, None] * at)
    edges = np.array([0.0, *(x for span in windows for x in span)])
    inside = np.concatenate([[0.0], np.diff(edges)])
    inside[1::2] = 0  # Between two windows nothing can be spent.
    spans = np.cumsum(inside * _WEEK)
    when = np.union1d(edges, at)
    room = np.interp(when, edges, spans)
    waits = np.minimum.accumulate(hours[:, None] * when - room, axis=1)
    return np.asarray((room + waits)[:, np.searchsorted(when, at)])


def free(people: Sequence[Person], weeks: Hours) -> Hours:
    """Return the hours that are left of each person's by some deadlines, shape (P, T).

    What somebody took on already is taken off wherever new work would make it late: whatever fits
    into these hours leaves all that is owed in time.

    Args:
        people: whose hours.
        weeks: from now until each deadline, sorted, shape (T,).
    """
    left = np.zeros((len(people), len(weeks)))
    alike: dict[int, list[int]] = {}
    for n, person in enumerate(people):
        if person.owed:
            left[n] = _beside(person, weeks)
        else:
            alike.setdefault(id(person.windows), []).append(n)
    for rows in (some for every in alike.values() for some in _portions(every)):
        hours = np.array([people[n].hours for n in rows], np.float64)
        left[rows] = given(hours, people[rows[0]].windows, weeks)
    return left


def _beside(person: Person, weeks: Hours) -> Hours:
    """What one person has left beside what they owe, shape (T,)."""
    due = np.array([w for w, _ in person.owed])
    owed = np.array([h for _, h in person.owed])
    when = np.union1d(weeks, due)
    taken = (owed[:, None] * (due[:, None] <= when)).sum(axis=0)
    left = given(np.array([person.hours], np.float64), person.windows, when)[0] - taken
    later = np.minimum.accumulate(left[::-1])[::-1].clip(0)
    return np.asarray(later[np.searchsorted(when, weeks)])


def _portions(rows: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(rows), _AT_ONCE):
        yield rows[begin : begin + _AT_ONCE]
