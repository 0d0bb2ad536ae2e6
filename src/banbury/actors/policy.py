"""Policy, Session, Move: how anybody is seated at a gym.

A policy may sit at many tasks at once; each time it makes a session, which is handed what its
seat sees and answers with a move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from banbury.episode import Actor, Cost, Sampler, Task
from banbury.gyms.contract import Action, Observation


def clean(text: str) -> str:
    """Return text that UTF-8 can hold: each lone surrogate becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


BASE = "base"
"""The route that leaves a task to the base itself."""


class Call(msgspec.Struct, frozen=True):
    """One model call in token ids.

    Attributes:
        sampler: how the completion was drawn.
        prompt: ids read, shape (p,).
        completion: ids written, shape (c,).
        logprobs: log-probabilities of the ids written, shape (c,), or None.
    """

    sampler: Sampler
    prompt: Any
    completion: Any
    logprobs: Any = None


class Move(msgspec.Struct, frozen=True):
    """What a session answered.

    Attributes:
        action: the action, or None where the answer was none (`fault` says why).
        raw: the text as it came, when `action` is None.
        fault: why the text is no action; the actor's fault, hence a score and never a failure.
        call: the model call behind it, when there was one and its ids are known.
        cost: what it cost.
        route: adapter or base that a router chose.
        notes: evidence worth keeping beside the action, by name.
    """

    action: Action | None
    raw: str = ""
    fault: str = ""
    call: Call | None = None
    cost: Cost = Cost()
    route: str = ""
    notes: dict[str, str] = {}


class Left(Exception):
    """Raised by a session whose person got up: the episode stays open, to be carried on later.

    The run then plays nothing more with that policy, and counts the episode as `open`.
    """


class GaveUp(Exception):
    """Raised by a session that does nothing more: the episode is judged as it stands."""


class Session(Protocol):
    """An actor seated at one task."""

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Answer what the seat has seen since the last move.

        Raises:
            ActorError: the actor could not be asked; the episode fails.
            Left: a person got up; `EOFError` counts as the same.
            GaveUp: the actor does nothing more.
        """


@runtime_checkable
class Recalls(Protocol):
    """A session that can be told what it did before its episode was interrupted."""

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        """Take note of a move that it made, and of what it had seen: it is not asked again.

        The call behind the move is not among what is told. A person's session without this method
        is shown everything again; any other without it cannot go on, and its episode fails.
        """


class Policy(Protocol):
    """An actor that can be seated."""

    @property
    def actor(self) -> Actor:
        """Return who this is, with everything that changes its behaviour."""

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> Session:
        """Sit down at a task; `actions` is the gym's action type, `sample` the attempt's number."""

    async def close(self) -> None:
        """Release what the policy holds of the running event loop, such as connections.

        The arena calls it at the end of each run; the policy may be seated again after it.
        """


class InLine(Protocol):
    """A policy whose sessions wait in line, for weights in this process or for a rate limit.

    How long that takes says nothing of an episode, so the arena's clock stands still meanwhile:
    such a policy sees to it itself that no call takes for ever.
    """

    @property
    def in_line(self) -> bool:
        """Return whether they do."""


@runtime_checkable
class Routed(Protocol):
    """A policy that picks, task by task, who answers: an adapter, or the base."""

    @property
    def base(self) -> Actor:
        """Return the actor that answers where the route is `base`."""

    def route(self, task: Task) -> str:
        """Return the adapter's name or `base`, without asking anybody."""


def route_of(policy: Policy, task: Task, base: Policy) -> str:
    """Return `base` if `policy` would let exactly `base` answer the task, else another word.

    Sampled answers differ from one asking to the next, so only a greedy base counts as itself;
    its sampling parameters stand in the actor's settings.
    """
    if isinstance(policy, Routed) and policy.base == base.actor:
        return policy.route(task)
    return "itself"
