"""Tasks that are shown once and answered once: what a person sees first, and their one answer."""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec

from banbury.actors.policy import Move
from banbury.actors.remote import Given
from banbury.arena.calls import Calls
from banbury.arena.driver import complete
from banbury.arena.play import Limits, play
from banbury.arena.watch import Watch
from banbury.episode import Judgement, Problem, Record
from banbury.errors import DeadlineError
from banbury.gyms.contract import Gym, Observation, OneAnswer

LIMITS = Limits(seconds=60.0, repeats=0, grace=5.0, hang=5.0)
"""A gym for which a person waits may not take as long as one in a batch."""


def quick(gym: Gym) -> bool:
    """Return whether a gym can show a task while somebody waits for a page."""
    needs = gym.needs
    aside = needs.slow or needs.box or needs.model or needs.effects
    return not aside and len(gym.seats) == 1


def opening(gym: Gym, problem: Problem, sample: int) -> tuple[Observation, ...] | None:
    """Return what a task's seat sees first; None where it takes more than one answer.

    Raises:
        GymError: the gym raised, or held on for too long.
    """
    if not quick(gym):
        return None
    return complete(partial(_look, gym, problem, sample))


def answered(
    gym: Gym, problem: Problem, person: str, move: Move | None, *, lab: str, run: str, sample: int
) -> tuple[Record, Judgement | None]:
    """Play an episode of one move that was made already, and judge it.

    Its cost is the time that the person was at it, where the move says that.

    Args:
        gym: the gym of the problem.
        problem: task and secret.
        person: the lab's pseudonym.
        move: what they did, None for nothing.
        lab: name of the lab.
        run: name of the run.
        sample: attempt number.

    Returns:
        The record and its judgement; None where the episode `failed`, as with a gym that raises.
    """
    actor = Given(person, move)
    seats = dict.fromkeys(gym.seats, actor)
    begin = partial(play, gym, problem, seats, lab=lab, run=run, sample=sample, limits=LIMITS)
    record, verdict = complete(begin)
    if move is None or not move.cost.busy_ns:
        return record, verdict
    episode = record.episode
    cost = msgspec.structs.replace(episode.cost, busy_ns=move.cost.busy_ns)
    return Record(msgspec.structs.replace(episode, cost=cost), record.steps), verdict


async def _look(gym: Gym, problem: Problem, sample: int) -> tuple[Observation, ...] | None:
    with Watch(LIMITS.hang) as watch:
        calls = Calls(gym, watch)
        try:
            async with asyncio.timeout(LIMITS.seconds):
                environment = await calls.start(partial(gym.start, problem, seed=sample))
                try:
                    if not isinstance(environment, OneAnswer):
                        return None
                    turn = await calls.call("opening", environment.opening)
                finally:
                    await calls.close(environment, LIMITS.grace)
        except TimeoutError:
            raise DeadlineError(
                f"the task took longer than {LIMITS.seconds:g} s to open",
                where=f"gym {gym.name!r}",
            ) from None
    return tuple(turn.observations.get(gym.seats[0], ()))
