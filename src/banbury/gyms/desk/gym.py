"""The desk gym: office work with tools, in many steps, judged by the final state."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from banbury.episode import (
    GYM,
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
from banbury.errors import GymError, UnknownName
from banbury.gyms import wording
from banbury.gyms.contract import Action, Ask, Environment, Gym, Phrasing, Skill
from banbury.gyms.desk import changes
from banbury.gyms.desk.actions import DeskAction
from banbury.gyms.desk.cheats import cheats
from banbury.gyms.desk.environment import Desk
from banbury.gyms.desk.goals.goal import Goal, harm
from banbury.gyms.desk.kind import Draft, Kind
from banbury.gyms.desk.kinds import calendar, files, mail, people
from banbury.gyms.desk.world import World

_KINDS: dict[str, Kind] = {
    kind.skill: kind for room in (mail, calendar, files, people) for kind in room.KINDS
}
_PATIENCE = 500
"""So many draws in a row without a new task mean that the kind has no more."""


class Hidden(msgspec.Struct, frozen=True):
    """The secret of a task: the desk as it is found, and what must hold in the end."""

    world: World
    goal: Goal


_read = msgspec.json.Decoder(Hidden).decode
_solution = msgspec.json.Decoder(tuple[DeskAction, ...]).decode


class DeskGym(Gym):
    """A small simulated office: mailbox, calendar, files, contacts."""

    name = "desk"
    version = "1"
    actions = DeskAction

    def skills(self) -> Sequence[Skill]:
        """Return one skill for each kind of task."""
        return [kind.covers() for kind in _KINDS.values()]

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield distinct problems of a skill; see `Gym.tasks`."""
        if skill not in _KINDS:
            raise UnknownName("skill", skill, _KINDS, where=f"gym {self.name}")
        kind = _KINDS[skill]
        name = next(iter(kind.dials)) if difficulty is None else difficulty
        if name not in kind.dials:
            raise UnknownName("difficulty", name, kind.dials, where=f"skill {skill}")
        return self._draw(kind, name, seed, phrasing)

    def _draw(
        self, kind: Kind, difficulty: str, seed: int, phrasing: Phrasing
    ) -> Iterator[Problem]:
        rng = Random(f"{kind.skill}/{kind.version}/{difficulty}/{seed}/{phrasing}")
        known: set[str] = set()
        stale = 0
        while stale < _PATIENCE:
            stale += 1
            draft = kind.draw(rng, kind.dials[difficulty])
            if draft is None or wording.side(kind.skill, draft.slots) != phrasing:
                continue
            made = self._problem(kind, draft, difficulty, phrasing)
            if made.task.id not in known:
                known.add(made.task.id)
                stale = 0
                yield made

    def _problem(self, kind: Kind, draft: Draft, difficulty: str, phrasing: Phrasing) -> Problem:
        questions = kind.seen if phrasing == "seen" else kind.unseen
        (number,) = wording.choose(kind.skill, draft.slots, questions)
        said = wording.fill(questions[number], draft.slots)
        hidden = canonical(Hidden(draft.world, draft.goal))
        # The scene is part of what the task is about, though only the secret holds it.
        content = {**draft.slots, "scene": digest(hidden)[:16]}
        name = f"{phrasing}-{number}"
        params = {"content": content, "difficulty": difficulty, "wording": name}
        task = Task(
            id=identity(self.name, kind.skill, kind.version, params),
            gym=self.name,
            family=kind.skill,
            version=kind.version,
            params=canonical(params).decode(),
            public=Public(said[:1].upper() + said[1:], phrasing=name),
            skills=(SkillWeight(kind.skill),),
            origin=Origin("generated", f"{self.name} {self.version}"),
        )
        solution = canonical(list(draft.solution)).decode()
        return Problem(task, Secret(task.id, hidden.decode(), solution))

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the desk as the task finds it."""
        return Desk(problem.task, _hidden(problem).world, self.seats[0])

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score 1 where the whole goal is reached and nothing else was changed, else 0.

        The components are `goal`, the share of its parts that hold; `harm`, 1 where nothing was
        harmed; and `finished`, whether the end was declared.
        """
        hidden = _hidden(problem)
        start, goal = hidden.world, hidden.goal
        try:
            found = changes.decode(_state(record))
            end = changes.applied(start, found)
            single = list(changes.single(start, end, found))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            evidence = {"missing": [f"no final state can be read: {error}"[:300]]}
            components = {"goal": 0.0, "harm": 0.0, "finished": 0.0}
            return self.verdict(record, 0.0, components=components, evidence=evidence)
        missing = [part.missing(start, end) for part in goal.parts]
        explained = {c for part in goal.parts for c in part.explains(start, end)}
        harmed = harm(goal, start, end, single, explained)
        reached = missing.count("") / len(missing)
        return self.verdict(
            record,
            float(reached == 1.0 and not harmed),
            components={
                "goal": reached,
                "harm": float(not harmed),
                "finished": float(end.finished),
            },
            evidence={"missing": [m for m in missing if m], "harmed": harmed[:50]},
        )

    def outcome(self, record: Record) -> object:
        """Return what an episode left behind; what was read, and in how many moves, is no matter.

        The audit takes two ways to one outcome for the same.
        """
        found = changes.decode(_state(record) or b"{}")
        return msgspec.structs.replace(found, read=(), finished=False, moves=0)

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the reference solution's actions."""
        return _solution(problem.secret.solution)

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return ways to cheat: to claim, to forge, to do too much, to do a part."""
        return cheats(_hidden(problem).world, self.solution(problem))


@functools.lru_cache(maxsize=512)
def _decoded(answer: str) -> Hidden:
    return _read(answer)


def _hidden(problem: Problem) -> Hidden:
    """Return a task's secret, which nobody changes: `Desk` works on a copy of the world.

    The judge mostly finds it decoded: as many are kept as episodes that the arena plays at once.
    """
    try:
        return _decoded(problem.secret.answer)
    except msgspec.MsgspecError as error:
        raise GymError(
            f"the secret holds no desk: {error}",
            where=f"task {problem.task.id}",
            do="draw the task again with this version of the gym",
        ) from error


def _state(record: Record) -> bytes:
    """Return the final state that the environment left, b"" if there is none."""
    for step in reversed(record.steps):
        if step.kind == "note" and step.actor == GYM and step.track == "state":
            return step.payload
    return b""
