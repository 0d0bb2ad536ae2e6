"""Exposure: how often each item of a bank was seen, so that one that leaks is noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from banbury.gyms.interview.bank import Bank
from banbury.people.prediction.taken import Taken

CAP = 0.25
"""No item comes in more than this share of all interviews in the long run: each try has its lot."""


class Exposed(msgspec.Struct, frozen=True):
    """How often one item was seen.

    Attributes:
        item: its name.
        kind: how it is answered.
        asked: interviews in which it was answered and graded.
        share: of all interviews in this skill, 0 where there are none.
        early: share of right answers in the first half of those who saw it, None without any.
        late: the same in the second half; a rise that abilities do not explain may be a leak.
    """

    item: str
    kind: str
    asked: int
    share: float
    early: float | None
    late: float | None


def exposure(bank: Bank, interviews: Sequence[Taken]) -> list[Exposed]:
    """Return each item's exposure, the most exposed first."""
    mine = sorted((t for t in interviews if t.skill == bank.skill), key=lambda t: t.at_ns)
    seen = Counter(item for t in mine for item in t.answers)
    found = []
    for item in bank.items:
        right = [t.answers[item.id] for t in mine if item.id in t.answers]
        half = len(right) // 2
        share = seen[item.id] / len(mine) if mine else 0.0
        found.append(
            Exposed(
                item.id, item.kind, seen[item.id], share, _mean(right[:half]), _mean(right[half:])
            )
        )
    return sorted(found, key=lambda e: (-e.asked, e.item))


def _mean(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None
