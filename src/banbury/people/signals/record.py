"""All answers, by person and by item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from banbury.people.signals.answer import Answer


@dataclass(frozen=True)
class Record:
    """Answers by person and by item, in the order given."""

    by_person: Mapping[str, list[Answer]]
    by_item: Mapping[str, list[Answer]]


@dataclass(frozen=True)
class Measured:
    """One kind of signal, before it is calibrated.

    Attributes:
        kind: its name.
        values: by person, higher is more unusual; whoever has too little to tell is left out.
        words: says one person's evidence in words.
        others: who else it concerns, by person.
    """

    kind: str
    values: Mapping[str, float]
    words: Callable[[str], str]
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def recorded(answers: Iterable[Answer]) -> Record:
    """Return answers by person and by item."""
    by_person: dict[str, list[Answer]] = defaultdict(list)
    by_item: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_person[answer.person].append(answer)
        by_item[answer.item].append(answer)
    return Record(by_person, by_item)
