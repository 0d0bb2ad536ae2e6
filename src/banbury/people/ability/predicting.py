"""Does the interview predict good work? Correlations by skill, and items that predict nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from banbury.errors import InputError
from banbury.statistics.correlation import corrected, correlation
from banbury.statistics.intervals import Interval

Outcome = Literal["gold", "reviews"]
"""Share of gold tasks answered rightly; share of reviewed answers that were accepted."""

LEAST = 30
"""People with an outcome below which no correlation is shown: an interval would span nearly all."""
LEAST_ANSWERS = 100
LINE = 0.1


class Worked(msgspec.Struct, frozen=True):
    """One person's interview in a skill, and what came of their work.

    Attributes:
        person: a pseudonym.
        skill: dotted path.
        score: the interview's ability.
        outcomes: by kind, in [0, 1]; empty for who never worked.
        answers: of the interview, whether each item was answered rightly.
    """

    person: str
    skill: str
    score: float
    outcomes: Mapping[Outcome, float] = {}
    answers: Mapping[str, bool] = {}


class Prediction(msgspec.Struct, frozen=True):
    """How well a skill's interview predicts one outcome.

    Attributes:
        skill: dotted path.
        outcome: which.
        interviewed: people.
        worked: those of them that have the outcome.
        observed: correlation among those who worked, None where too few did.
        corrected: what it would be had nobody been selected by the score, None likewise.
        note: why there is no figure, "" where there is one.
    """

    skill: str
    outcome: Outcome
    interviewed: int
    worked: int
    observed: Interval | None
    corrected: Interval | None
    note: str = ""


class ItemUse(msgspec.Struct, frozen=True):
    """What an item says about later work.

    Attributes:
        item: its name.
        answers: of people who have the outcome.
        correlation: of a right answer with the outcome, None where it cannot be told.
        retire: whether it is shown to say next to nothing: the whole interval lies below `LINE`.
    """

    item: str
    answers: int
    correlation: Interval | None
    retire: bool


def predictions(rows: Sequence[Worked], level: float = 0.95, seed: int = 0) -> list[Prediction]:
    """Return the standing report: each skill with each outcome that somebody has.

    Raises:
        InputError: a person is named twice in one skill, or an outcome lies outside [0, 1].
    """
    return list(_predictions(rows, level, seed))


def _predictions(rows: Sequence[Worked], level: float, seed: int) -> Iterator[Prediction]:
    _check(rows)
    for skill in sorted({row.skill for row in rows}):
        mine = [row for row in rows if row.skill == skill]
        for outcome in sorted({name for row in mine for name in row.outcomes}):
            yield _prediction(skill, outcome, mine, level, seed)


def _prediction(
    skill: str, outcome: Outcome, rows: Sequence[Worked], level: float, seed: int
) -> Prediction:
    score = np.array([row.score for row in rows])
    came = np.array([row.outcomes.get(outcome, np.nan) for row in rows])
    there = ~np.isnan(came)
    n = int(there.sum())
    note = ""
    if n < LEAST:
        note = f"{n} people worked; a correlation is shown from {LEAST} on"
    elif np.ptp(came[there]) == 0 or np.ptp(score[there]) == 0:
        note = "all scores or all outcomes are alike"
    if note:
        return Prediction(skill, outcome, len(rows), n, None, None, note)
    observed = correlation(score[there], came[there], level)
    whole = corrected(score, came, level, seed=seed)
    return Prediction(skill, outcome, len(rows), n, observed, whole)


def items_in_use(rows: Sequence[Worked], outcome: Outcome, level: float = 0.95) -> list[ItemUse]:
    """Return what each item says about an outcome, and which items are to retire.

    An item retires where it is shown to say next to nothing, never for lack of answers. An
    adaptive interview asks each item of people of like ability, so even a good item's correlation
    is low, and `LINE` lies at a tenth.

    Raises:
        InputError: see `predictions`.
    """
    _check(rows)
    worked = [row for row in rows if outcome in row.outcomes]
    found = []
    for item in sorted({name for row in rows for name in row.answers}):
        asked = [row for row in worked if item in row.answers]
        right = [float(row.answers[item]) for row in asked]
        came = [row.outcomes[outcome] for row in asked]
        told = len(asked) >= LEAST and len(set(right)) > 1 and len(set(came)) > 1
        r = correlation(right, came, level) if told else None
        retire = r is not None and len(asked) >= LEAST_ANSWERS and r.high < LINE
        found.append(ItemUse(item, len(asked), r, retire))
    return found


def _check(rows: Sequence[Worked]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = row.person, row.skill
        if key in seen:
            raise InputError(
                "a person has two interviews in one skill",
                where=f"{row.person}, {row.skill}",
                do="hand over one: that with which they were let to work",
            )
        seen.add(key)
        if not all(0.0 <= x <= 1.0 for x in row.outcomes.values()):
            raise InputError("an outcome lies outside [0, 1]", where=f"{row.person}, {row.skill}")
