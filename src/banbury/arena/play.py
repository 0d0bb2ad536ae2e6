"""One episode: seat the actors, step the gym, judge, and return the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from banbury import clock
from banbury.actors.policy import Left, Move, Policy, Session
from banbury.arena.calls import called, started
from banbury.arena.diary import Diary, Unkept, opened
from banbury.arena.past import Resumed, moves_of
from banbury.arena.scribe import Scribe
from banbury.arena.table import Table
from banbury.episode import Judgement, Problem, Record, RunKey, Step
from banbury.errors import ActorError, BanburyError, DeadlineError, GymError, InputError
from banbury.gyms.contract import Ask, Environment, Gym, Observation, Turn
from banbury.store import Lab


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
    journal: Lab | None = None,
) -> tuple[Record, Judgement | None]:
    """Play one episode and judge it.

    Where it is journaled, each step is stored before it is acted on, and an episode that is open
    under the same key is carried on: its recorded actions are made again, and what they bring
    must be what they brought.

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
        journal: where to journal the episode, which is stored there when this returns; None for
            one that the caller stores whole.

    Returns:
        The record and its judgement; None where the episode `failed`, which is the
        infrastructure's doing and never a score.

    Raises:
        InputError: a seat is not taken.
        Left: a person got up; the episode stays open.
        StoreError: the journal cannot be written; the episode stays open.
    """
    limits = limits or Limits()
    key = RunKey(run, problem.task.id, seated(gym, policies), sample)
    actors = tuple(policies[seat].actor for seat in gym.seats)
    scribe = Scribe(
        gym, problem.task, actors, lab=lab, key=key, tags=tags, journaled=journal is not None
    )
    try:
        diary = await opened(journal, scribe) if journal else None
        house = _House(gym, problem, policies, scribe, sample, limits, ask, diary)
        record, verdict = await _judged(house)
        return (await diary.close(record, verdict) if diary else record), verdict
    except Unkept as unkept:
        raise unkept.error from None


class _House(msgspec.Struct, frozen=True):
    """What one episode is played with."""

    gym: Gym
    problem: Problem
    policies: Mapping[str, Policy]
    scribe: Scribe
    sample: int
    limits: Limits
    ask: Ask | None
    diary: Diary | None

    async def keep(self) -> None:
        if self.diary:
            await self.diary.keep()


async def _judged(at: _House) -> tuple[Record, Judgement | None]:
    gym = at.gym
    try:
        async with asyncio.timeout(at.limits.seconds):
            await _act(at)
            record = at.scribe.done()
            verdict = await called(gym, "judge", gym.judge, record, at.problem)
            return record, _sound(gym, record, verdict)
    except TimeoutError:  # only the deadline's: those of gym and actor have been renamed
        failure: BanburyError = DeadlineError(
            f"the episode took longer than {at.limits.seconds:g} s",
            where=f"gym {gym.name!r}",
            do="raise the limit, or ask what held it up",
        )
    except BanburyError as error:
        failure = error
    return at.scribe.failed(failure), None


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


async def _act(at: _House) -> None:
    gym, scribe = at.gym, at.scribe
    past = at.diary.past if at.diary else ()
    if at.diary and past:
        at.diary.check(gym)
    async with started(gym, at.problem, at.sample, at.ask, past) as environment:
        sessions = {seat: _session(at, seat, past) for seat in gym.seats}
        table = Table(gym, at.limits.moves)
        turn = table.show(await called(gym, "opening", environment.opening))
        scribe.saw(turn)
        await at.keep()
        while not (turn.terminated or turn.truncated) and (seat := table.next()):
            turn = await _move(at, environment, seat, sessions[seat], table)
            await asyncio.sleep(0)  # scripts at quick gyms never wait, yet others want to act
        scribe.truncated = turn.truncated or not turn.terminated
        scribe.ended(await called(gym, "evidence", environment.evidence))
        await at.keep()


async def _move(
    at: _House, environment: Environment, seat: str, session: Session, table: Table
) -> Turn:
    """Let a seat act once, and return what it brought; what is no action, it is told."""
    seen = table.take(seat)
    for fault in range(1, at.limits.faults + 1):
        begun = clock.mono_ns()
        move = await _asked(session, seat, seen)
        at.scribe.acted(seat, move, begun)
        await at.keep()
        if move.action is not None:
            step = await called(at.gym, "step", environment.step, seat, move.action)
            turn = table.show(step)
            at.scribe.saw(turn)
            await at.keep()
            return turn
        if fault < at.limits.faults:
            seen = (Observation(f"That was no action: {move.fault[:500]}"),)
            at.scribe.saw(Turn({seat: seen}))
            await at.keep()
    return Turn(truncated=True)


def _session(at: _House, seat: str, past: Sequence[Step]) -> Session:
    """Seat an actor; in an episode that was cut off, behind its recorded moves."""
    policy = at.policies[seat]
    session = _sat(at.gym, policy, at.problem, seat, at.sample)
    if not past:
        return session
    return Resumed(session, moves_of(past, seat, at.gym.actions), policy.actor.kind == "person")


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
        Left: a person got up.
    """
    try:
        move = await session.act(seen)
        msgspec.json.encode(move.action)
    except UnicodeEncodeError as error:
        return msgspec.structs.replace(move, action=None, raw=repr(move.action), fault=str(error))
    except (BanburyError, Left):
        raise
    except EOFError as error:
        raise Left(str(error)) from error
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
