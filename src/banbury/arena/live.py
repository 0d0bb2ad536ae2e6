"""Live seats: episodes that people play step by step over a network.

Each is `play` with a journal, as a task on its gym's event loop in a thread of its own, so that a
gym which hangs holds up the live seats of this gym and nothing else. A seat is opened when it is
first asked for and let go when nobody has used it for a while; the episode then stays open in its
journal, and whoever asks next, here or in another process, carries it on. No lock is held for that:
the journal takes each step once, so of two processes that act on one episode the second is refused,
forgets what it had, and reads it again.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import Future, wait
from contextlib import closing
from typing import Literal

import msgspec

from banbury import clock
from banbury.actors.person import PERSON
from banbury.actors.policy import Left, Move
from banbury.actors.remote import Exchange, Remote
from banbury.arena.ask import Answers
from banbury.arena.deadline import Deadline
from banbury.arena.lane import STUCK_S, Lane, Lanes
from banbury.arena.play import Limits, play
from banbury.arena.watch import Watch
from banbury.episode import Parent, Problem, Record, canonical
from banbury.errors import BanburyError, InputError, Sealed
from banbury.gyms.contract import Action, Gym
from banbury.store import Lab

IDLE_S = 900.0
"""Seconds after which a seat that nobody uses is let go."""

LIMITS = Limits(seconds=120.0, repeats=0, hang=5.0)
"""Of one live episode; the time in which the person thinks does not count."""

How = Literal["new", "again", "stale"]


class Place(msgspec.Struct, frozen=True):
    """Who plays what; all that is needed to open the seat, here or in another process.

    Attributes:
        id: of the lease.
        lab: the lab.
        gym: the gym.
        problem: task and secret.
        run: name of the run.
        person: the lab's pseudonym.
        attempt: number of the attempt.
        taken_ns: when the person took the task.
        ask: how the gym reaches a model, None where there is none.
    """

    id: str
    lab: Lab
    gym: Gym
    problem: Problem
    run: str
    person: str
    attempt: int
    taken_ns: int = 0
    ask: Answers | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what names the seat in this process."""
        return self.lab.name, self.id


class View(msgspec.Struct, frozen=True):
    """What a seat shows.

    Attributes:
        number: of the action that is expected next, from 0.
        exchanges: what was shown and done, from the exchange asked for on.
        over: "" while it goes on; `done`, `failed`, or `closed` where it was closed before.
        episode: its id, once it is over in this process.
        why: why it failed.
    """

    number: int
    exchanges: tuple[Exchange, ...]
    over: Literal["", "done", "failed", "closed"] = ""
    episode: str = ""
    why: str = ""


_EPISODE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An episode's id; a task's is a hash."""


def _kin(problem: Problem) -> tuple[Parent, ...]:
    """Return the episodes that a task was made from: what is done in it says something of them."""
    made_from = problem.task.origin.parents
    return tuple(Parent(id, "reviewed") for id in made_from if _EPISODE.fullmatch(id))


class Live:
    """One seat on its gym's event loop."""

    def __init__(self, place: Place, watch: Watch) -> None:
        self.place = place
        self.remote = Remote(place.person)
        self.lock = asyncio.Lock()
        self.used = clock.mono_ns()
        self._watch = watch
        self.task = asyncio.create_task(self._play())

    @property
    def here(self) -> bool:
        """Say whether it is on the running event loop."""
        return self.task.get_loop() is asyncio.get_running_loop()

    async def _play(self) -> Record:
        place, gym = self.place, self.place.gym
        with closing(Deadline(self._watch)) as deadline:
            record, _ = await play(
                gym,
                place.problem,
                dict.fromkeys(gym.seats, self.remote),
                lab=place.lab.name,
                run=place.run,
                sample=place.attempt,
                limits=LIMITS,
                tags=(PERSON,),
                ask=place.ask,
                parents=_kin(place.problem),
                journal=place.lab,
                deadline=deadline,
            )
        return record

    async def settled(self) -> None:
        """Wait until it is the person's turn, or the episode is over.

        Raises:
            BanburyError: the journal cannot be written, or another process wrote in it.
        """
        turn = asyncio.create_task(self.remote.turn())
        try:
            await asyncio.wait({turn, self.task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            turn.cancel()
        if self.task.done() and not self.task.cancelled():
            error = self.task.exception()
            if error is not None and not isinstance(error, (Sealed, Left)):
                raise error

    def view(self, since: int) -> View:
        """Return what there is now, from an exchange on."""
        seen = tuple(self.remote.exchanges[max(since, 0) :])
        number = self.remote.number
        if not self.task.done():
            return View(number, seen)
        if self.task.cancelled() or isinstance(self.task.exception(), (Sealed, Left)):
            return View(number, seen, "closed")
        episode = self.task.result().episode
        failed = episode.status == "failed"
        why = episode.failure.what if episode.failure else ""
        return View(number, seen, "failed" if failed else "done", episode.id, why)


class Stage:
    """All live seats of one process.

    Every call may come from any thread and returns when the person is asked again.

    Args:
        idle_s: seconds after which a seat that nobody uses is let go.
    """

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_ns = int(idle_s * 1e9)
        self._seats: dict[tuple[str, str], Live] = {}
        self._lanes = Lanes(LIMITS.hang, self._sweep)

    def __len__(self) -> int:
        """Return how many seats are open."""
        return len(self._seats)

    def place(self, lab: str, id: str, person: str) -> Place | None:
        """Return where a person sits in this process under a lease, None if they do not."""
        seat = self._seats.get((lab, id))
        return seat.place if seat and seat.place.person == person else None

    def open(self, place: Place, since: int = 0) -> Future[View]:
        """Open a seat, or look at it where it is open.

        The future raises `BanburyError` where the store cannot be reached.
        """
        lane = self._lanes.of(place.gym.name)
        return lane.run(self._open(lane, place, since))

    def act(self, place: Place, number: int, move: Move) -> Future[tuple[How, View]]:
        """Do something, if the seat expects the action of this number.

        Returns:
            `new`; `again` where this very action was done under this number; `stale` where
            another was, or none is expected: nothing is changed. The view begins at that number.
        """
        lane = self._lanes.of(place.gym.name)
        return lane.run(self._act(lane, place, number, move))

    def leave(self, place: Place) -> Future[None]:
        """Let a seat go; its episode stays open."""
        return self._lanes.of(place.gym.name).run(self._leave(place))

    def report(self, place: Place, reason: str) -> Future[View]:
        """Close the episode as failed: the person says that the task is broken."""
        lane = self._lanes.of(place.gym.name)
        return lane.run(self._report(lane, place, reason))

    def close(self) -> None:
        """Let all seats go, and end the threads; episodes stay open."""
        lanes = self._lanes.clear()
        wait([lane.run(self._clear()) for lane in lanes], STUCK_S)
        for lane in lanes:
            lane.close()

    async def _open(self, lane: Lane, place: Place, since: int) -> View:
        seat = await self._seat(lane, place)
        return seat.view(since)

    async def _act(self, lane: Lane, place: Place, number: int, move: Move) -> tuple[How, View]:
        seat = await self._seat(lane, place)
        async with seat.lock:
            if seat.remote.asked and number == seat.remote.number and not seat.task.done():
                seat.remote.hand(move)
                try:
                    await seat.settled()
                except InputError:  # another process went on with this episode
                    seat = await self._anew(lane, place, seat)
                    return _how(seat, number, move), seat.view(number)
                return "new", seat.view(number)
        return _how(seat, number, move), seat.view(number)

    async def _leave(self, place: Place) -> None:
        seat = self._seats.pop(place.key, None)
        if seat is not None and seat.here:
            await _let_go(seat)

    async def _report(self, lane: Lane, place: Place, reason: str) -> View:
        seat = await self._seat(lane, place)
        async with seat.lock:
            seat.remote.report(reason)
            await asyncio.wait({seat.task})
            await seat.settled()
        self._forget(seat)
        return seat.view(0)

    async def _seat(self, lane: Lane, place: Place) -> Live:
        """Return the seat, opened if need be, when it is the person's turn or over."""
        seat = self._seats.get(place.key)
        if seat is not None and not seat.here:  # its lane was given up; the journal has it
            self._forget(seat)
            seat = None
        if seat is not None and seat.place.attempt != place.attempt:
            await self._leave(seat.place)
            seat = self._seats.get(place.key)
        if seat is None:
            seat = self._seats[place.key] = Live(place, lane.watch)
        seat.used = clock.mono_ns()
        try:
            await seat.settled()
        except BanburyError:
            self._forget(seat)
            raise
        return seat

    async def _anew(self, lane: Lane, place: Place, seat: Live) -> Live:
        self._forget(seat)
        return await self._seat(lane, place)

    def _forget(self, seat: Live) -> None:
        if self._seats.get(seat.place.key) is seat:
            del self._seats[seat.place.key]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(30.0, self._idle_ns / 2e9))
            old = clock.mono_ns() - self._idle_ns
            for key, seat in list(self._seats.items()):
                if seat.here and seat.used < old and not seat.lock.locked():
                    del self._seats[key]
                    await _let_go(seat)

    async def _clear(self) -> None:
        for key, seat in list(self._seats.items()):
            if seat.here:
                del self._seats[key]
                await _let_go(seat)


async def _let_go(seat: Live) -> None:
    """Make the person get up and wait until the environment is closed."""
    async with seat.lock:
        seat.remote.leave()
        if not seat.remote.asked and not seat.task.done():
            seat.task.cancel()
        await asyncio.wait({seat.task})
        if not seat.task.cancelled():
            seat.task.exception()


def _how(seat: Live, number: int, move: Move) -> How:
    """Return whether an action that is not taken was done before under its number."""
    done = seat.remote.exchanges
    if number < len(done) and done[number].action is not None and move.action is not None:
        return "again" if _same(done[number].action, move.action) else "stale"
    return "stale"


def _same(one: Action | None, other: Action) -> bool:
    return canonical(one) == canonical(other)
