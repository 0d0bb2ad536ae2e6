"""One episode: seat the actors, step the gym, judge, and return the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from banbury import clock
from banbury.actors.policy import Move, Policy, Session
from banbury.arena.calls import called, started
from banbury.arena.scribe import Scribe
from banbury.arena.table import Table
from banbury.episode import Judgement, Problem, Record, RunKey
from banbury.errors import ActorError, BanburyError, DeadlineError, GymError, InputError
from banbury.gyms.contract import Ask, Environment, Gym, Observation, Turn


class Limits(msgspec.Struct, frozen=True):
    """What one episode may take.

    Attributes:
        seconds: wall time over set-up, acting and judging; past it the episode fails. Closing the
            environment then has `calls.GRACE_S` more.
        moves: moves of one seat; past it the episode is truncated and judged as it stands.
        faults: answers in a row that are no action, before the episode is truncated.
    """

    seconds: float = 600.0
    moves: int = 1_000
    faults: int = 3

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.moves < 1 or self.faults < 1:
            raise InputError(f"{self} leaves no room for an episode", do="give positive limits")


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

    Where a deadline passes within a call of a slow gym, the call is left behind in its thread
    and the environment closed from another, which should end it.

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

    Raises:
        InputError: a seat is not taken.
    """
    limits = limits or Limits()
    key = RunKey(run, problem.task.id, seated(gym, policies), sample)
    actors = tuple(policies[seat].actor for seat in gym.seats)
    scribe = Scribe(gym, problem.task, actors, lab=lab, key=key, tags=tags)
    try:
        async with asyncio.timeout(limits.seconds):
            await _act(gym, problem, policies, scribe, sample, limits, ask)
            record = scribe.done()
            verdict = await called(gym, "judge", gym.judge, record, problem)
            return record, _sound(gym, record, verdict)
    except TimeoutError:  # only the deadline's: those of gym and actor have been renamed
        failure: BanburyError = DeadlineError(
            f"the episode took longer than {limits.seconds:g} s",
            where=f"gym {gym.name!r}",
            do="raise the limit, or ask what held it up",
        )
    except BanburyError as error:
        failure = error
    return scribe.failed(failure), None


def seated(gym: Gym, policies: Mapping[str, Policy]) -> str:
    """Return who sits at a gym as one word: the actor part of an idempotency key.

    Raises:
        InputError: a seat is not taken.
    """
    for seat in gym.seats:
        if seat not in policies:
            raise InputError(
                f"nobody sits at {seat!r}",
                where=f"gym {gym.name!r}",
                do=f"give a policy for each of: {', '.join(gym.seats)}",
            )
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
    async with started(gym, problem, sample, ask) as environment:
        sessions = {seat: _sat(gym, policies[seat], problem, seat, sample) for seat in gym.seats}
        table = Table(gym, limits.moves)
        turn = table.show(await called(gym, "opening", environment.opening))
        scribe.saw(turn)
        while not (turn.terminated or turn.truncated) and (seat := table.next()):
            turn = await _move(gym, environment, seat, sessions[seat], table, scribe, limits.faults)
            await asyncio.sleep(0)  # scripts at quick gyms never wait, yet others want to act
        scribe.truncated = turn.truncated or not turn.terminated
        scribe.ended(await called(gym, "evidence", environment.evidence))


async def _move(
    gym: Gym,
    environment: Environment,
    seat: str,
    session: Session,
    table: Table,
    scribe: Scribe,
    faults: int,
) -> Turn:
    """Let a seat act once, and return what it brought; what is no action, it is told."""
    seen = table.take(seat)
    for fault in range(1, faults + 1):
        begun = clock.mono_ns()
        move = await _asked(session, seat, seen)
        scribe.acted(seat, move, begun)
        if move.action is not None:
            step = await called(gym, "step", environment.step, seat, move.action)
            turn = table.show(step)
            scribe.saw(turn)
            return turn
        if fault < faults:
            seen = (Observation(f"That was no action: {move.fault[:500]}"),)
            scribe.saw(Turn({seat: seen}))
    return Turn(truncated=True)


def _sat(gym: Gym, policy: Policy, problem: Problem, seat: str, sample: int) -> Session:
    try:
        return policy.sit(problem.task, seat, gym.actions, sample)
    except BanburyError:
        raise
    except Exception as error:
        raise _blamed(seat, error) from error


async def _asked(session: Session, seat: str, seen: tuple[Observation, ...]) -> Move:
    """Return a session's move; text that no encoding of Unicode can hold is a fault of the actor.

    Raises:
        ActorError: it raised something that is no error of ours, a `TimeoutError` included.
    """
    try:
        move = await session.act(seen)
        msgspec.json.encode(move.action)
    except UnicodeEncodeError as error:
        return msgspec.structs.replace(move, action=None, raw=repr(move.action), fault=str(error))
    except BanburyError:
        raise
    except Exception as error:
        raise _blamed(seat, error) from error
    return move


def _blamed(seat: str, error: Exception) -> ActorError:
    return ActorError(
        f"the actor raised {type(error).__name__}: {error}",
        where=f"seat {seat!r}",
        do="this is a fault of the actor's code, not of what it said; the episode has failed",
    )


def _sound(gym: Gym, record: Record, verdict: object) -> Judgement:
    """Return a gym's verdict if it can be stored.

    Raises:
        GymError: it is none, of another episode, or has parts that are no numbers in [0, 1].
    """
    try:
        if not isinstance(verdict, Judgement):
            raise TypeError(f"judge returned {type(verdict).__name__}, not a Judgement")
        msgspec.json.decode(msgspec.json.encode(verdict), type=Judgement)
        if verdict.episode != record.episode.id:
            raise ValueError(f"the judgement is of episode {verdict.episode}")
        parts = {"score": verdict.score, **verdict.components}
        if bad := {name: part for name, part in parts.items() if not 0 <= part <= 1}:
            raise ValueError(f"the parts of a judgement lie in [0, 1], unlike {bad}")
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise GymError(
            f"a judgement cannot be kept: {error}",
            where=f"gym {gym.name!r} {gym.version}",
            do="mend its judge",
        ) from error
    return verdict
