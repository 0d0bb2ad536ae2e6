"""Sample: an item made from its truth, and the kind of sample that draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from banbury.gyms.labelling.actions import Result
from banbury.gyms.labelling.controls import Control, Media

Item = dict[str, str | Media]
LEVELS = ("few", "many")


@dataclass(frozen=True)
class Sample:
    """One item with what is right of it, by control."""

    item: Item
    gold: dict[str, Result]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """One skill's samples.

    Attributes:
        skill: the skill's name.
        title: a few words for people.
        controls: what is asked of each item.
        draw: `draw(rng, many)` returns one; `many` for the harder level.
        seen: wordings that may be trained on; they name all labels.
        unseen: wordings kept for reserved items.
        chance: pass rate of a guess in the right form.
    """

    skill: str
    title: str
    controls: tuple[Control, ...]
    draw: Callable[[Random, bool], Sample]
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    chance: float = 0.0
    levels: tuple[str, ...] = field(default=LEVELS)
