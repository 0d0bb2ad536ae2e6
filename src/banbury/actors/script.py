"""Script actors: the reference solution, a replay, a fixed answer, nothing at all.

They are product code (a reference makes training data, a replay checks a record) and stand in
for a model wherever a test must not need one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from banbury.actors.policy import Move
from banbury.episode import Actor, Record, Task, digest
from banbury.errors import ActorError
from banbury.gyms.contract import Action, Answer, Observation

Plan = Callable[[Task], Sequence[Action]]


class Script:
    """Plays a plan: the actions that a function returns for a task, one a move."""

    def __init__(self, name: str, plan: Plan, *, revision: str = "1") -> None:
        self._actor = Actor("script", name, revision)
        self._plan = plan

    @property
    def actor(self) -> Actor:
        """Return who this is."""
        return self._actor

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> _Played:
        """Sit down with the plan for this task."""
        return _Played(self._plan(task))

    async def close(self) -> None:
        """Hold nothing, release nothing."""


class _Played:
    def __init__(self, actions: Sequence[Action]) -> None:
        self._actions = iter(actions)

    async def act(self, observations: Sequence[Observation]) -> Move:
        action = next(self._actions, None)
        if action is None:
            return Move(None, fault="the script has no further action")
        return Move(action)

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        next(self._actions, None)


def fixed(text: str) -> Script:
    """Return a script that gives one answer to everything."""
    revision = digest(text.encode("utf-8", "surrogatepass"))
    return Script("fixed", lambda task: [Answer(text)], revision=revision)


def replay(record: Record, seat: str, actions: Any) -> Script:
    """Return a script that repeats the actions of one seat of a stored episode.

    Raises:
        ActorError: an action is not of the gym's type any more.
    """
    try:
        plan = [msgspec.json.decode(s.payload, type=actions) for s in record.actions(seat)]
    except msgspec.MsgspecError as error:
        raise ActorError(
            f"a stored action is not one of this gym's: {error}",
            where=f"episode {record.episode.id}",
            do="replay it with the version of the gym that recorded it",
        ) from error
    return Script("replay", lambda task: plan, revision=record.episode.id)
