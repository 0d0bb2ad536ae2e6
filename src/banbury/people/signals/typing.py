"""Text that came without keys."""

from __future__ import annotations

from banbury.people.signals.answer import Answer
from banbury.people.signals.record import Measured, Record

LONG = 40
"""Characters from which on an answer is long enough to tell."""
_FEW = 3


def typing(record: Record) -> Measured:
    """The mean share of long answers' characters that neither keys nor the task account for."""
    shares = {
        person: [_unexplained(a) for a in answers if a.open and len(a.text) >= LONG]
        for person, answers in record.by_person.items()
    }
    values = {p: sum(s) / len(s) for p, s in shares.items() if len(s) >= _FEW}

    def words(person: str) -> str:
        mine = shares[person]
        most = sum(s > 0.5 for s in mine)
        return (
            f"In {most} of {len(mine)} long answers most of the text came without typing "
            f"({values[person]:.0%} of all characters); pasted, dictated or filled in by a tool."
        )

    return Measured("typing", values, words)


def _unexplained(answer: Answer) -> float:
    return max(0, len(answer.text) - answer.keys - answer.quoted) / len(answer.text)
