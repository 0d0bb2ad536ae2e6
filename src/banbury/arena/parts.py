"""The tasks behind a name: of each part in turn, as far as its conditions accept them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from banbury.episode import Problem, Split, canonical, digest
from banbury.episode.definition import Part
from banbury.gyms import registry
from banbury.gyms.contract import Phrasing
from banbury.gyms.drawing import drawn
from banbury.store import Lab

_RARE = 4000
"""So many tasks in a row that a condition does not accept mean that there are no more."""


def tasks(
    lab: Lab, skill: str, split: Split, seed: int, difficulty: str | None, phrasing: Phrasing
) -> Iterator[Problem]:
    """Yield problems of a skill, whoever named it; the same arguments yield the same.

    Of a skill that was merged of several, each part gives one in turn, until it has no more. A
    renamed skill has the tasks that it had.

    Raises:
        UnknownName: nobody covers the skill, or a part has no such difficulty.
        GymError: the gym raised while it made them.
    """
    return made(lab.taxonomy.parts(skill), split, seed, difficulty, phrasing)


def made(
    parts: Iterable[Part],
    split: Split = "open",
    seed: int = 0,
    difficulty: str | None = None,
    phrasing: Phrasing = "seen",
) -> Iterator[Problem]:
    """Yield problems of a definition; see `tasks`."""
    return _in_turn([s for p in parts for s in _streams(p, split, seed, difficulty, phrasing)])


def _streams(
    part: Part, split: Split, seed: int, difficulty: str | None, phrasing: Phrasing
) -> list[Iterator[Problem]]:
    gym, skill = registry.skill(part.skill)
    # A narrowed skill has a stream of its own: the items in which it was found do not come first.
    what = msgspec.to_builtins(part) if part.where else part.skill
    mixed = int(digest(canonical([seed, split, what, phrasing]))[:8], 16)
    levels: Sequence[str | None] = [difficulty]
    if difficulty is None and part.asks_difficulty:
        levels = part.difficulties(skill.difficulties)
    made = (drawn(gym, part.skill, seed=mixed, difficulty=d, phrasing=phrasing) for d in levels)
    return [_accepted(part, stream) for stream in made]


def _accepted(part: Part, stream: Iterator[Problem]) -> Iterator[Problem]:
    refused = 0
    for problem in stream:
        if part.accepts(problem.task):
            refused = 0
            yield problem
        elif (refused := refused + 1) >= _RARE:
            return


def _in_turn(streams: Sequence[Iterator[Problem]]) -> Iterator[Problem]:
    left = list(streams)
    while left:
        for stream in list(left):
            problem = next(stream, None)
            if problem is None:
                left.remove(stream)
            else:
                yield problem
