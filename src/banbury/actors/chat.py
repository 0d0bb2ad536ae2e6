"""ChatPolicy: what every language model shares, whether it runs here or behind an endpoint.

How it is asked stands here: sampling, a system prompt, examples. How its words become moves
stands in `conversation.py`.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import msgspec

from banbury.actors.conversation import Conversation, Reply, ToolConversation, opening
from banbury.episode import Actor, Task, canonical, digest
from banbury.gyms.tools import only_answers, toolbox

Shot = tuple[str, str]
"""A solved example: what the seat would see, and the right answer to it."""

Shots = Callable[[Task], Sequence[Shot]]

Tools = Literal["native", "text"]
"""How a model acts where an action is more than a text: tool calls, or one JSON object."""


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an answer is drawn.

    Attributes:
        temperature: 0 is greedy decoding.
        top_p: nucleus mass.
        max_tokens: the most tokens of one answer.
        seed: with task and sample number it seeds each answer.
        stop: texts at which an answer ends; an endpoint takes them, weights in this process do not.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 32
    seed: int = 0
    stop: tuple[str, ...] = ()


class ChatPolicy(ABC):
    """A language model as an actor."""

    usual_tools: ClassVar[Tools] = "text"
    """How models of this kind act, where nothing else is asked for."""

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
        self.tools: Tools = self.usual_tools
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
        if self.tools != self.usual_tools:
            settings["tools"] = self.tools
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
        self,
        messages: list[dict[str, Any]],
        *,
        seed: int,
        task: Task,
        previous: Any = None,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Reply:
        """Return the model's answer to a conversation.

        Args:
            messages: the conversation so far, in OpenAI's form.
            seed: of the answer.
            task: what it is about.
            previous: not used.
            tools: functions that the model may call, where its `tools` are native.

        Raises:
            ActorError: it could not be asked.
        """

    def sit(
        self, task: Task, seat: str, actions: Any, sample: int
    ) -> Conversation | ToolConversation:
        """Begin a conversation.

        Examples are shown as text, so a model that is shown some acts in text.
        """
        acts = not only_answers(actions)
        native = acts and self.tools == "native" and self._shots is None
        system = opening(toolbox(actions), self._system) if acts and not native else self._system
        messages: list[dict[str, Any]] = []
        if system:
            messages.append({"role": "system", "content": system})
        for shown, answer in self._shots(task) if self._shots else ():
            messages.append({"role": "user", "content": shown})
            messages.append({"role": "assistant", "content": answer})
        mixed = digest(task.id.encode(), str(sample).encode(), str(self.sampling.seed).encode())
        kind = ToolConversation if native else Conversation
        return kind(self, task, actions, messages, int(mixed[:8], 16) & 0x7FFFFFFF)

    async def close(self) -> None:
        """Release what the policy holds."""
