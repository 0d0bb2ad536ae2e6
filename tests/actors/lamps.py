"""A small gym with tools, for the tests of actors: light the lamps that are asked for."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from banbury.episode import (
    Problem,
    Public,
    Secret,
    SkillWeight,
    Task,
    canonical,
    identity,
)
from banbury.gyms.contract import Action, Environment, Gym, Observation, Skill, Turn


class Press(Action, frozen=True, tag="press"):
    """Press the button of a lamp."""

    lamp: Annotated[int, msgspec.Meta(description="the lamp's number", ge=1, le=9)]
    colour: Literal["white", "red"] = "white"


class Label(Action, frozen=True, tag="label"):
    """Write on the lamps."""

    lamps: tuple[int, ...]
    text: str


class Finish(Action, frozen=True, tag="finish"):
    """Say that all is done."""


SKILL = "lamps.light"


class Room(Environment):
    def __init__(self, task):
        self._task = task
        self._lit = {}

    def opening(self):
        return Turn({"solver": (Observation(self._task.public.instruction),)})

    def step(self, seat, action):
        if isinstance(action, Finish):
            return Turn(terminated=True)
        if isinstance(action, Label):
            said = f"written on {len(action.lamps)} lamps: {action.text}"
        else:
            self._lit[str(action.lamp)] = action.colour
            said = f"lamp {action.lamp} is {action.colour} now"
        return Turn({seat: (Observation(said, role="tool"),)})

    def evidence(self):
        return canonical(self._lit).decode()


class Lamps(Gym):
    name = "lamps"
    version = "1"
    actions = Press | Label | Finish

    def skills(self):
        return (Skill(SKILL, "light lamps"),)

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen") -> Iterator[Problem]:
        for i in range(9):
            lamps = [(seed + i) % 9 + 1, (seed + 2 * i + 3) % 9 + 1]
            wanted = {str(lamp): "white" for lamp in lamps}
            params = {"wanted": wanted, "i": i}
            key = identity("lamps", "light", "1", params)
            text = f"Room {i}: light these lamps: {', '.join(sorted(wanted))}. Then finish."
            task = Task(
                id=key,
                gym="lamps",
                family="light",
                version="1",
                params=canonical(params).decode(),
                public=Public(text),
                skills=(SkillWeight(SKILL),),
            )
            yield Problem(task, Secret(key, canonical(wanted).decode()))

    def start(self, problem, *, seed=0, ask=None):
        return Room(problem.task)

    def judge(self, record, problem):
        states = [s.payload for s in record.steps if s.track == "state"]
        lit = msgspec.json.decode(states[-1]) if states else {}
        return self.verdict(record, float(lit == msgspec.json.decode(problem.secret.answer)))

    def solution(self, problem):
        wanted = msgspec.json.decode(problem.secret.answer)
        return [*(Press(int(lamp)) for lamp in wanted), Finish()]

    def cheats(self, problem):
        return {"claims": [Finish()]}
