"""Player: plays what people have answered already, in one go, on an event loop of each gym's own.

A gym that hangs then holds up answers in this gym, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

from banbury.actors.policy import Move
from banbury.arena.calls import Calls
from banbury.arena.deadline import Deadline
from banbury.arena.lane import Lanes
from banbury.arena.play import Limits, play
from banbury.arena.watch import Watch
from banbury.episode import Actor, Judgement, Parent, Problem, Record, Task
from banbury.errors import GymError, InputError
from banbury.gyms.contract import Gym, Observation, OneAnswer

T = TypeVar("T")

_LIMITS = Limits(seconds=60.0, moves=1, faults=1, grace=5.0, hang=5.0)


class NotPlayed(GymError):
    """The gym failed at an answer; `record` holds the failed episode, which has no score."""

    def __init__(self, what: str, *, where: str, do: str, record: Record) -> None:
        super().__init__(what, where=where, do=do)
        self.record = record


class _Once:
    """A person who has given one answer, and sits down with it."""

    def __init__(self, actor: Actor, move: Move) -> None:
        self.actor = actor
        self._move: Move | None = move

    def sit(self, task: Task, seat: str, actions: object, sample: int) -> _Once:
        return self

    async def act(self, observations: Sequence[Observation]) -> Move:
        move, self._move = self._move, None
        return move or Move(None, fault="one answer was given")

    async def close(self) -> None:
        """Hold nothing, release nothing."""


class Player:
    """An event loop in a thread for each gym, started when it is first asked."""

    def __init__(self) -> None:
        self._lanes = Lanes(_LIMITS.hang)

    def play(
        self,
        gym: Gym,
        problem: Problem,
        actor: Actor,
        move: Move,
        *,
        lab: str,
        run: str,
        sample: int,
        tags: tuple[str, ...],
        parents: tuple[Parent, ...] = (),
    ) -> tuple[Record, Judgement]:
        """Play one answer and judge it; see `play` for the arguments.

        Raises:
            InputError: the gym has more than one seat, or wants more than one answer.
            NotPlayed: the gym failed; the answer was not kept.
        """
        if len(gym.seats) != 1:
            raise InputError("this gym has several seats", where=f"gym {gym.name!r}")

        async def once(watch: Watch) -> tuple[Record, Judgement | None]:
            with closing(Deadline(watch)) as deadline:
                return await play(
                    gym,
                    problem,
                    {gym.seats[0]: _Once(actor, move)},
                    lab=lab,
                    run=run,
                    sample=sample,
                    limits=_LIMITS,
                    tags=tags,
                    parents=parents,
                    deadline=deadline,
                )

        record, verdict = self.run(gym, once)
        return record, _sound(gym, record, verdict)

    def opening(self, gym: Gym, problem: Problem, sample: int) -> tuple[Observation, ...] | None:
        """Return what a task's seat sees first; None where it takes more than one answer.

        Raises:
            GymError: the gym raised, or held on for too long.
        """
        needs = gym.needs
        if needs.slow or needs.box or needs.asks or needs.effects or len(gym.seats) != 1:
            return None

        async def look(watch: Watch) -> tuple[Observation, ...] | None:
            return await _look(Calls(gym, watch), gym, problem, sample)

        return self.run(gym, look)

    def alike(self, gym: Gym, first: Record, second: Record) -> float:
        """Return how alike two answers are by the gym's own measure.

        Raises:
            GymError: the gym raised, or held on for too long.
        """

        async def compare(watch: Watch) -> float:
            return float(await Calls(gym, watch).call("agreement", gym.agreement, first, second))

        return self.run(gym, compare)

    def run(self, gym: Gym, work: Callable[[Watch], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the gym's own event loop and wait for its result.

        Raises:
            GymError: the gym has hung for too long.
        """
        lane = self._lanes.of(gym.name)
        return lane.run(work(lane.watch)).result()


async def _look(
    calls: Calls, gym: Gym, problem: Problem, sample: int
) -> tuple[Observation, ...] | None:
    environment = await calls.start(partial(gym.start, problem, seed=sample))
    try:
        if not isinstance(environment, OneAnswer):
            return None
        turn = await calls.call("opening", environment.opening)
    finally:
        await calls.close(environment, _LIMITS.grace)
    return tuple(turn.observations.get(gym.seats[0], ()))


def _sound(gym: Gym, record: Record, verdict: Judgement | None) -> Judgement:
    episode = record.episode
    if episode.status == "failed" or verdict is None:
        why = episode.failure.what if episode.failure else "nobody has judged it"
        raise NotPlayed(
            f"the answer could not be taken: {why}",
            where=f"gym {gym.name!r} {gym.version}",
            do="try again, or report the task as broken",
            record=record,
        )
    if episode.truncated:
        raise InputError(
            "this task takes more than one answer",
            where=f"gym {gym.name!r}",
            do="play it step by step in a live seat",
        )
    return verdict


PLAYER = Player()
