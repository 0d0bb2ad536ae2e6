"""The difference of two episodes: steps side by side, texts compared word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from banbury.accounts import Caller
from banbury.episode import GYM, Episode, Step
from banbury.store import Lab
from banbury.web.views import episode as one
from banbury.web.views import steps as reading

PAGE = 100
"""Rows of a page."""

_ALIGNED = 1_500
"""Steps on a side, without the common beginning and end, that are aligned; more go by number."""

_CONTEXT = 2
_WORDS = 4_000_000
"""Pairs of words that a page compares at most; what is beyond stands whole."""

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
Kind = Literal["same", "changed", "left", "right", "fold"]
_Pair = tuple[int | None, int | None]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text, and whether the other side lacks it."""

    text: str
    only: bool


class Side(msgspec.Struct, frozen=True):
    """One step on one side."""

    seq: int
    kind: str
    who: str
    actor: str
    title: str
    pieces: tuple[Piece, ...]


class DiffRow(msgspec.Struct, frozen=True):
    """One row: the same step, a changed one, one that only a side has, or a stretch of same ones.

    Attributes:
        kind: see above; `fold` stands for `count` equal steps.
        left: None where only the right has it.
        right: None where only the left has it.
        count: steps of a fold.
    """

    kind: Kind
    left: Side | None
    right: Side | None
    count: int = 1


class Head(msgspec.Struct, frozen=True):
    """Which episode stands on a side."""

    id: str
    skill: str
    actor: str
    run: str
    status: str
    steps: int


class Difference(msgspec.Struct, frozen=True):
    """How two episodes differ.

    Attributes:
        left: the first.
        right: the second.
        common: steps in which both begin the same.
        same: equal steps in all.
        changed: steps that differ in what they say.
        only_left: steps that only the first has.
        only_right: steps that only the second has.
        rows: a page of them.
        next: number of the row with which the next page begins, None at the end.
    """

    left: Head
    right: Head
    common: int
    same: int
    changed: int
    only_left: int
    only_right: int
    rows: tuple[DiffRow, ...]
    next: int | None


def difference(
    lab: Lab, first: str, second: str, caller: Caller, mine: bool, start: int = 0
) -> Difference:
    """Return how two episodes differ, from a row on.

    Raises:
        UnknownName: there is no such episode, or it is another's.
    """
    a, b = (one.may_see(lab, id, caller, mine) for id in (first, second))
    left, right = one.all_steps(lab, a), one.all_steps(lab, b)
    pairs = aligned([_key(s) for s in left], [_key(s) for s in right])
    kinds = [_kind(left, right, pair) for pair in pairs]
    plan = list(_folded(kinds))
    shown = plan[max(start, 0) : max(start, 0) + PAGE]
    more = max(start, 0) + PAGE
    common = next((i for i, kind in enumerate(kinds) if kind != "same"), len(kinds))
    made = _Rows(a, b, left, right)
    return Difference(
        _head(a, len(left)),
        _head(b, len(right)),
        common,
        kinds.count("same"),
        kinds.count("changed"),
        kinds.count("left"),
        kinds.count("right"),
        tuple(made.row(kinds[i], pairs[i], count) for i, count in shown),
        more if more < len(plan) else None,
    )


def aligned(left: Sequence[object], right: Sequence[object]) -> list[_Pair]:
    """Return pairs of places, each place once and in order; None where a side has no partner."""
    begin = 0
    while begin < min(len(left), len(right)) and left[begin] == right[begin]:
        begin += 1
    end = 0
    most = min(len(left), len(right)) - begin
    while end < most and left[-1 - end] == right[-1 - end]:
        end += 1
    pairs: list[_Pair] = [(i, i) for i in range(begin)]
    a, b = left[begin : len(left) - end], right[begin : len(right) - end]
    pairs += [
        (None if i is None else i + begin, None if j is None else j + begin)
        for i, j in _middle(a, b)
    ]
    tail: list[_Pair] = [(len(left) - k, len(right) - k) for k in range(end, 0, -1)]
    return pairs + tail


def _middle(a: Sequence[object], b: Sequence[object]) -> Iterator[_Pair]:
    if max(len(a), len(b)) > _ALIGNED:
        yield from _beside(range(len(a)), range(len(b)))
        return
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    for tag, i, to_i, j, to_j in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(i, to_i), range(j, to_j), strict=True)
        else:
            yield from _beside(range(i, to_i), range(j, to_j))


def _beside(a: range, b: range) -> Iterator[_Pair]:
    both = min(len(a), len(b))
    yield from zip(a[:both], b[:both], strict=True)
    yield from ((i, None) for i in a[both:])
    yield from ((None, j) for j in b[both:])


def _key(step: Step) -> tuple[object, ...]:
    return step.kind, step.actor == GYM, step.seat, step.track, step.payload


def _kind(left: Sequence[Step], right: Sequence[Step], pair: _Pair) -> Kind:
    i, j = pair
    if i is None:
        return "right"
    if j is None:
        return "left"
    return "same" if _key(left[i]) == _key(right[j]) else "changed"


def _folded(kinds: Sequence[Kind]) -> Iterator[tuple[int, int]]:
    """Yield (place, count): 1 for a row that is shown, more for equal ones that are not."""
    place = 0
    while place < len(kinds):
        end = place
        while end < len(kinds) and kinds[end] == "same":
            end += 1
        if end == place:
            yield place, 1
            place += 1
            continue
        head = _CONTEXT if place else 0
        tail = _CONTEXT if end < len(kinds) else 0
        hidden = end - place - head - tail
        if hidden < 2:
            yield from ((i, 1) for i in range(place, end))
        else:
            yield from ((i, 1) for i in range(place, place + head))
            yield place + head, hidden
            yield from ((i, 1) for i in range(end - tail, end))
        place = end


class _Rows:
    """Makes the rows of one page; words are compared until the page has cost enough."""

    def __init__(self, a: Episode, b: Episode, left: Sequence[Step], right: Sequence[Step]) -> None:
        self._sides = ((a, left), (b, right))
        self._left = _WORDS

    def row(self, kind: Kind, pair: _Pair, count: int) -> DiffRow:
        """Return a row."""
        texts = [self._text(side, place) for side, place in enumerate(pair)]
        if kind == "changed":
            left, right = self._compared(*texts)
        else:
            left, right = (_whole(text, kind != "same") for text in texts)
        sides = (self._side(0, pair[0], left), self._side(1, pair[1], right))
        return DiffRow("fold" if count > 1 else kind, *sides, count)

    def _view(self, side: int, place: int) -> reading.StepView:
        episode, steps = self._sides[side]
        return reading.view(episode, steps[place])

    def _text(self, side: int, place: int | None) -> str:
        if place is None:
            return ""
        parts = self._view(side, place).parts
        return "\n".join(f"{p.name}: {p.text}" if p.name else p.text for p in parts)

    def _side(self, side: int, place: int | None, pieces: tuple[Piece, ...]) -> Side | None:
        if place is None:
            return None
        v = self._view(side, place)
        return Side(v.seq, v.kind, v.who, v.actor, v.title, pieces)

    def _compared(self, a: str, b: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        left, right = _TOKEN.findall(a), _TOKEN.findall(b)
        cost = len(left) * len(right)
        if cost > self._left:
            return (Piece(a, True),), (Piece(b, True),)
        self._left -= cost
        matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
        out: tuple[list[Piece], list[Piece]] = ([], [])
        for tag, i, to_i, j, to_j in matcher.get_opcodes():
            for side, words in ((0, left[i:to_i]), (1, right[j:to_j])):
                if words:
                    out[side].append(Piece("".join(words), tag != "equal"))
        return tuple(out[0]), tuple(out[1])


def _whole(text: str, only: bool) -> tuple[Piece, ...]:
    return (Piece(text, only),) if text else ()


def _head(episode: Episode, steps: int) -> Head:
    actors = ", ".join(dict.fromkeys(a.name for a in episode.actors))
    return Head(episode.id, episode.skill, actors, episode.key.run, episode.status, steps)
