"""ChatPolicy: what every language model shares, whether it runs here or behind an endpoint.

Observations become chat messages; the answer becomes an action. Where a gym's only action is
`Answer`, the text is the answer; elsewhere it must be the action as JSON.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import msgspec

from banbury.actors.policy import Call, Move, clean
from banbury.episode import Actor, Cost, Task, canonical, digest
from banbury.gyms.contract import Answer, Observation

Shot = tuple[str, str]
"""A solved example: what the seat would see, and the right answer to it."""

Shots = Callable[[Task], Sequence[Shot]]

PAYLOAD_LIMIT = 4_000_000
"""Characters of one answer that are kept; a longer one is cut and says so."""


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an answer is drawn.

    Attributes:
        temperature: 0 is greedy decoding.
        top_p: nucleus mass.
        max_tokens: the most tokens of one answer.
        seed: with task and sample number it seeds each answer.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 32
    seed: int = 0


class Reply(msgspec.Struct, frozen=True):
    """What a model said, before it is an action."""

    text: str
    call: Call | None = None
    cost: Cost = Cost()
    route: str = ""
    notes: dict[str, str] = {}


class ChatPolicy(ABC):
    """A language model as an actor."""

    def __init__(
        self,
        name: str,
        revision: str,
        sampling: Sampling,
        *,
        system: str = "",
        shots: Shots | None = None,
        shots_name: str = "",
    ) -> None:
        self.sampling = sampling
        self._system = system
        self._shots = shots
        self._shots_name = shots_name or "shots"
        self._name = name
        self._revision = revision

    @property
    def actor(self) -> Actor:
        """Return who this is, with everything that changes its behaviour."""
        settings: dict[str, Any] = {"sampling": msgspec.to_builtins(self.sampling)}
        if self._system:
            settings["system"] = self._system
        if self._shots is not None:
            settings["shots"] = self._shots_name
        return Actor("model", self._name, self._revision, canonical(settings).decode())

    def with_shots(self, shots: Shots, name: str) -> Self:
        """Return the same model, shown solved examples that are called `name` in its settings."""
        other = self._copied()
        other._shots = shots
        other._shots_name = name
        return other

    def sampled(self, sampling: Sampling) -> Self:
        """Return the same model with other sampling parameters."""
        other = self._copied()
        other.sampling = sampling
        return other

    def _copied(self) -> Self:
        """Return a copy that shares the weights or the endpoint, and nothing that runs."""
        return copy.copy(self)

    @abstractmethod
    async def complete(
        self, messages: list[dict[str, str]], *, seed: int, task: Task, previous: Any = None
    ) -> Reply:
        """Return the model's answer to a conversation.

        Raises:
            ActorError: it could not be asked.
        """

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> _Conversation:
        """Begin a conversation."""
        opening: list[dict[str, str]] = []
        if self._system:
            opening.append({"role": "system", "content": self._system})
        for shown, answer in self._shots(task) if self._shots else ():
            opening.append({"role": "user", "content": shown})
            opening.append({"role": "assistant", "content": answer})
        mixed = digest(task.id.encode(), str(sample).encode(), str(self.sampling.seed).encode())
        return _Conversation(self, task, actions, opening, int(mixed[:8], 16) & 0x7FFFFFFF)

    async def close(self) -> None:
        """Release what the policy holds."""


class _Conversation:
    def __init__(
        self,
        policy: ChatPolicy,
        task: Task,
        actions: Any,
        messages: list[dict[str, str]],
        seed: int,
    ) -> None:
        self._policy = policy
        self._task = task
        self._actions = actions
        self._messages = messages
        self._seed = seed

    async def act(self, observations: Sequence[Observation]) -> Move:
        for seen in observations:
            role = "user" if seen.role == "tool" else seen.role
            self._messages.append({"role": role, "content": seen.text})
        reply = await self._policy.complete(self._messages, seed=self._seed, task=self._task)
        reply = msgspec.structs.replace(reply, text=clean(reply.text))
        self._messages.append({"role": "assistant", "content": reply.text})
        return as_move(reply, self._actions)


def as_move(reply: Reply, actions: Any) -> Move:
    """Return the move that a reply makes under a gym's actions."""
    text, notes = reply.text, dict(reply.notes)
    if len(text) > PAYLOAD_LIMIT:
        notes["cut"] = f"the answer had {len(text)} characters; {PAYLOAD_LIMIT} are kept"
        text = text[:PAYLOAD_LIMIT]
    if actions is Answer:
        return Move(Answer(text), call=reply.call, cost=reply.cost, route=reply.route, notes=notes)
    try:
        action = msgspec.json.decode(text, type=actions)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return Move(
            None,
            raw=text,
            fault=str(error),
            call=reply.call,
            cost=reply.cost,
            route=reply.route,
            notes=notes,
        )
    return Move(action, call=reply.call, cost=reply.cost, route=reply.route, notes=notes)
