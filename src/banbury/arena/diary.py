"""The diary of an episode that a crash must not lose: each step is stored before it is acted on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from banbury.arena.driver import to_its_end
from banbury.arena.scribe import SHOWN, Scribe
from banbury.episode import Judgement, Record, Step
from banbury.errors import BanburyError, Interrupted
from banbury.gyms.contract import Gym
from banbury.store import Lab
from banbury.store.journal import Journal

T = TypeVar("T")


class Unkept(Exception):
    """The store could not take a step: the run stops with `error`, the episode stays open."""

    def __init__(self, error: BanburyError) -> None:
        super().__init__(str(error))
        self.error = error


class Diary:
    """Stores what a scribe records, in threads, off the event loop; got from `opened`."""

    def __init__(self, journal: Journal, scribe: Scribe) -> None:
        self._journal = journal
        self._scribe = scribe
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

    async def keep(self) -> None:
        """Store the steps recorded since the last call.

        Raises:
            Unkept: the store cannot.
        """
        steps = self._scribe.fresh()
        if not steps:
            return
        if any(step.tokens for step in steps):
            await self._amend()
        await _stored(partial(self._journal.extend, steps))

    async def close(self, record: Record, verdict: Judgement | None) -> Record:
        """Store the rest and seal the episode; return its record.

        Raises:
            Unkept: the store cannot.
        """
        await self.keep()
        await self._amend()
        episode = record.episode
        close = partial(
            self._journal.close,
            episode.status,
            episode.length_ns,
            episode.cost,
            [] if verdict is None else [verdict],
            failure=episode.failure,
            truncated=episode.truncated,
        )
        return Record(await _stored(close), record.steps)

    async def _amend(self) -> None:
        """Store samplers and route before a step refers to them."""
        now, then = self._scribe.episode, self._journal.episode
        if (now.samplers, now.route) != (then.samplers, then.route):
            amend = partial(self._journal.amend, samplers=now.samplers, route=now.route)
            await _stored(amend)


async def opened(lab: Lab, scribe: Scribe) -> Diary:
    """Open an episode in the store; where its key is open there, go on with that one.

    Raises:
        Unkept: the store cannot take it, or its key belongs to an episode that is closed.
    """
    journal = await _stored(partial(lab.journal, scribe.episode))
    if journal.steps or journal.episode.id != scribe.episode.id:
        scribe.resume(journal.episode, journal.steps)
    return Diary(journal, scribe)


async def _stored(call: Callable[[], T]) -> T:
    try:
        return await to_its_end(call)
    except BanburyError as error:
        raise Unkept(error) from error
