"""Gymnasium environments as gyms: text or discrete actions, rendered to text.

A user's package registers one with a few lines, by entry point as any gym:

    class Lake(GymnasiumGym):
        name = "lake"
        env = "FrozenLake-v1"
        moves = ("left", "down", "right", "up")
        variants = {"small": {"map_name": "4x4"}, "large": {"map_name": "8x8"}}

A task is the environment reset with one seed, so its luck is fixed too: the same actions bring the
same end, which lets a search find a reference and lets a snapshot be the list of actions so far.
"""

from __future__ import annotations

import functools
import importlib
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Annotated, Any, ClassVar, Literal

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
    identity,
)
from banbury.errors import GymError, SetupError, UnknownName
from banbury.gyms import wording
from banbury.gyms.contract import (
    Action,
    Answer,
    Ask,
    Environment,
    Gym,
    Observation,
    Phrasing,
    Skill,
    Turn,
)
from banbury.gyms.rendering import as_json, shown

_PATIENCE = 300
_SEEN = (
    "{rules} Act until the end.\n{start}",
    "{start}\n{rules} Go on until it is over.",
)
_UNSEEN = ("This is where it begins:\n{start}\n{rules} Play it to the end.",)


class GymnasiumGym(Gym):
    """One Gymnasium environment; a subclass names it.

    Attributes:
        env: id of the environment, such as `FrozenLake-v1`.
        skill: last part of the skill's name; `NAME.SKILL` is the whole.
        rules: what an actor is told of the task, one or two sentences.
        moves: names of a discrete environment's actions, in order; numbers if there are none.
        variants: arguments of `gymnasium.make` by difficulty, the easiest first.
        worst: return that scores 0.
        full: return from which the score is 1; the environment's own threshold if None.
        hidden: True where what is shown does not fix what follows (cards face down): tasks are
            told apart by a number, and the search remembers no states.
        horizon: most actions that the search for a reference tries in a row.
    """

    version = "1"
    env: ClassVar[str]
    skill: ClassVar[str] = "play"
    rules: ClassVar[str] = ""
    moves: ClassVar[tuple[str, ...]] = ()
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}
    worst: ClassVar[float] = 0.0
    full: ClassVar[float | None] = None
    hidden: ClassVar[bool] = False
    horizon: ClassVar[int] = 60
    judged_with = (__file__,)

    def __init__(self) -> None:
        with _made(self.env, self.arguments(0, next(iter(self.variants)))) as first:
            type(self).actions = _actions(self.env, first.action_space, self.moves)
            self._first = int(getattr(first.action_space, "start", 0))
            threshold = getattr(first.spec, "reward_threshold", None)
        full = self.full if self.full is not None else threshold
        if full is None or not full > self.worst:
            raise GymError(
                f"{self.env} has no return that counts as full marks above {self.worst:g}",
                where=type(self).__name__,
                do="set `full`",
            )
        self._full = float(full)

    def arguments(self, number: int, difficulty: str) -> Mapping[str, Any]:
        """Return what `gymnasium.make` is given for a task; override it to make new worlds."""
        return self.variants[difficulty]

    def skills(self) -> Sequence[Skill]:
        """Return the one skill."""
        name = f"{self.name}.{self.skill}"
        return [Skill(name, self.env, tuple(self.variants), "Gymnasium")]

    def tasks(
        self,
        skill: str,
        *,
        seed: int,
        difficulty: str | None = None,
        phrasing: Phrasing = "seen",
    ) -> Iterator[Problem]:
        """Yield problems that the search can solve, each with another beginning."""
        known = [one.name for one in self.skills()]
        if skill not in known:
            raise UnknownName("skill", skill, known, where=f"gym {self.name}")
        level = next(iter(self.variants)) if difficulty is None else difficulty
        if level not in self.variants:
            raise UnknownName("difficulty", level, self.variants, where=f"skill {skill}")
        return self._draw(skill, level, seed, phrasing)

    def _draw(self, skill: str, level: str, seed: int, phrasing: Phrasing) -> Iterator[Problem]:
        rng = Random(f"{skill}/{level}/{seed}/{phrasing}")
        known: set[str] = set()
        stale = 0
        while stale < _PATIENCE:
            stale += 1
            number = rng.randrange(1_000_000)
            made = self._problem(skill, level, number, phrasing)
            if made is not None and made.task.public.instruction not in known:
                known.add(made.task.public.instruction)
                stale = 0
                yield made

    def _problem(self, skill: str, level: str, number: int, phrasing: Phrasing) -> Problem | None:
        start = self._shown_at_start(number, level)
        content = {"start": start, "difficulty": level}
        if self.hidden:
            content["game"] = str(number)
            start = f"Game {number}. {start}"
        if wording.side(skill, content) != phrasing:
            return None
        params = {"content": content, "number": number, "difficulty": level}
        plan = self.search(number, level)
        if plan is None:
            return None
        words = _SEEN if phrasing == "seen" else _UNSEEN
        (chosen,) = wording.choose(skill, content, words)
        told = self.rules or f"This is {self.env}."
        task = Task(
            id=identity(self.name, skill, self.version, content),
            gym=self.name,
            family=skill,
            version=self.version,
            params=canonical({**params, "wording": f"{phrasing}-{chosen}"}).decode(),
            public=Public(
                wording.fill(words[chosen], {"rules": f"{told} {self._how()}", "start": start}),
                phrasing=f"{phrasing}-{chosen}",
            ),
            skills=(SkillWeight(skill),),
            licence="MIT",
            origin=Origin("generated", f"{self.env}, {self.name} {self.version}"),
        )
        solution = canonical([msgspec.to_builtins(action) for action in plan]).decode()
        return Problem(task, Secret(task.id, canonical(self._full).decode(), solution))

    def _how(self) -> str:
        return f"The moves are {', '.join(self.moves)}." if self.moves else ""

    def _shown_at_start(self, number: int, level: str) -> str:
        with _made(self.env, self.arguments(number, level)) as env:
            observation, _ = env.reset(seed=number)
            return shown(env, observation)

    def search(self, number: int, difficulty: str) -> list[Action] | None:
        """Return the fewest actions that reach full marks, None if no such way is found.

        A breadth-first search that replays the environment from its start. States are told apart
        by what is observed, so with `hidden` every way is tried and `horizon` must be small.
        Override it where a way is known.
        """
        with _made(self.env, self.arguments(number, difficulty)) as env:
            if not hasattr(env.action_space, "n"):
                return None
            choices = range(int(env.action_space.n))
            queue: deque[tuple[int, ...]] = deque([()])
            seen: set[str] = set()
            while queue:
                way = queue.popleft()
                for choice in choices:
                    total, over, observation = self._walked(env, number, (*way, choice))
                    if over and total >= self._full:
                        return [self.action(c) for c in (*way, choice)]
                    key = as_json(observation)
                    if over or len(way) + 1 >= self.horizon or (key in seen and not self.hidden):
                        continue
                    seen.add(key)
                    queue.append((*way, choice))
        return None

    def _walked(self, env: Any, number: int, way: Sequence[int]) -> tuple[float, bool, Any]:
        observation, _ = env.reset(seed=number)
        total, over = 0.0, False
        for choice in way:
            if over:
                break
            observation, reward, terminated, truncated, _ = env.step(choice + self._first)
            total += float(reward)
            over = bool(terminated or truncated)
        return total, over, observation

    def action(self, choice: int) -> Action:
        """Return the action that stands for the environment's action number `choice`."""
        made: Action
        if self.moves:
            made = self.actions(move=self.moves[choice])
        else:
            made = self.actions(action=choice + self._first)
        return made

    def start(self, problem: Problem, *, seed: int = 0, ask: Ask | None = None) -> Environment:
        """Return the environment, reset with the task's own seed."""
        params = msgspec.json.decode(problem.task.params)
        arguments = self.arguments(params["number"], params["difficulty"])
        return _Seated(self, arguments, params["number"], problem.task.public.instruction)

    def judge(self, record: Record, problem: Problem) -> Judgement:
        """Score the sum of the recorded rewards, from `worst` to `full`; 0 before the end."""
        rewards = [
            msgspec.json.decode(step.payload, type=float)
            for step in record.steps
            if step.kind == "reward" and step.actor == GYM
        ]
        over = _ended(record)
        total = sum(rewards)
        share = (total - self.worst) / (self._full - self.worst)
        score = min(1.0, max(0.0, share)) if over and rewards else 0.0
        evidence = {"return": total, "steps": len(rewards), "over": over}
        return self.verdict(record, score, evidence=evidence)

    def solution(self, problem: Problem) -> Sequence[Action]:
        """Return the way that the search found."""
        found: list[Action] = msgspec.json.decode(
            problem.secret.solution,
            type=list[self.actions],  # type: ignore[name-defined]
        )
        return found

    def cheats(self, problem: Problem) -> Mapping[str, Sequence[Action]]:
        """Return what earns nothing: to stop before the end."""
        reference = list(self.solution(problem))
        return {"stop before the end": reference[:-1]}


class _Seated(Environment):
    """A Gymnasium environment at which one seat acts."""

    def __init__(
        self, gym: GymnasiumGym, arguments: Mapping[str, Any], number: int, told: str
    ) -> None:
        self._gym = gym
        self._arguments = arguments
        self._number = number
        self._told = told
        self._env = _open(gym.env, arguments)
        self._env.reset(seed=number)
        self._taken: list[int | str] = []
        self._over = False

    def opening(self) -> Turn:
        """Show the instruction, which holds the beginning."""
        return Turn({self._gym.seats[0]: (Observation(self._told),)})

    def step(self, seat: str, action: Action) -> Turn:
        """Act, and show what came of it."""
        taken = self._number_of(action)
        observation, reward, terminated, truncated = self._step(taken)
        return Turn(
            {seat: (Observation(shown(self._env, observation), role="tool"),)},
            reward=float(reward),
            terminated=terminated,
            truncated=truncated,
        )

    def _step(self, taken: int | str) -> tuple[Any, float, bool, bool]:
        observation, reward, terminated, truncated, _ = self._env.step(taken)
        self._taken.append(taken)
        self._over = bool(terminated or truncated)
        return observation, float(reward), bool(terminated), bool(truncated)

    def _number_of(self, action: Action) -> int | str:
        if isinstance(action, Answer):
            return action.text
        if self._gym.moves:
            return self._gym.moves.index(action.move) + self._gym._first  # type: ignore[attr-defined]
        return int(action.action)  # type: ignore[attr-defined]

    def evidence(self) -> str:
        """Return the actions taken and whether the end was reached."""
        return json.dumps({"taken": self._taken, "over": self._over})

    def snapshot(self) -> bytes:
        """Return the actions taken so far: with the seed they are the state."""
        return json.dumps(self._taken).encode()

    def restore(self, state: bytes) -> None:
        """Begin again and take the snapshot's actions."""
        self._env.reset(seed=self._number)
        self._taken, self._over = [], False
        for taken in json.loads(state):
            self._step(taken)

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


@contextmanager
def _made(env: str, arguments: Mapping[str, Any]) -> Iterator[Any]:
    opened = _open(env, arguments)
    try:
        yield opened
    finally:
        opened.close()


@functools.cache
def _library() -> Any:
    try:
        return importlib.import_module("gymnasium")
    except ImportError as error:
        raise SetupError(
            "Gymnasium is not installed", do="run: pip install 'banbury[gymnasium]'"
        ) from error


def _open(env: str, arguments: Mapping[str, Any]) -> Any:
    """Return an environment that renders to text where it can.

    Raises:
        SetupError: Gymnasium is not installed.
        GymError: it cannot make the environment.
    """
    library = _library()
    try:
        modes = library.spec(env).entry_point and _modes(library, env)
        mode = {"render_mode": "ansi"} if "ansi" in modes else {}
        return library.make(env, disable_env_checker=True, **mode, **arguments)
    except Exception as error:
        raise GymError(f"Gymnasium cannot make {env!r}: {error}", where="gymnasium") from error


@functools.cache
def _modes(library: Any, env: str) -> tuple[str, ...]:
    entry = library.spec(env).entry_point
    made = library.envs.registration.load_env_creator(entry) if isinstance(entry, str) else entry
    return tuple(getattr(made, "metadata", {}).get("render_modes", ()))


def _actions(env: str, space: Any, moves: Sequence[str]) -> Any:
    """Return the action type: a named move, a number, or a text."""
    kind = type(space).__name__
    if kind == "Text":
        return Answer
    if kind != "Discrete":
        raise GymError(f"actions of kind {kind} cannot be said", where=env, do="wrap it")
    if moves and len(moves) != int(space.n):
        raise GymError(f"{env} has {space.n} actions, {len(moves)} are named", where=env)
    if moves:
        return msgspec.defstruct(
            "Move", [("move", Literal[tuple(moves)])], bases=(Action,), frozen=True, tag="move",
            namespace={"__doc__": "Make a move."},
        )  # fmt: skip
    low, high = int(space.start), int(space.start + space.n - 1)
    number = Annotated[int, msgspec.Meta(ge=low, le=high)]
    return msgspec.defstruct(
        "Act", [("action", number)], bases=(Action,), frozen=True, tag="act",
        namespace={"__doc__": "Take the action of that number."},
    )  # fmt: skip


def _ended(record: Record) -> bool:
    for step in reversed(record.steps):
        if step.kind == "note" and step.actor == GYM and step.track == "state":
            return msgspec.json.decode(step.payload).get("over") is True
    return False
