"""How a gym reaches a model: `ask(model, prompt)`, called in the gym's thread, kept as notes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from banbury.actors.policy import Policy
from banbury.arena.scribe import ASK, COST, Scribe
from banbury.episode import Cost, Step, Task
from banbury.errors import ActorError, Interrupted, UnknownName
from banbury.gyms.contract import Answer, Ask, Observation

SEAT = "asked"
"""The seat at which a model sits that a gym asks."""


class Models:
    """The models that gyms may ask, by the names by which they ask for them.

    Args:
        policies: hand it to `run` as `ask`; its caller closes them.
    """

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = dict(policies)

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> tuple[str, Cost]:
        """Return what a model answers, and what that cost.

        Raises:
            UnknownName: there is no such model.
            ActorError: it could not be asked, or gave no answer.
        """
        if model not in self._policies:
            raise UnknownName("model to ask", model, self._policies)
        session = self._policies[model].sit(task, SEAT, Answer, sample)
        move = await session.act((Observation(prompt),))
        if not isinstance(move.action, Answer):
            raise ActorError(f"it gave no answer: {move.fault}", where=f"model {model!r}")
        return move.action.text, move.cost


class Asked:
    """`ask` for one episode: each call becomes a note, and is told again when it is carried on.

    Args:
        ask: models, or a plain function, which costs nothing.
        scribe: of the episode.
        task: of the episode.
        sample: of the episode.
        past: steps of an episode that was cut off: what was asked then is not asked again.
    """

    def __init__(
        self, ask: Models | Ask, scribe: Scribe, task: Task, sample: int, past: Sequence[Step] = ()
    ) -> None:
        self._ask, self._scribe, self._task, self._sample = ask, scribe, task, sample
        self._past = deque(told(past))
        self._loop = asyncio.get_running_loop()

    def __call__(self, model: str, prompt: str) -> str:
        """Return a model's answer; called in the gym's thread, which waits.

        Raises:
            UnknownName, ActorError: see `Models.answer`.
            Interrupted: carried on, the gym asks otherwise than before.
        """
        return asyncio.run_coroutine_threadsafe(self._answered(model, prompt), self._loop).result()

    async def _answered(self, model: str, prompt: str) -> str:
        if self._past:
            told = self._past.popleft()
            if (told.model, told.prompt) != (model, prompt):
                raise Interrupted(f"the gym asked {told.prompt!r} before, {prompt!r} now")
            answer, cost = told.answer, told.cost
        elif isinstance(self._ask, Models):
            answer, cost = await self._ask.answer(model, prompt, self._task, self._sample)
        else:
            answer, cost = await asyncio.to_thread(self._ask, model, prompt), Cost()
        self._scribe.answered(model, prompt, answer, cost)
        return answer


class Told(NamedTuple):
    """One recorded call of a model."""

    model: str
    prompt: str
    answer: str
    cost: Cost


def told(steps: Sequence[Step]) -> list[Told]:
    """Return what models were asked in recorded steps, in order."""
    out: list[Told] = []
    for step, after in zip(steps, [*steps[1:], None], strict=False):
        if step.track != ASK:
            continue
        said = msgspec.json.decode(step.payload, type=dict[str, str])
        paid = after is not None and after.actor == step.actor and after.track == COST
        cost = msgspec.json.decode(after.payload, type=Cost) if after and paid else Cost()
        out.append(Told(said["model"], said["prompt"], said["answer"], cost))
    return out
