"""The diary of an episode that a crash must not lose: each step is stored before it is acted on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from banbury.actors.policy import Left
from banbury.arena.driver import to_its_end
from banbury.arena.scribe import SHOWN, Scribe
from banbury.episode import Judgement, Record, Step
from banbury.errors import BanburyError, Interrupted
from banbury.gyms.contract import Gym
from banbury.store import Lab
from banbury.store.journal import Ending, Journal
from banbury.store.swift import Swift

T = TypeVar("T")


class Unkept(Exception):
    """The store could not take a step: the run stops with `error`, the episode stays open."""

    def __init__(self, error: BanburyError) -> None:
        super().__init__(str(error))
        self.error = error


class Diary:
    """Stores what a scribe records, off the event loop; got from `kept`."""

    def __init__(self, journal: Journal, swift: Swift, scribe: Scribe, gym: Gym) -> None:
        self._journal = journal
        self._swift = swift
        self._scribe = scribe
        self._again = not (gym.needs.effects or gym.needs.asks)
        # A person thinks for minutes; the connection is for others meanwhile.
        self._lets_go = any(actor.kind == "person" for actor in journal.episode.actors)
        self.past: tuple[Step, ...] = journal.steps

    def check(self, gym: Gym) -> None:
        """Do nothing if an episode that was cut off may be carried on.

        Raises:
            Interrupted: it was recorded at another version of the gym, or stopped within an
                action whose effects outside nobody can know.
        """
        then, pending = self._journal.episode, self._journal.pending()
        where = f"episode {then.id}, gym {gym.name!r}"
        if then.gym_version != gym.version:
            raise Interrupted(
                f"the episode began at version {then.gym_version}, this is {gym.version}",
                where=where,
                do="the attempt is made anew",
            )
        if pending and gym.needs.effects:
            said = pending[0].payload.decode()[:SHOWN]
            raise Interrupted(
                f"nobody knows whether action {pending[0].seq} had its effect: {said}",
                where=where,
                do="look there; the attempt is made anew",
            )

    async def keep(self, moved: bool = True) -> None:
        """Store the steps recorded since the last call.

        Args:
            moved: a move is about to be acted on. Else these steps are what a move brought: where
                it would bring the same again, they are stored with the next move or the end.

        Raises:
            Unkept: the store cannot.
        """
        if not moved and self._again:
            return
        steps = self._scribe.fresh()
        if not steps:
            return
        if any(step.tokens for step in steps):
            await self._amend()
        try:
            if not await _tried(self._swift.extend(self._journal, steps)):
                await _stored(partial(self._journal.extend, steps))
        finally:
            self.rest()

    def rest(self) -> None:
        """Give the connection back where the next step may be minutes away."""
        if self._lets_go:
            self._swift.release()

    async def close(self, record: Record, verdict: Judgement | None) -> Record:
        """Store the rest and seal the episode; return its record.

        Raises:
            Unkept: the store cannot.
        """
        await self._amend()
        e, verdicts = record.episode, [] if verdict is None else [verdict]
        ending = Ending(e.status, e.length_ns, e.cost, e.failure, e.truncated)
        rest = self._scribe.fresh()
        if not await _tried(self._swift.close(self._journal, rest, ending, verdicts)):
            await _stored(partial(self._journal.end, rest, ending, verdicts))
        return Record(self._journal.episode, record.steps)

    async def _amend(self) -> None:
        """Store samplers and route before a step refers to them."""
        now, then = self._scribe.episode, self._journal.episode
        if (now.samplers, now.route) != (then.samplers, then.route):
            amend = partial(self._journal.amend, samplers=now.samplers, route=now.route)
            await _stored(amend)


@asynccontextmanager
async def kept(lab: Lab, scribe: Scribe, gym: Gym) -> AsyncIterator[Diary]:
    """Open an episode in the store; where its key is open there, go on with that one.

    Raises:
        StoreError: the store cannot take it, or its key belongs to an episode that is closed.
        Left: what the person saw last is stored.
    """
    swift = lab.swift()
    try:
        diary = await _opened(lab, swift, scribe, gym)
        diary.rest()
        try:
            yield diary
        except Left:
            await diary.keep()
            raise
    except Unkept as unkept:
        raise unkept.error from None
    finally:
        swift.release()


async def _opened(lab: Lab, swift: Swift, scribe: Scribe, gym: Gym) -> Diary:
    journal = await _tried(swift.open(scribe.episode))
    if journal is None:
        journal = await _stored(partial(lab.journal, scribe.episode))
    if journal.steps or journal.episode.id != scribe.episode.id:
        scribe.resume(journal.episode, journal.steps)
    return Diary(journal, swift, scribe, gym)


async def _tried(call: Awaitable[T]) -> T:
    try:
        return await call
    except BanburyError as error:
        raise Unkept(error) from error


async def _stored(call: Callable[[], T]) -> T:
    return await _tried(to_its_end(call))
