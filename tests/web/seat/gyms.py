"""Gyms that people meet at the seat: one that fails on demand, one whose form has every field."""

import time
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from banbury.episode import Origin, Problem, Public, Secret, SkillWeight, Task, identity
from banbury.gyms.contract import Action, Answer, Gym, Observation, OneAnswer, Skill, Turn


class Place(msgspec.Struct):
    """Where something is."""

    street: str
    number: Annotated[int, msgspec.Meta(ge=1, le=999)]


class Describe(Action, frozen=True, tag="describe"):
    """Describe what you see."""

    colour: Literal["red", "green", "blue"]
    size: Annotated[float, msgspec.Meta(ge=0, le=10)]
    round: bool
    words: tuple[str, ...]
    place: Place
    kinds: tuple[Literal["toy", "tool"], ...] = ()
    note: str | None = None


class Pass(Action, frozen=True, tag="pass_on"):
    """Leave it to somebody else."""

    why: Annotated[str, msgspec.Meta(max_length=80)]


class _Gym(Gym):
    version = "1"
    text = "Say what it is."

    def skills(self):
        return [Skill(f"{self.name}.one", "one thing")]

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen") -> Iterator[Problem]:
        for n in range(3):
            id = identity(self.name, skill, "1", {"n": n, "seed": seed})
            yield Problem(
                Task(
                    id,
                    self.name,
                    skill,
                    "1",
                    msgspec.json.encode({"n": n, "seed": seed}).decode(),
                    Public(self.text),
                    (SkillWeight(skill),),
                    origin=Origin("generated"),
                ),
                Secret(id, "{}", "{}"),
            )

    def start(self, problem, *, seed=0, ask=None):
        return OneAnswer(problem.task)

    def judge(self, record, problem):
        return self.verdict(record, 1.0)

    def solution(self, problem):
        return ()

    def cheats(self, problem):
        return {}


class Fields(_Gym):
    """Every kind of field."""

    name = "fields"
    actions = Describe | Pass


class Shaky(_Gym):
    """Raises in its judge, or never comes back, where the answer says so."""

    name = "shaky"

    def judge(self, record, problem):
        said = msgspec.json.decode(record.answer, type=Answer).text
        if said == "raise":
            raise RuntimeError("the judge is broken")
        while said == "hang":
            time.monotonic()
        return self.verdict(record, 1.0)


class Blank(_Gym):
    """Cannot show its tasks."""

    name = "blank"

    def start(self, problem, *, seed=0, ask=None):
        return _Broken(problem.task)


class _Broken(OneAnswer):
    def opening(self):
        raise RuntimeError("nothing can be seen")


class Huge(_Gym):
    """Shows ten million characters, some of them hostile."""

    name = "huge"

    def start(self, problem, *, seed=0, ask=None):
        return _Long(problem.task)


class _Long(OneAnswer):
    def opening(self):
        text = "<img src=x onerror=alert(1)> \u202eabc \U0001f642\x00 " * 300_000
        return Turn({"solver": (Observation(text[:10_000_000]),)})
