"""How a gym reaches a model: `ask(model, prompt)`, called in the gym's thread, kept as notes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec

from banbury.actors.policy import Policy
from banbury.arena.deadline import Deadline
from banbury.arena.scribe import ASK, COST, Scribe
from banbury.episode import Cost, Public, SkillWeight, Step, Task, digest
from banbury.errors import ActorError, BanburyError, GymError, Interrupted, UnknownName
from banbury.gyms.contract import Answer, Ask, Observation

SEAT = "asked"
"""The seat at which a model sits that a gym asks."""

MARK = "judge:"
"""Begins the tags that say which models a gym could ask in an episode."""


NO_MODEL = "name one with --judge MODEL or BANBURY_JUDGE; from Python, hand `ask` to the run"
"""What to do where a gym asks a model and there is none."""


class Said(NamedTuple):
    """What a model answered.

    Attributes:
        text: the answer.
        cost: what it cost.
        by: key of the actor that answered, "" where nobody knows.
    """

    text: str
    cost: Cost = Cost()
    by: str = ""


@runtime_checkable
class Answers(Protocol):
    """Whoever answers what gyms ask."""

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> Said:
        """Return what a model answers."""

    def in_line(self, model: str) -> bool:
        """Return whether questions wait in line, which is not the episode's time."""


class Models:
    """The models that gyms may ask.

    Args:
        policies: by the names by which gyms ask for them; hand it to `run` as `ask`, which closes
            the policies at its end; they may be used again.
        default: who answers where no policy has the name that a gym asks for.
    """

    def __init__(self, policies: Mapping[str, Policy], default: Policy | None = None) -> None:
        self._policies = dict(policies)
        self._default = default

    @property
    def marks(self) -> tuple[str, ...]:
        """Return what the tags of an episode say of them: `judge:KEY`, `judge:NAME=KEY`."""
        every = [f"{MARK}{self._default.actor.key}"] if self._default else []
        return *every, *(f"{MARK}{n}={p.actor.key}" for n, p in sorted(self._policies.items()))

    def in_line(self, model: str) -> bool:
        """Return whether questions to a model wait in line."""
        return bool(getattr(self._policies.get(model, self._default), "in_line", False))

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> Said:
        """Return what a model answers, and what that cost.

        Raises:
            UnknownName: there is no such model.
            ActorError: it could not be asked, or gave no answer.
        """
        policy = self._policies.get(model, self._default)
        if policy is None:
            raise UnknownName("model to ask", model, self._policies)
        shown = msgspec.structs.replace(task, public=Public(prompt))  # a router goes by the prompt
        try:
            move = await policy.sit(shown, SEAT, Answer, sample).act((Observation(prompt),))
        except BanburyError:
            raise
        except Exception as error:
            raise ActorError(
                f"it raised {type(error).__name__}: {error}", where=f"model {model!r}"
            ) from error
        if not isinstance(move.action, Answer):
            raise ActorError(f"it gave no answer: {move.fault}", where=f"model {model!r}")
        return Said(move.action.text, move.cost, policy.actor.key)

    async def close(self) -> None:
        """Release what the policies hold of this event loop."""
        held = {id(p): p for p in (*self._policies.values(), self._default) if p is not None}
        for policy in held.values():
            await policy.close()

    @contextmanager
    def aloud(self, scribe: Scribe | None = None) -> Iterator[Ask]:
        """Return `ask` for plain code outside an event loop, such as the check of a gym.

        Args:
            scribe: takes down what is asked, if given.
        """
        with asyncio.Runner() as runner:

            def ask(model: str, prompt: str) -> str:
                said = runner.run(self.answer(model, prompt, _alone(prompt), 0))
                if scribe is not None:
                    scribe.answered(model, prompt, said.text, said.cost, said.by)
                return said.text

            try:
                yield ask
            finally:
                runner.run(self.close())


class Later:
    """Nobody is asked: people grade later, and until then an episode is done and not judged."""


LATER = Later()


def _alone(prompt: str) -> Task:
    id = digest(prompt.encode())
    return Task(id, "", "", "", "{}", Public(prompt), (SkillWeight("asked"),))


_handed: ContextVar[Callable[[], Models | Later | None]] = ContextVar("handed")


@contextmanager
def asking(models: Callable[[], Models | Later | None]) -> Iterator[None]:
    """Within the block, let every `run` that is handed no `ask` ask these models.

    So the stages of the loop need not pass them on. They are called for only where a gym needs
    one, so that no weights are loaded in vain; None means that there are none.
    """
    token = _handed.set(models)
    try:
        yield
    finally:
        _handed.reset(token)


def handed() -> Models | Later | None:
    """Return the models of the block of `asking` in which this is called, None outside."""
    return _handed.get(lambda: None)()


class Recorded:
    """Answers what was asked in recorded steps, in their order; for a replay.

    Args:
        steps: of the episode.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._past = deque(told(steps))

    def in_line(self, model: str) -> bool:
        """Return False: nobody waits."""
        return False

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> Said:
        """Return what was answered then.

        Raises:
            GymError: this was not asked then.
        """
        if not self._past or (self._past[0].model, self._past[0].prompt) != (model, prompt):
            raise GymError(f"the gym asks the model {model!r} what it did not ask: {prompt[:500]}")
        return Said(self._past[0].answer, by=self._past.popleft().by)


class _Plain:
    """Answers by a function, which costs nothing."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def in_line(self, model: str) -> bool:
        return False

    async def answer(self, model: str, prompt: str, task: Task, sample: int) -> Said:
        return Said(await asyncio.to_thread(self._ask, model, prompt))


class Asked:
    """`ask` for one episode: each call becomes a note, and is told again when it is carried on.

    Args:
        ask: models, or a plain function, which costs nothing.
        scribe: of the episode.
        task: of the episode.
        sample: of the episode.
        past: steps of an episode that was cut off: what was asked then is not asked again.
        deadline: of the episode; it stands still while a question waits in line.
    """

    def __init__(
        self,
        ask: Answers | Ask,
        scribe: Scribe,
        task: Task,
        sample: int,
        past: Sequence[Step] = (),
        deadline: Deadline | None = None,
    ) -> None:
        self._answers: Answers = ask if isinstance(ask, Answers) else _Plain(ask)
        self._scribe, self._task, self._sample = scribe, task, sample
        self._past = deque(told(past))
        self._deadline = deadline
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
            said = Said(told.answer, told.cost, told.by)
        else:
            waits = self._deadline is not None and self._answers.in_line(model)
            with self._deadline.paused() if self._deadline and waits else nullcontext():
                said = await self._answers.answer(model, prompt, self._task, self._sample)
        self._scribe.answered(model, prompt, said.text, said.cost, said.by)
        return said.text


class Told(NamedTuple):
    """One recorded call of a model."""

    model: str
    prompt: str
    answer: str
    cost: Cost
    by: str


def told(steps: Sequence[Step]) -> list[Told]:
    """Return what models were asked in recorded steps, in order."""
    out: list[Told] = []
    for step, after in zip(steps, [*steps[1:], None], strict=False):
        if step.track != ASK:
            continue
        said = msgspec.json.decode(step.payload, type=dict[str, str])
        paid = after is not None and after.actor == step.actor and after.track == COST
        cost = msgspec.json.decode(after.payload, type=Cost) if after and paid else Cost()
        out.append(Told(said["model"], said["prompt"], said["answer"], cost, said.get("by", "")))
    return out
