"""Agreement: how far people agree beyond chance, from the newest tasks that several answered."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

import msgspec
import numpy as np

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
SELECT w.agreed, array_agg(l.answer), array_agg(l.episode::text)
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
    """

    measure: Literal["same", "gym"]
    alpha: Interval | None
    alike: float | None
    tasks: int
    newest: bool
    why: str = ""


class _Unit(msgspec.Struct, frozen=True):
    """The answers to one task."""

    agreed: float
    answers: list[bytes]
    episodes: list[str]


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

    def work(connection: Any) -> tuple[list[_Unit], Any]:
        link = raw(connection)
        held = found(link, campaign)
        rows = link.execute(_COMPARED, [held.id, limit]).fetchall()
        units = [
            _Unit(agreed or 0.0, [bytes(a or b"") for a in said], ids) for agreed, said, ids in rows
        ]
        sample = []
        if agree is not None and len(units) > 1:
            draw = Random(held.id)
            some = draw.sample(units, min(SAMPLE, len(units)))
            sample = episodes(connection, lab, [draw.choice(u.episodes) for u in some])
        return units, sample

    units, sample = database.look(work)
    if not units:
        measure: Literal["same", "gym"] = "same" if agree is None else "gym"
        return Agreement(measure, None, None, 0, False, "no task has two answers yet")
    more = len(units) == limit
    if agree is None:
        return _same(units, more)
    return _by_gym(units, sample, agree, more)


def _same(units: Sequence[_Unit], more: bool) -> Agreement:
    """Return the agreement where answers are the same or not."""
    codes: dict[bytes, int] = {}
    people = max(len(u.answers) for u in units)
    ratings = np.full((people, len(units)), np.nan)
    alike = 0.0
    for column, unit in enumerate(units):
        for row, answer in enumerate(unit.answers):
            ratings[row, column] = codes.setdefault(answer, len(codes))
        n = len(unit.answers)
        pairs = sum(unit.answers.count(a) - 1 for a in unit.answers)
        alike += pairs / (n * (n - 1))
    alpha, why = _tried(lambda: krippendorffs_alpha(ratings, draws=_DRAWS))
    return Agreement("same", alpha, alike / len(units), len(units), more, why)


def _by_gym(units: Sequence[_Unit], sample: Sequence[Any], agree: Agree, more: bool) -> Agreement:
    """Return the agreement by the gym's measure, as it was taken when the answers came."""
    within = [1.0 - u.agreed for u in units]
    between = np.zeros((len(sample), len(sample)))
    for i, one in enumerate(sample):
        for j, other in enumerate(sample[:i]):
            far = 1.0 - min(1.0, max(0.0, agree(one, other)))
            between[i, j] = between[j, i] = far
    ratings = [len(u.answers) for u in units]
    alpha, why = _tried(lambda: alpha_of_distances(within, ratings, between, draws=_DRAWS))
    alike = 1.0 - sum(within) / len(within)
    return Agreement("gym", alpha, alike, len(units), more, why)


def _tried(measure: Any) -> tuple[Interval | None, str]:
    """Return an alpha, or why there is none."""
    try:
        return measure(), ""
    except InputError as error:
        return None, error.what
