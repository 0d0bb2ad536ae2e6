"""Times that no reading explains: too short, or the same whatever is asked."""

from __future__ import annotations

import math
import statistics

import numpy as np

from banbury.people.signals.record import Measured, Record

_FEW = 12
_CROWD = 5
"""People who must have answered an item for its usual time to be known."""


def haste(record: Record) -> Measured:
    """How much shorter than usual, in logarithms, answers are: the mean, where shorter."""
    usual = _usual(record)
    short = {
        person: [usual[a.item] - _log(a.seconds) for a in answers if a.item in usual]
        for person, answers in record.by_person.items()
    }
    values = {p: float(np.mean(s)) for p, s in short.items() if len(s) >= _FEW}

    def words(person: str) -> str:
        share = math.exp(-values[person])
        return (
            f"Over {len(short[person])} answers the time was {share:.0%} of what others take for "
            "the same items."
        )

    return Measured("haste", values, words)


def flat(record: Record) -> Measured:
    """How little the time follows what is asked: less the correlation with others' times."""
    usual = _usual(record)
    values: dict[str, float] = {}
    for person, answers in record.by_person.items():
        pairs = [(usual[a.item], _log(a.seconds)) for a in answers if a.item in usual]
        if len(pairs) >= _FEW:
            theirs, mine = np.array(pairs).T
            spread = float(theirs.std() * mine.std())
            together = float(((theirs - theirs.mean()) * (mine - mine.mean())).mean())
            values[person] = -together / spread if spread > 0 else 0.0

    def words(person: str) -> str:
        return (
            f"The times have a correlation of {-values[person]:.2f} with what others take for the "
            "same items; it is low where long and short items take the same time."
        )

    return Measured("flat times", values, words)


def _usual(record: Record) -> dict[str, float]:
    return {
        item: statistics.median(_log(a.seconds) for a in answers)
        for item, answers in record.by_item.items()
        if len(answers) >= _CROWD
    }


def _log(seconds: float) -> float:
    return math.log(max(seconds, 0.1))
