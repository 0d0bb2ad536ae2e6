"""One episode: seat the actors, step the gym, judge, and return the record."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial

import msgspec

from banbury import clock
from banbury.actors.policy import GaveUp, Left, Move, Policy, Session
from banbury.arena.ask import NO_MODEL, Answers, Asked, Later
from banbury.arena.calls import Calls
from banbury.arena.deadline import Deadline
from banbury.arena.diary import Diary, kept
from banbury.arena.past import Rejoined, Resumed, moves_of
from banbury.arena.scribe import Scribe
from banbury.arena.table import Table
from banbury.arena.verdict import sound
from banbury.arena.watch import Watch
from banbury.episode import Judgement, Parent, Problem, Record, RunKey, Step
from banbury.errors import (
    ActorError,
    BanburyError,
    DeadlineError,
    GymError,
    InputError,
    Unjudged,
)
from banbury.gyms.contract import Ask, Environment, Gym, Observation, Turn
from banbury.store import Lab


class Limits(msgspec.Struct, frozen=True):
    """What one episode may take.

    Attributes:
        seconds: wall time over set-up, acting and judging; past it the episode fails. Moves of a
            policy whose sessions wait in line (`InLine`) do not count.
        moves: moves of one seat; past it the episode is truncated and judged as it stands.
        faults: answers in a row that are no action, before the episode is truncated.
        repeats: the same action in a row that brings the same, before the episode is truncated;
            0 for no such limit.
        grace: seconds that closing the environment may take, also past the deadline.
        hang: seconds that one call into a gym that is not slow may hold up all others.
    """

    seconds: float = 600.0
    moves: int = 1_000
    faults: int = 3
    repeats: int = 8
    grace: float = 30.0
    hang: float = 30.0

    def __post_init__(self) -> None:
        if (
            not min(self.seconds, self.grace, self.hang) > 0
            or min(self.moves, self.faults) < 1
            or self.repeats < 0
        ):
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
    ask: Answers | Later | Ask | None = None,
    tags: tuple[str, ...] = (),
    journal: Lab | None = None,
    parents: tuple[Parent, ...] = (),
    deadline: Deadline | None = None,
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
        ask: how the gym reaches a model, if it needs one; `LATER` where people grade.
        tags: kept on the episode.
        journal: where to journal the episode, which is stored there when this returns; None for
            one that the caller stores whole.
        parents: episodes from which this one comes.
        deadline: of the running task, which many episodes may share one after the other.

    Returns:
        The record and its judgement; None where the episode `failed`, which is the
        infrastructure's doing and never a score, or where people are to grade `LATER`.

    Raises:
        InputError: a seat is not taken.
        Left: a person got up; the episode stays open.
        StoreError: the journal cannot be written; the episode stays open.
    """
    key = RunKey(run, problem.task.id, seated(gym, policies), sample)
    actors = tuple([policies[seat].actor for seat in gym.seats])
    scribe = Scribe(
        gym,
        problem.task,
        actors,
        lab=lab,
        key=key,
        tags=tags,
        parents=parents,
        journaled=journal is not None,
    )
    limits = limits or Limits()
    with _timed(deadline, limits) as timer:
        attempt = Attempt(gym, problem, policies, scribe, sample, limits, timer)
        if journal is None:
            return await attempt.play(ask)
        async with kept(journal, scribe, gym) as attempt.diary:
            return await attempt.play(ask)


@contextmanager
def _timed(deadline: Deadline | None, limits: Limits) -> Iterator[Deadline]:
    """Hand out the run's own deadline, or one for this episode alone."""
    if deadline is not None:
        yield deadline
        return
    with Watch(limits.hang) as watch, closing(Deadline(watch)) as own:
        yield own


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
    return "+".join([policies[seat].actor.key for seat in gym.seats])


class Attempt:
    """One episode as it runs.

    Attributes:
        diary: where it is journaled, None where it is not.
    """

    def __init__(
        self,
        gym: Gym,
        problem: Problem,
        policies: Mapping[str, Policy],
        scribe: Scribe,
        sample: int,
        limits: Limits,
        deadline: Deadline,
    ) -> None:
        self.diary: Diary | None = None
        self._gym = gym
        self._problem = problem
        self._policies = policies
        self._scribe = scribe
        self._sample = sample
        self._limits = limits
        self._deadline = deadline
        self._calls = Calls(gym, deadline.watch)

    async def play(self, ask: Answers | Later | Ask | None) -> tuple[Record, Judgement | None]:
        """Act, judge, and seal what is journaled."""
        record, verdict = await self._judged(ask)
        if self.diary:
            record = await self.diary.close(record, verdict)
        return record, verdict

    async def _judged(self, ask: Answers | Later | Ask | None) -> tuple[Record, Judgement | None]:
        gym, seconds = self._gym, self._limits.seconds
        try:
            with self._deadline.within(seconds):
                await self._acted(ask)
                record = self._scribe.done()
                try:
                    verdict = await self._calls.call("judge", gym.judge, record, self._problem)
                except Unjudged:
                    if isinstance(ask, Later):
                        return record, None
                    raise
                return record, sound(gym, record, verdict)
        except TimeoutError:  # only the deadline's: those of gym and actor have been renamed
            failure: BanburyError = DeadlineError(
                f"the episode took longer than {seconds:g} s, last in {self._calls.doing}",
                where=f"gym {gym.name!r}",
                do="raise the limit, or ask what held it up",
            )
        except BanburyError as error:
            failure = error
        return self._scribe.failed(failure), None

    async def _acted(self, ask: Answers | Later | Ask | None) -> None:
        """Start the environment, act, and close it, whatever happened."""
        scribe, calls = self._scribe, self._calls
        environment = await calls.start(self._start(ask))
        try:
            scribe.truncated = not await self._acting(environment)
            scribe.ended(await calls.call("evidence", environment.evidence))
            await self._keep(moved=False)
        except BaseException:
            with suppress(BanburyError):
                await calls.close(environment, self._limits.grace)
            raise
        await calls.close(environment, self._limits.grace)

    def _start(self, ask: Answers | Later | Ask | None) -> partial[Environment]:
        """Return what starts the environment, or rejoins one whose steps had effects outside.

        Raises:
            GymError: the gym needs a model, and there is none.
            Interrupted: the episode cannot be carried on.
        """
        gym, problem, sample = self._gym, self._problem, self._sample
        past = self.diary.past if self.diary else ()
        asked: Ask | None = None
        if gym.needs.asks and not isinstance(ask, Later):
            if ask is None and gym.needs.model:
                raise GymError(
                    "this gym needs a model to ask",
                    where=f"gym {gym.name!r}",
                    do=NO_MODEL,
                )
            if ask is not None:
                asked = Asked(ask, self._scribe, problem.task, sample, past, self._deadline)
        if self.diary and past:
            self.diary.check(gym)
            if gym.needs.effects:
                return partial(_rejoined, gym, problem, past, sample, asked)
        return partial(gym.start, problem, seed=sample, ask=asked)

    async def _acting(self, environment: Environment) -> bool:
        """Let the seats act in turn; return whether the task came to its own end."""
        scribe, deadline, repeats = self._scribe, self._deadline, self._limits.repeats
        sessions = {seat: self._session(seat) for seat in self._gym.seats}
        table = Table(self._gym, self._limits.moves)
        turn = table.show(await self._calls.call("opening", environment.opening))
        scribe.saw(turn)
        await self._keep(moved=False)
        while not (turn.terminated or turn.truncated):
            if (seat := table.next()) is None:
                scribe.cut("moves")
                return False
            moved = await self._move(environment, seat, sessions[seat], table)
            if moved is None:
                return False
            turn = moved
            if repeats and scribe.repeated() >= repeats and not turn.terminated:
                scribe.cut("repeats")
                return False
            if deadline.tired:
                await deadline.rest()
        return turn.terminated and not turn.truncated

    async def _move(
        self, environment: Environment, seat: str, session: Session, table: Table
    ) -> Turn | None:
        """Let a seat act once, and return what it brought; what is no action, it is told.

        Returns:
            None where it gave up, or answered too often with what is no action.
        """
        scribe, faults = self._scribe, self._limits.faults
        seen = table.take(seat)
        for fault in range(1, faults + 1):
            begun = clock.mono_ns()
            self._calls.doing = f"the actor at {seat!r}"
            try:
                move = await self._in_time(seat, self._asked(session, seat, seen))
                action = scribe.acted(seat, move, begun)
            except GaveUp:
                scribe.cut("gave up")
                return None
            except (TypeError, ValueError) as error:
                raise _blamed(seat, error) from error
            await self._keep()
            if action is not None:
                step = await self._calls.call("step", environment.step, seat, action)
                turn = table.show(step)
                scribe.saw(turn)
                await self._keep(moved=False)
                return turn
            if fault < faults:
                seen = (Observation(f"That was no action: {scribe.fault[:500]}"),)
                scribe.saw(Turn({seat: seen}))
                await self._keep(moved=False)
        scribe.cut("faults")
        return None

    async def _in_time(self, seat: str, asked: Awaitable[Move]) -> Move:
        """Return a move; what an actor waits in line for it is not the episode's time."""
        if not getattr(self._policies[seat], "in_line", False):
            return await asked
        with self._deadline.paused():
            return await asked

    async def _keep(self, moved: bool = True) -> None:
        if self.diary:
            await self.diary.keep(moved)
            if moved:
                self._deadline.rested()

    def _session(self, seat: str) -> Session:
        """Seat an actor; in an episode that was cut off, behind its recorded moves."""
        policy, actions = self._policies[seat], self._gym.actions
        try:
            session = policy.sit(self._problem.task, seat, actions, self._sample)
        except BanburyError:
            raise
        except Exception as error:
            raise _blamed(seat, error) from error
        if not (self.diary and self.diary.past):
            return session
        moves = moves_of(self.diary.past, seat, actions)
        return Resumed(session, moves, policy.actor.kind == "person")

    async def _asked(self, session: Session, seat: str, seen: tuple[Observation, ...]) -> Move:
        """Return a session's move.

        Raises:
            ActorError: it raised something that is no error of ours, a `TimeoutError` included.
            Left: a person got up.
            GaveUp: the actor does nothing more.
        """
        try:
            move = await session.act(seen)
        except (BanburyError, Left, GaveUp):
            raise
        except EOFError as error:
            raise Left(str(error)) from error
        except Exception as error:
            raise _blamed(seat, error) from error
        if not isinstance(move, Move):
            raise ActorError(
                f"the actor answered with {type(move).__name__}, not a Move",
                where=f"seat {seat!r}",
                do="mend the actor's code; the episode has failed",
            )
        return move


def _rejoined(
    gym: Gym, problem: Problem, past: Sequence[Step], seed: int, ask: Ask | None
) -> Environment:
    return Rejoined(past, gym.rejoin(problem, past, seed=seed, ask=ask))


def _blamed(seat: str, error: Exception) -> ActorError:
    return ActorError(
        f"the actor raised {type(error).__name__}: {error}",
        where=f"seat {seat!r}",
        do="this is a fault of the actor's code, not of what it said; the episode has failed",
    )
