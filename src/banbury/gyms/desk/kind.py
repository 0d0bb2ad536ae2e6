"""Kind and Draft: a kind of task, and one task of it before it is put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from banbury.gyms.contract import Action, Skill
from banbury.gyms.desk.goals.goal import Goal
from banbury.gyms.desk.world import World

Dial = Mapping[str, int]
"""The settings of one difficulty: `noise` (how much else is at the desk) and the kind's own."""


@dataclass(frozen=True)
class Draft:
    """One task.

    Attributes:
        slots: what the wordings show.
        world: the desk as it is found.
        goal: what must hold in the end.
        solution: the reference's actions; the last one is `Done`.
    """

    slots: Mapping[str, Any]
    world: World
    goal: Goal
    solution: Sequence[Action]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of task, which is a skill.

    Attributes:
        skill: its name, `desk.<area>.<kind>`.
        title: a few words for people.
        dials: settings by difficulty, the easiest first.
        draw: draws one task; None where the dice fell so that there is none.
        seen: wordings that may be trained on, with `{slots}`.
        unseen: wordings kept for reserved items.
        version: part of every task's identity; raise it when the tasks change.
    """

    skill: str
    title: str
    dials: Mapping[str, Dial]
    draw: Callable[[Random, Dial], Draft | None]
    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    version: str = "1"

    def covers(self) -> Skill:
        """Return the kind as a skill of the taxonomy."""
        return Skill(self.skill, self.title, tuple(self.dials))
