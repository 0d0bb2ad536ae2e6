"""Agreement: how far people agree beyond chance, from the newest tasks that several answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from random import Random
from statistics import mean
from typing import Any, Literal

import msgspec
import numpy as np

from banbury.episode import Record
from banbury.errors import InputError
from banbury.statistics.agreement import alpha_of_distances, krippendorffs_alpha
from banbury.statistics.intervals import Interval
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.queue.judging import Agree, episodes

TASKS = 1000
"""Most tasks that are looked at; the newest count."""

SAMPLE = 24
"""Answers between whose tasks a gym's own measure is asked, for what chance would bring."""

_DRAWS = 500

_COMPARED = """
SELECT w.agreed, array_agg(l.answer), array_agg(l.episode::text), array_agg(l.person)
FROM (SELECT campaign, task, agreed, compared_ns FROM work
    WHERE campaign = %s AND compared_ns IS NOT NULL ORDER BY compared_ns DESC LIMIT %s) AS w
    JOIN lease l ON l.campaign = w.campaign AND l.task = w.task
WHERE l.kind = 'work' AND l.state = 'done'
GROUP BY w.task, w.agreed, w.compared_ns HAVING count(*) > 1 ORDER BY w.compared_ns DESC
"""


class Agreement(msgspec.Struct, frozen=True):
    """How far people agree.

    Attributes:
        measure: `same` where two answers agree if they are the same, `gym` where the gym says how
            alike they are.
        alpha: Krippendorff's alpha with its interval, None where `why` says that there is none.
        alike: mean agreement of the answers to one task, in [0, 1], None without any.
        tasks: how many tasks were looked at.
        newest: there are more; these are the newest.
        why: why there is no alpha, "" if there is.
        people: mean agreement of each person's answers with those of others, by pseudonym.
    """

    measure: Literal["same", "gym"]
    alpha: Interval | None
    alike: float | None
    tasks: int
    newest: bool
    why: str = ""
    people: dict[str, float] = {}


class _Unit(msgspec.Struct, frozen=True):
    """The answers to one task."""

    agreed: float
    answers: list[bytes]
    episodes: list[str]
    people: list[str]

    def alike(self, gym: bool) -> list[float]:
        """Return how alike each answer is to the others: by the gym, that of the whole task."""
        if gym:
            return [self.agreed] * len(self.answers)
        others = len(self.answers) - 1
        return [(self.answers.count(a) - 1) / others for a in self.answers]


def agreement(
    database: Database, lab: str, campaign: str, agree: Agree | None, limit: int
) -> Agreement:
    """Return how far people agree in a campaign; the work is bounded by the number of tasks.

    Raises:
        UnknownName: there is no such campaign.
        InputError: the limit is not in [2, 1000].
    """
    if not 2 <= limit <= TASKS:
        raise InputError(f"{limit} tasks cannot be looked at", do=f"ask for 2 to {TASKS}")

    def work(connection: Any) -> tuple[list[_Unit], list[Record]]:
        link, keys = raw(connection), database.keyring
        held = found(link, campaign)
        rows = link.execute(_COMPARED, [held.id, limit]).fetchall()
        units = [
            _Unit(agreed or 0.0, [bytes(a or b"") for a in said], ids, who)
            for agreed, said, ids, who in rows
        ]
        sample: list[Record] = []
        if agree is not None and len(units) > 1:
            draw = Random(held.id)
            some = draw.sample(units, min(SAMPLE, len(units)))
            sample = episodes(connection, lab, [draw.choice(u.episodes) for u in some], keys)
        return units, sample

    units, sample = database.look(work)
    measure: Literal["same", "gym"] = "same" if agree is None else "gym"
    if not units:
        return Agreement(measure, None, None, 0, False, "no task has two answers yet")
    alpha, why = _same(units) if agree is None else _by_gym(units, sample, agree)
    alike, people = _alike(units, agree is not None)
    return Agreement(measure, alpha, alike, len(units), len(units) == limit, why, people)


def _alike(units: Sequence[_Unit], gym: bool) -> tuple[float, dict[str, float]]:
    """Return how alike answers to one task are, and each person's with those of others."""
    of: defaultdict[str, list[float]] = defaultdict(list)
    tasks = []
    for unit in units:
        alike = unit.alike(gym)
        tasks.append(mean(alike))
        for person, value in zip(unit.people, alike, strict=True):
            of[person].append(value)
    return mean(tasks), {person: mean(of[person]) for person in sorted(of)}


def _same(units: Sequence[_Unit]) -> tuple[Interval | None, str]:
    """Return the alpha where answers are the same or not."""
    codes: dict[bytes, int] = {}
    ratings = np.full((max(len(u.answers) for u in units), len(units)), np.nan)
    for column, unit in enumerate(units):
        for row, answer in enumerate(unit.answers):
            ratings[row, column] = codes.setdefault(answer, len(codes))
    return _tried(lambda: krippendorffs_alpha(ratings, draws=_DRAWS))


def _by_gym(
    units: Sequence[_Unit], sample: Sequence[Record], agree: Agree
) -> tuple[Interval | None, str]:
    """Return the alpha by the gym's measure, which was taken when the answers came."""
    if len(units) < 2:
        return None, "it takes two tasks with several answers"
    within = [1.0 - u.agreed for u in units]
    between = np.zeros((len(sample), len(sample)))
    for i, one in enumerate(sample):
        for j, other in enumerate(sample[:i]):
            far = 1.0 - min(1.0, max(0.0, agree(one, other)))
            between[i, j] = between[j, i] = far
    ratings = [len(u.answers) for u in units]
    return _tried(lambda: alpha_of_distances(within, ratings, between, draws=_DRAWS))


def _tried(measure: Callable[[], Interval]) -> tuple[Interval | None, str]:
    """Return an alpha, or why there is none."""
    try:
        return measure(), ""
    except InputError as error:
        return None, error.what
