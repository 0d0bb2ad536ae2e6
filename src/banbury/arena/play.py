"""One episode: seat the actors, step the gym, judge, and return the record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from banbury import clock
from banbury.actors.policy import Move, Policy, Session
from banbury.arena.scribe import Scribe
from banbury.episode import Judgement, Problem, Record, RunKey
from banbury.errors import BanburyError, DeadlineError, GymError
from banbury.gyms.contract import Ask, Environment, Gym, Turn

T = TypeVar("T")


class Limits(msgspec.Struct, frozen=True):
    """What one episode may take.

    Attributes:
        seconds: wall time over set-up, acting, judging and clean-up; past it the episode fails.
        moves: moves of one seat; past it the episode is truncated and judged as it stands.
        faults: answers in a row that are no action, before the episode is truncated.
    """

    seconds: float = 600.0
    moves: int = 1_000
    faults: int = 3


async def play(
    gym: Gym,
    problem: Problem,
    policies: Mapping[str, Policy],
    *,
    lab: str,
    run: str,
    sample: int = 0,
    limits: Limits | None = None,
    ask: Ask | None = None,
    tags: tuple[str, ...] = (),
) -> tuple[Record, Judgement | None]:
    """Play one episode and judge it.

    Args:
        gym: the gym of the problem.
        problem: task and secret.
        policies: who sits where; every seat of the gym is taken.
        lab: name of the lab.
        run: name of the run, part of the idempotency key.
        sample: attempt number, part of the key.
        limits: time and moves.
        ask: how the gym reaches a model, if it needs one.
        tags: kept on the episode.

    Returns:
        The record and its judgement; None where the episode `failed`, which is the
        infrastructure's doing and never a score.
    """
    limits = limits or Limits()
    actors = tuple(policies[seat].actor for seat in gym.seats)
    key = RunKey(run, problem.task.id, seated(gym, policies), sample)
    scribe = Scribe(gym, problem.task, actors, lab=lab, key=key, tags=tags)
    try:
        async with asyncio.timeout(limits.seconds):
            await _act(gym, problem, policies, scribe, sample, limits, ask)
            record = scribe.done()
            verdict = await _call(gym, "judge", gym.judge, record, problem)
        return record, verdict
    except TimeoutError:
        failure: BanburyError = DeadlineError(
            f"the episode took longer than {limits.seconds:g} s",
            where=f"gym {gym.name!r}",
            do="raise the limit, or ask what held it up",
        )
    except BanburyError as error:
        failure = error
    return scribe.failed(failure), None


def seated(gym: Gym, policies: Mapping[str, Policy]) -> str:
    """Return who sits at a gym as one word: the actor part of an idempotency key."""
    return "+".join(policies[seat].actor.key for seat in gym.seats)


async def _act(
    gym: Gym,
    problem: Problem,
    policies: Mapping[str, Policy],
    scribe: Scribe,
    sample: int,
    limits: Limits,
    ask: Ask | None,
) -> None:
    def begin() -> Environment:
        return gym.start(problem, seed=sample, ask=ask)

    environment = await _call(gym, "start", begin)
    try:
        sessions = {
            seat: policies[seat].sit(problem.task, seat, gym.actions, sample) for seat in gym.seats
        }
        turn = await _call(gym, "opening", environment.opening)
        scribe.saw(turn)
        for _ in range(limits.moves * len(gym.seats)):
            if turn.terminated or turn.truncated:
                break
            turn = await _round(gym, environment, sessions, turn, scribe, limits)
        else:
            scribe.truncated = True
        scribe.truncated |= turn.truncated
        scribe.ended(await _call(gym, "evidence", environment.evidence))
    finally:
        await _call(gym, "close", environment.close)


async def _round(
    gym: Gym,
    environment: Environment,
    sessions: Mapping[str, Session],
    turn: Turn,
    scribe: Scribe,
    limits: Limits,
) -> Turn:
    """Let the first seat that saw something act once, and return what it brought."""
    seat = next((s for s in gym.seats if turn.observations.get(s)), gym.seats[0])
    observations = turn.observations.get(seat, ())
    for _ in range(limits.faults):
        start = clock.mono_ns()
        move: Move = await sessions[seat].act(observations)
        scribe.acted(seat, move, start)
        if move.action is not None:
            after = await _call(gym, "step", environment.step, seat, move.action)
            scribe.saw(after)
            return after
        observations = ()
    return Turn(truncated=True)


async def _call(gym: Gym, verb: str, call: Callable[..., T], *args: Any) -> T:
    """Call into a gym, off the event loop where it says that it is slow."""
    try:
        if gym.needs.slow:
            return await asyncio.to_thread(call, *args)
        return call(*args)
    except BanburyError:
        raise
    except Exception as error:
        raise GymError(
            f"{verb} raised {type(error).__name__}: {error}",
            where=f"gym {gym.name!r} {gym.version}",
            do="this is the gym's fault, not the actor's; the episode has failed",
        ) from error
