"""A person as an actor over a network: what they do is handed in, and nobody waits in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from banbury.actors.policy import Left, Move
from banbury.episode import Actor, Task
from banbury.errors import BanburyError, GymError
from banbury.gyms.contract import Action, Observation


class Exchange(msgspec.Struct):
    """What the person was shown, and what they did then; None while they think."""

    observations: tuple[Observation, ...]
    action: Action | None = None


class Remote:
    """A person at one task, whose actions come from other tasks of the event loop.

    Policy and session in one. While the person thinks, the episode's clock stands still.

    Attributes:
        exchanges: all that was shown and done, those before an interruption included.
        in_line: see `InLine`.
    """

    in_line = True

    def __init__(self, person: str) -> None:
        self.exchanges: list[Exchange] = []
        self._actor = Actor("person", person)
        self._asked: asyncio.Future[Move] | None = None
        self._turned = asyncio.Event()

    @property
    def actor(self) -> Actor:
        """Return who this is."""
        return self._actor

    @property
    def number(self) -> int:
        """Return how many actions were done: the number of the next one, from 0."""
        thinks = bool(self.exchanges) and self.exchanges[-1].action is None
        return len(self.exchanges) - thinks

    @property
    def asked(self) -> bool:
        """Return whether it is the person's turn."""
        return self._asked is not None and not self._asked.done()

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> Remote:
        """Sit down; one person may hold all seats of a gym."""
        return self

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Show what was seen and wait for what the person does, as long as it takes.

        Raises:
            Left: the person got up.
            GymError: the person says that the task is broken.
        """
        self.exchanges.append(Exchange(tuple(observations)))
        self._asked = asyncio.get_running_loop().create_future()
        self._turned.set()
        move = await self._asked
        self.exchanges[-1].action = move.action
        return move

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        """Take note of a move made before the episode was interrupted."""
        self.exchanges.append(Exchange(tuple(observations), move.action))

    def hand(self, move: Move) -> None:
        """Hand in the next action; it must be the person's turn."""
        assert self._asked is not None, "nobody is asked"
        self._turned.clear()
        self._asked.set_result(move)

    def leave(self) -> None:
        """Get up: the episode stays open."""
        self._refuse(Left("the person got up"))

    def report(self, reason: str) -> None:
        """Say that the task is broken: the episode fails."""
        self._refuse(
            GymError(f"the person says that the task is broken: {reason}", do="look at the task")
        )

    async def turn(self) -> None:
        """Wait until it is the person's turn."""
        await self._turned.wait()

    async def close(self) -> None:
        """Hold nothing, release nothing."""

    def _refuse(self, error: Left | BanburyError) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)
