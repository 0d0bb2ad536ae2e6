"""The gym contract: make tasks, start one, step it, judge it.

A gym is a class with a name, a version, its skills, and five verbs: `tasks`, `start`, `judge`,
`solution`, `cheats`. An environment is one running task: `opening`, `step`, `evidence`, `close`,
and, where it can, `snapshot` and `restore`.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from banbury import clock
from banbury.episode import (
    Judgement,
    Problem,
    Record,
    Span,
    Step,
    Task,
    canonical,
    digest,
    new_id,
)
from banbury.errors import GymError

Ask = Callable[[str, str], str]
"""`ask(model, prompt)`: how a gym reaches a model; the arena hands it over."""

Phrasing = Literal["seen", "unseen"]
"""`seen` wordings may be trained on; `unseen` ones are kept for reserved items."""


class Action(msgspec.Struct, frozen=True, tag_field="do", tag=str.lower):
    """Base of every action; a gym's `actions` is one subclass or a union of them."""


class Answer(Action, frozen=True, tag="answer"):
    """Say one text, for gyms in which an answer is all there is to do."""

    text: str


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a seat is shown: words, data, media."""

    text: str
    role: Literal["system", "user", "tool"] = "user"
    data: str = ""
    media: tuple[Span, ...] = ()


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one step brought.

    Attributes:
        observations: by seat; a seat without an entry sees nothing new.
        reward: the step's own reward, None where only the judge decides.
        terminated: the task is over by its own rules.
        truncated: the gym's limit stopped it.
    """

    observations: Mapping[str, tuple[Observation, ...]] = {}
    reward: float | None = None
    terminated: bool = False
    truncated: bool = False


class Needs(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a gym asks for beyond the arena, so that a plain gym costs nothing.

    Attributes:
        box: runs foreign code, needs a sandbox.
        model: calls `ask`.
        screen: people need more than a form.
        slow: a step may take longer than a millisecond; the arena runs it off the event loop.
        effects: a step changes something outside (sends a mail, moves an arm), so it is written
            down before it is made, and never made again.
        may_ask: calls `ask` where a model is given, and works without one.
    """

    box: bool = False
    model: bool = False
    screen: bool = False
    slow: bool = False
    effects: bool = False
    may_ask: bool = False

    @property
    def asks(self) -> bool:
        """Return whether the gym calls `ask` where a model is given."""
        return self.model or self.may_ask


class Skill(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cell of the taxonomy that a gym covers.

    Attributes:
        name: dotted path, such as `reasoning.sort_numbers`.
        title: a few words for people.
        difficulties: names of the settings, the easiest first; the first is the default.
        source: `ours`, or where the tasks come from.
        told: False where the task rests on private knowledge that a model was never told.
        chance: pass rate of a guess in the right form, such as 0.5 for yes or no.
    """

    name: str
    title: str
    difficulties: tuple[str, ...] = ("default",)
    source: str = "ours"
    told: bool = True
    chance: float = 0.0


class Environment(ABC):
    """One running task."""

    @abstractmethod
    def opening(self) -> Turn:
        """Return what each seat sees first; called once."""

    @abstractmethod
    def step(self, seat: str, action: Action) -> Turn:
        """Act from `seat` and return what it brought."""

    def evidence(self) -> str:
        """Return JSON of the final state for the judge; recorded at the end, "" for none."""
        return ""

    def snapshot(self) -> bytes:
        """Return the state as bytes that `restore` takes.

        Raises:
            GymError: this gym cannot.
        """
        raise GymError("this gym cannot snapshot", where=type(self).__name__)

    def restore(self, state: bytes) -> None:
        """Go back to a state that `snapshot` returned.

        Raises:
            GymError: this gym cannot.
        """
        raise GymError("this gym cannot restore", where=type(self).__name__)

    def close(self) -> None:
        """Release what the task held; called once, whatever happened."""


class Gym(ABC):
    """A kind of work: it makes tasks, runs them step by step, judges them."""

    name: ClassVar[str]
    version: ClassVar[str]
    actions: ClassVar[Any] = Answer
    seats: ClassVar[tuple[str, ...]] = ("solver",)
    needs: ClassVar[Needs] = Needs()
    stateless: ClassVar[bool] = False
    judged_with: ClassVar[tuple[str, ...]] = ()
    """Source files outside the gym's folder that its judge rests on."""
    keeps_key: ClassVar[bool] = False
    """Whether right answers are not shown afterwards, since the same questions come again."""

    @abstractmethod
    def skills(self) -> Sequence[Skill]:
        """Return the skills that the gym covers, in a fixed order."""

    def missing(self) -> Mapping[str, str]:
        """Return skills that the gym knows of and does not offer here, each with the reason."""
        return {}

    @abstractmethod
    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct problems of a skill, endless where they are generated.

        The same arguments yield the same problems in the same order.

        Raises:
            UnknownName: the gym has no such skill or difficulty.
        """

    @abstractmethod
    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return a running environment for the problem."""

    def rejoin(
        self, problem: Problem, steps: Sequence[Step], *, seed: int = 0, ask: Ask | None = None
    ) -> Environment:
        """Return an environment that stands where these steps of a crashed episode ended.

        Asked only of gyms with effects, which may not make the recorded actions again; its
        opening is not asked for. All others are started anew and make them again.

        Raises:
            GymError: this gym cannot; the episode fails and a new attempt begins.
        """
        raise GymError("this gym cannot rejoin an episode", where=f"gym {self.name!r}")

    @abstractmethod
    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Return a judgement of a recorded episode; make it with `verdict`.

        It reads only the record and the problem, so that it can judge again years later, and
        takes any text that an actor may write in time linear in its length.
        """

    @abstractmethod
    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the reference solution's actions, for the first seat."""

    @abstractmethod
    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return named ways to cheat, each of which must score zero."""

    def agreement(self, first: Record, second: Record) -> float:
        """Return how alike two answers to one task are, in [0, 1].

        Without a measure of its own, a gym knows only whether they came to the same.
        """
        return float(first.answer == second.answer)

    @functools.cached_property
    def judge_hash(self) -> str:
        """Return the hash of the gym's source, 64 hex digits.

        That is every source file in its folder, and those that `judged_with` names.
        """
        folder = Path(inspect.getfile(type(self))).parent
        files = [*sorted(folder.rglob("*.py")), *map(Path, self.judged_with)]
        return digest(self.version.encode(), *(f.read_bytes() for f in files))

    def verdict(
        self,
        record: Record,
        score: float,
        *,
        passed: bool | None = None,
        components: Mapping[str, float] | None = None,
        evidence: object = None,
        judge: str = "judge",
    ) -> Judgement:
        """Return a judgement with id, hash and time filled in; passed means a score of 1."""
        if not 0.0 <= score <= 1.0:
            raise GymError(f"a score must lie in [0, 1], not {score!r}", where=self.name)
        return Judgement(
            id=new_id(),
            episode=record.episode.id,
            judge=f"{self.name}/{judge}",
            judge_hash=self.judge_hash,
            score=score,
            passed=score >= 1.0 if passed is None else passed,
            components=dict(components or {}),
            evidence=canonical({} if evidence is None else evidence).decode(),
            created_ns=clock.wall_ns(),
        )


class OneAnswer(Environment):
    """The environment of every task that is shown once and answered once."""

    def __init__(self, task: Task, seat: str = "solver") -> None:
        self._task = task
        self._seat = seat

    def opening(self) -> Turn:
        """Show the instruction."""
        public = self._task.public
        return Turn({self._seat: (Observation(public.instruction, media=public.media),)})

    def step(self, seat: str, action: Action) -> Turn:
        """End the task; the judge reads the answer from the record."""
        return Turn(terminated=True)


def final_answer(record: Record) -> str:
    """Return the text of the last `Answer` in a record, "" if there is none."""
    for step in reversed(record.steps):
        if step.kind == "action":
            try:
                return msgspec.json.decode(step.payload, type=Answer).text
            except msgspec.MsgspecError:
                return ""
    return ""


def action_schema(actions: Any) -> dict[str, Any]:
    """Return the JSON Schema of a gym's actions: the model's tools and the person's form."""
    return msgspec.json.schema(actions)
