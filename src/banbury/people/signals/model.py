"""Answers that a model would give, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from banbury.people.signals.record import Measured, Record

_WORD = re.compile(r"\w+")
_RUN = 4
"""Words in a row that are compared."""
_FEW = 3


def model(record: Record, said: Mapping[str, Sequence[str]]) -> Measured:
    """The mean share of runs of four words that a model's answers to the same item have too.

    What others share with the models on the same item is taken off: some items have one answer.

    Args:
        record: the answers.
        said: some models' answers, by item.
    """
    theirs = {item: {r for text in texts for r in runs(text)} for item, texts in said.items()}
    shares: dict[str, list[float]] = {}
    for item, reference in theirs.items():
        found = [
            (a.person, len(mine & reference) / len(mine))
            for a in record.by_item.get(item, ())
            if a.open and (mine := set(runs(a.text)))
        ]
        usual = sorted(share for _, share in found)[len(found) // 2] if found else 0.0
        for person, share in found:
            shares.setdefault(person, []).append(share - usual)
    values = {p: sum(s) / len(s) for p, s in shares.items() if len(s) >= _FEW}

    def words(person: str) -> str:
        mine = shares[person]
        return (
            f"{values[person]:.0%} more of the text than is usual for the same items is, word for "
            f"word, what a model answers (mean of {len(mine)} answers, "
            f"{sum(s > 0.3 for s in mine)} of them by more than 30%)."
        )

    return Measured("model", values, words)


def runs(text: str) -> Iterable[tuple[str, ...]]:
    """Return the runs of four words of a text, without case and punctuation."""
    words = _WORD.findall(text.lower())
    return zip(*(words[n:] for n in range(_RUN)), strict=False)
