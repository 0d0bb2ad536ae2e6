"""Signals that somebody may not have done the work themselves: never a verdict.

Each signal is a number that says how unusual a person's record is beside those of people whose
work is known to be their own, with its evidence in words. `look` brings to a person those whose
signals together are rarer than a stated rate; a person decides, after the accused was heard.
"""

from banbury.people.signals.answer import Answer
from banbury.people.signals.calibrate import needed
from banbury.people.signals.case import Case, Move, moved
from banbury.people.signals.look import Look, Signal, Suspicion, look

__all__ = [
    "Answer",
    "Case",
    "Look",
    "Move",
    "Signal",
    "Suspicion",
    "look",
    "moved",
    "needed",
]
