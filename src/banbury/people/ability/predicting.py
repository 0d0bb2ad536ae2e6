"""Does the interview predict good work? Correlations by skill, and items that predict nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np

from banbury.errors import InputError
from banbury.statistics.correlation import corrected, correlation
from banbury.statistics.inputs import FloatArray
from banbury.statistics.intervals import Interval
from banbury.statistics.response.ability import moments, normalised, prior
from banbury.statistics.response.calibration import calibrated
from banbury.statistics.response.items import Items

Outcome = Literal["gold", "reviews"]
"""Share of gold tasks answered rightly; share of reviewed answers that were accepted."""

LEAST = 30
"""People with an outcome below which no correlation is shown: an interval would span nearly all."""
LEAST_ANSWERS = 100
FLAT = 0.35
"""Discrimination below which an item tells next to nothing; a useful one has 1 and more."""
HALF = 0.5
_FITTED = 6000
"""Interviews from which discriminations are estimated, at most."""


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
    """What an item says.

    Attributes:
        item: its name.
        answers: of people who have the outcome.
        share: of what an item of its parameters should say of the outcome, how much it says: 1 is
            all, 0 nothing; None where it cannot be told.
        slope: its discrimination among all who answered it, with a 95 % interval; None likewise.
        why: why it is to retire, "" where it is not.
    """

    item: str
    answers: int
    share: Interval | None
    slope: tuple[float, float, float] | None
    why: str

    @property
    def retire(self) -> bool:
        """Say whether it is to retire."""
        return bool(self.why)


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


def items_in_use(
    rows: Sequence[Worked],
    outcome: Outcome,
    items: Mapping[str, tuple[float, float, float]],
    level: float = 0.95,
) -> list[ItemUse]:
    """Return what each item says about an outcome, and which items are to retire.

    People meet an item because of how they answered others, and work because of how they answered
    it, so a plain correlation with the outcome is near 0 even for good items. What is compared are
    people of whom the rest of the interview says the same: there an item that measures the ability
    tells those who turn out well from the others by an amount that its parameters name, and how
    people came to meet it, or to work, does not matter. It retires where it is shown to say less
    than half of that; or where its answers are shown not to go with those to other items. It never
    retires for lack of answers.

    Args:
        rows: interviews with outcomes.
        outcome: which.
        items: (a, b, guess) of each item that counts.
        level: of the intervals.

    Raises:
        InputError: see `predictions`.
    """
    _check(rows)
    names = sorted({name for row in rows for name in row.answers} & items.keys())
    if not names:
        return []
    place = {name: n for n, name in enumerate(names)}
    table = np.full((len(rows), len(names)), np.nan)
    for n, row in enumerate(rows):
        for name, right in row.answers.items():
            if name in place:
                table[n, place[name]] = right
    came = np.array([row.outcomes.get(outcome, np.nan) for row in rows])
    known = Items(*(np.array([items[name][k] for name in names]) for k in range(3)))
    shares, slopes = _shares(table, came, known, level), _slopes(table, known, level)
    counts = (~np.isnan(table) & ~np.isnan(came)[:, None]).sum(axis=0)
    return [
        ItemUse(name, int(counts[n]), shares[n], slopes[n], _why(shares[n], slopes[n]))
        for n, name in enumerate(names)
    ]


def _why(share: Interval | None, slope: tuple[float, float, float] | None) -> str:
    if slope is not None and slope[2] < FLAT:
        return (
            f"Whether it is answered rightly has little to do with the other answers: its "
            f"discrimination is {slope[0]:.2f} ({slope[1]:.2f} to {slope[2]:.2f})."
        )
    if share is not None and share.high < HALF:
        return (
            f"It says {share.estimate:.0%} of what it should of later work "
            f"({share.low:.0%} to {share.high:.0%}, {share.n:,} people)."
        )
    return ""


def _slopes(
    table: FloatArray, known: Items, level: float
) -> list[tuple[float, float, float] | None]:
    """Each item's discrimination, as all answers show it; None where there are too few."""
    some = table[~np.isnan(table).all(axis=1)][:_FITTED]
    found = calibrated(some, guess=known.guess, first=known)
    z = NormalDist().inv_cdf((1 + level) / 2)
    return [
        (float(a), float(max(0.0, a - z * e)), float(a + z * e)) if n >= LEAST_ANSWERS else None
        for a, e, n in zip(
            found.items.discrimination, found.discrimination_error, found.answers, strict=True
        )
    ]


def _shares(
    table: FloatArray, came: FloatArray, known: Items, level: float
) -> list[Interval | None]:
    """Of what each item should say of the outcome, how much it says."""
    there = ~np.isnan(came)
    x, y = table[there], came[there]
    none: list[Interval | None] = [None] * known.size
    if len(y) < LEAST_ANSWERS or np.ptp(y) == 0:
        return none
    p = known.chance()
    log_right, log_wrong = np.log(p), np.log1p(-p)
    asked = ~np.isnan(x)
    right = np.where(asked, x, 0.0)
    fits = right @ log_right + (asked - right) @ log_wrong + np.log(prior())
    whole, _ = moments(normalised(fits))
    slope = float(np.polyfit(whole, y, 1)[0]) if np.ptp(whole) > 0 else 0.0
    if slope <= 0:
        return none
    found: list[Interval | None] = []
    for n in range(known.size):
        mine = asked[:, n]
        own = right[mine, n]
        if mine.sum() < LEAST_ANSWERS or np.ptp(own) == 0:
            found.append(None)
            continue
        said = np.where(own[:, None] == 1, log_right[n], log_wrong[n])
        rest = normalised(fits[mine] - said)
        found.append(_share(rest, p[n], own, y[mine], slope, level))
    return found


def _share(
    rest: FloatArray, p: FloatArray, own: FloatArray, y: FloatArray, slope: float, level: float
) -> Interval | None:
    """What right answers say of the outcome beyond the rest of the interview, over what is due.

    Args:
        rest: what the other answers say of each, weights on the grid, shape (k, 101).
        p: of a right answer at each ability, shape (101,).
        own: whether each was right.
        y: outcomes.
        slope: of the outcome on ability.
        level: of the interval.
    """
    mean, _ = moments(rest)
    due, _ = moments(normalised(np.log(rest + 1e-300) + np.log(p)))
    less, _ = moments(normalised(np.log(rest + 1e-300) + np.log1p(-p)))
    expected = slope * float(np.mean(due - less))
    beside = np.stack([np.ones_like(mean), mean, mean**2], axis=1)
    left = own - beside @ np.linalg.lstsq(beside, own, rcond=None)[0]
    over = y - beside @ np.linalg.lstsq(beside, y, rcond=None)[0]
    spread = float(left @ left)
    if spread <= 1e-9 or expected <= 0:
        return None
    found = float(left @ over) / spread
    error = float(np.sqrt(np.square(left * (over - found * left)).sum())) / spread
    z = NormalDist().inv_cdf((1 + level) / 2)
    ends = (found - z * error) / expected, (found + z * error) / expected
    return Interval(ends[0], ends[1], found / expected, len(y), level, "partial regression")


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
