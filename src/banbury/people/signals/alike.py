"""Answers too much like somebody else's, and accounts on one device."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import combinations
from types import MappingProxyType

import numpy as np

from banbury.people.signals.record import Measured, Record

_COPIED = 0.5
"""Share of answers that are copied where two people do copy; the alternative that is weighed."""
_CHUNK = 1024
_PUBLIC = 20
"""Accounts on one device from which on it is a public one, which tells nothing."""
_NEAREST = 2
"""People whose answers are most like somebody's, whose evidence counts together."""


class Pairs:
    """How much more likely each two people's answers are if one copies than if neither does.

    The weight of evidence on an item is ln(1 - c + c / p) where both gave the same answer, and
    ln(1 - c) where they did not: c is the share that is copied, p the chance that this person
    would give this answer alone, from how easy the item is, how able the person is (Rasch), and
    how the crowd's wrong answers are spread. So the same rare mistake tells much, and the same
    right answer of two able people nearly nothing.

    It holds three tables of people by options, and compares everybody with everybody: give it the
    people of one campaign or skill, some ten thousand at most.

    Args:
        record: the answers; the closed ones of which it is known whether they are right count.
    """

    def __init__(self, record: Record) -> None:
        self.people = sorted(record.by_person)
        self._at = {p: n for n, p in enumerate(self.people)}
        closed = {
            item: [a for a in answers if a.right is not None and not a.open]
            for item, answers in record.by_item.items()
        }
        ease = {i: _logit(sum(bool(a.right) for a in own), len(own)) for i, own in closed.items()}
        able = self._abilities(record, ease)
        rows, columns, weights, wrong = [], [], [], []
        options: dict[tuple[str, str], int] = {}
        for item, answers in closed.items():
            count = Counter(a.text for a in answers if not a.right)
            total = sum(count.values())
            for a in answers:
                row = self._at[a.person]
                hit = 1 / (1 + np.exp(-ease[item] - able[row]))
                own = hit if a.right else (1 - hit) * (count[a.text] + 0.5) / (total + 1.5)
                rows.append(row)
                columns.append(options.setdefault((item, a.text), len(options)))
                weights.append(np.log(1 - _COPIED + _COPIED / own) - np.log(1 - _COPIED))
                wrong.append(not a.right)
        items = {item: n for n, item in enumerate(closed)}
        each = np.array([items[item] for item, _ in options], np.int64)
        shape = len(self.people), len(options)
        self._same, self._weight, self._wrong = (np.zeros(shape, np.float32) for _ in range(3))
        self._same[rows, columns] = 1
        self._weight[rows, columns] = weights
        self._wrong[rows, columns] = wrong
        self._asked = np.zeros((len(self.people), len(items)), np.float32)
        self._asked[rows, each[columns]] = 1

    def _abilities(self, record: Record, ease: dict[str, float]) -> np.ndarray:
        able = np.zeros(len(self.people))
        for person, answers in record.by_person.items():
            mine = [a for a in answers if a.right is not None and not a.open]
            if mine:
                right = sum(bool(a.right) for a in mine)
                easy = sum(ease[a.item] for a in mine) / len(mine)
                able[self._at[person]] = _logit(right, len(mine)) - easy
        return able

    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """For each person the others who are most like them: numbers and evidence, (P, most)."""
        most = max(0, min(_NEAREST, len(self.people) - 1))
        others, evidence = [], []
        for first in range(0, len(self.people), _CHUNK):
            part = slice(first, first + _CHUNK)
            each = self._evidence(part)
            top = np.argpartition(-each, most - 1, axis=1)[:, :most] if most else each[:, :0]
            values = np.take_along_axis(each, top.astype(np.int64), axis=1)
            order = np.argsort(-values, axis=1)
            others.append(np.take_along_axis(top.astype(np.int64), order, axis=1))
            evidence.append(np.take_along_axis(values, order, axis=1))
        empty = np.zeros((0, most))
        return np.concatenate([*others, empty]).astype(int), np.concatenate([*evidence, empty])

    def between(self, one: str, other: str) -> float:
        """Return the evidence, in nats, that two people's answers have one source."""
        a, b = self._at[one], self._at[other]
        return float(self._evidence(slice(a, a + 1))[0, b])

    def counts(self, one: str, other: str) -> tuple[int, int, int]:
        """Return how many items both answered, how many alike, and how many alike and wrong."""
        a, b = self._at[one], self._at[other]
        both = self._same[a] * self._same[b]
        asked = int(self._asked[a] @ self._asked[b])
        return asked, int(both.sum()), int((both * self._wrong[a]).sum())

    def _evidence(self, part: slice) -> np.ndarray:
        """The weaker of both directions, since whoever copies makes both answers one."""
        asked = np.float32(np.log(1 - _COPIED)) * (self._asked[part] @ self._asked.T)
        mine = self._weight[part] @ self._same.T
        theirs = self._same[part] @ self._weight.T
        each = np.minimum(mine, theirs) + asked
        here = np.arange(len(each))
        each[here, here + part.start] = -np.inf
        return np.asarray(each)


def alike(record: Record, pairs: Pairs) -> Measured:
    """The evidence that a person and the two most like them have one source, where there is any."""
    others, evidence = pairs.nearest()
    values = {p: float(np.maximum(e, 0).sum()) for p, e in zip(pairs.people, evidence, strict=True)}
    near = {
        person: tuple(pairs.people[n] for n, e in zip(own, found, strict=True) if e > 0)
        for person, own, found in zip(pairs.people, others, evidence, strict=True)
    }

    def words(person: str) -> str:
        said = []
        for other in near[person]:
            asked, same, wrong = pairs.counts(person, other)
            said.append(f"{same} of {asked} answers are those of {other}, {wrong} of them wrong")
        return "; ".join(said) + "."

    return Measured("alike", values, words, near)


def devices(
    record: Record,
    pairs: Pairs,
    used: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Measured:
    """Accounts on one device, more so where their answers are alike.

    Families and classrooms share devices too: alone this is as common as they are.

    Args:
        record: the answers.
        pairs: how alike they are.
        used: marks of devices by person, beside those that the answers name.
    """
    users: dict[str, set[str]] = defaultdict(set)
    for person, answers in record.by_person.items():
        for device in {*(a.device for a in answers), *used.get(person, ())} - {""}:
            users[device].add(person)
    values = dict.fromkeys(record.by_person, 0.0)
    others: dict[str, set[str]] = defaultdict(set)
    for accounts in users.values():
        if len(accounts) > _PUBLIC:
            continue
        for one, other in combinations(sorted(accounts), 2):
            worth = 1 + max(0.0, pairs.between(one, other))
            for me, they in ((one, other), (other, one)):
                values[me] += worth
                others[me].add(they)

    def words(person: str) -> str:
        return (
            f"The same device was used by {', '.join(sorted(others[person]))}. Families and "
            "classrooms share devices too."
        )

    return Measured("device", values, words, {p: tuple(sorted(o)) for p, o in others.items()})


def _logit(right: int, count: int) -> float:
    return float(np.log((right + 0.5) / (count - right + 0.5)))
