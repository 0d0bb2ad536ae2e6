"""Gold that has gone round, answered better than gold that nobody can know."""

from __future__ import annotations

import math
from collections.abc import Mapping

from banbury.people.signals.answer import Answer
from banbury.people.signals.record import Measured, Record

_FEW = 5


def gold(record: Record) -> Measured:
    """How much better the circulated gold is answered than the fresh, in standard errors.

    Both sides count against how hard each item is for everybody.
    """
    ease = _ease(record)
    sides: dict[str, tuple[list[float], list[float]]] = {}
    values: dict[str, float] = {}
    right: dict[str, tuple[int, int, int, int]] = {}
    for person, answers in record.by_person.items():
        known, fresh = (_over(answers, kind, ease) for kind in ("circulated", "fresh"))
        if min(len(known), len(fresh)) >= _FEW:
            sides[person] = known, fresh
            spread = math.sqrt(0.2 / len(known) + 0.2 / len(fresh))
            values[person] = (sum(known) / len(known) - sum(fresh) / len(fresh)) / spread
            right[person] = _counts(answers)

    def words(person: str) -> str:
        a, n, b, m = right[person]
        return f"Of gold tasks that many have seen {a} of {n} were right, of fresh ones {b} of {m}."

    return Measured("gold", values, words)


def _ease(record: Record) -> dict[str, float]:
    return {
        item: (1 + sum(a.right is True for a in answers)) / (2 + len(answers))
        for item, answers in record.by_item.items()
        if answers[0].gold
    }


def _over(answers: list[Answer], kind: str, ease: Mapping[str, float]) -> list[float]:
    return [float(a.right) - ease[a.item] for a in answers
            if a.gold == kind and a.right is not None and a.item in ease]  # fmt: skip


def _counts(answers: list[Answer]) -> tuple[int, int, int, int]:
    known = [a.right for a in answers if a.gold == "circulated" and a.right is not None]
    fresh = [a.right for a in answers if a.gold == "fresh" and a.right is not None]
    return sum(known), len(known), sum(fresh), len(fresh)
