"""Reviewing an answer: accept it, mend it, or return it with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from banbury.episode import (
    NO_KEY,
    Judgement,
    Origin,
    Problem,
    Public,
    Record,
    Secret,
    SkillWeight,
    Task,
    canonical,
    digest,
    identity,
)
from banbury.errors import UnknownName
from banbury.gyms.contract import Action, Ask, Environment, Gym, OneAnswer, Phrasing, Skill

GYM = "review"
VERSION = "1"
_SAID = "Accept this answer, mend it, or return it to its author with your reasons."


class Accept(Action, frozen=True, tag="accept"):
    """Take the answer as it is; of several, the one whose episode is named."""

    episode: str = ""


class Mend(Action, frozen=True, tag="mend"):
    """Put a better answer in its place; it is an episode of its own."""

    answer: msgspec.Raw
    reasons: tuple[str, ...] = ()


class Return(Action, frozen=True, tag="return"):
    """Give the task back to its author."""

    reasons: tuple[str, ...]


class _Inputs(msgspec.Struct, frozen=True):
    """What a review's task says: which answer, and the hash of it where no person gave it."""

    episode: str
    task: str
    gym: str
    answer: str


class ReviewGym(Gym):
    """People's reviews of answers in other gyms; the queue makes its tasks."""

    name = GYM
    version = VERSION
    actions = Accept | Mend | Return
    stateless = True

    def skills(self) -> Sequence[Skill]:
        """Return nothing: no task is drawn from here."""
        return ()

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Refuse: a review needs an answer; `problem_of` makes its task.

        Raises:
            UnknownName: always.
        """
        raise UnknownName("skill", skill, (), where=f"gym {self.name}")

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the environment that takes the verdict."""
        return OneAnswer(problem.task, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score 1 for a verdict that says what it must: reasons, or another answer."""
        fault = _fault(record, msgspec.json.decode(problem.task.public.inputs, type=_Inputs))
        return self.verdict(record, 0.0 if fault else 1.0, evidence={"fault": fault})

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return nothing: what is right about an answer, people decide."""
        return ()

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return nothing: a verdict is not graded."""
        return {}


def problem_of(subject: Record) -> Problem:
    """Return the task of reviewing an answer."""
    episode = subject.episode
    params = {"episode": episode.id}
    id = identity(GYM, GYM, VERSION, params)
    # A short answer could be guessed by its hash; of a person's the arena compares the answer.
    answer = digest(subject.answer) if episode.body_key == NO_KEY else ""
    inputs = _Inputs(episode.id, episode.key.task, episode.gym, answer)
    task = Task(
        id,
        GYM,
        GYM,
        VERSION,
        canonical(params).decode(),
        Public(_SAID, canonical(inputs).decode()),
        (SkillWeight(GYM),),
        origin=Origin("generated", GYM, VERSION, (episode.id,)),
    )
    return Problem(task, Secret(id, "null"))


def _fault(record: Record, inputs: _Inputs) -> str:
    actions = record.actions()
    if not actions:
        return "nothing was decided"
    try:
        said = msgspec.json.decode(actions[-1].payload, type=Accept | Mend | Return)
    except msgspec.MsgspecError as error:
        return str(error)
    if isinstance(said, Return) and not any(reason.strip() for reason in said.reasons):
        return "an answer is returned without a reason"
    if isinstance(said, Mend):
        mended = canonical(msgspec.json.decode(said.answer))
        return "the mended answer is the old one" if digest(mended) == inputs.answer else ""
    return ""
