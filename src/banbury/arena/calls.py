"""Calls into a gym: on the event loop, or in a thread of their own where they may take long."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from banbury.actors.aside import aside
from banbury.arena.watch import Stuck, Watch
from banbury.errors import BanburyError, GymError
from banbury.gyms.contract import Environment, Gym

T = TypeVar("T")

_numbers = itertools.count(1)


class Calls:
    """Calls into one gym for one episode.

    A gym that is slow, needs a box or asks a model is called in a thread of its own: however many
    of them hang, the event loop, the store and the other episodes go on.

    Attributes:
        doing: what goes on now, for the failure that a deadline makes.
    """

    __slots__ = ("_gym", "_watch", "aside", "doing")

    def __init__(self, gym: Gym, watch: Watch) -> None:
        needs = gym.needs
        self.aside = needs.slow or needs.box or needs.asks
        self.doing = ""
        self._gym = gym
        self._watch = watch

    async def call(self, verb: str, call: Callable[..., T], *args: Any) -> T:
        """Call into the gym and return what it returns.

        Raises:
            GymError: it raised something that is no error of ours, a `TimeoutError` included.
        """
        if not self.aside:
            self.doing = verb
            done: T = self._guarded(verb, self._watch.call, call, *args)
            return done
        name = f"banbury-gym-{next(_numbers)}"
        self.doing = f"{verb}, whose thread {name!r} was left behind"
        return await aside(partial(self._guarded, verb, call, *args), name)

    def _guarded(self, verb: str, call: Callable[..., T], *args: Any) -> T:
        try:
            return call(*args)
        except BanburyError:
            raise
        except Stuck:
            raise GymError(
                f"{verb} held up everything for too long and was ended",
                where=f"gym {self._gym.name!r} {self._gym.version}",
                do="mend the gym, or declare Needs(slow=True) where a step takes its time",
            ) from None
        except (Exception, SystemExit) as error:
            raise GymError(
                f"{verb} raised {type(error).__name__}: {error}",
                where=f"gym {self._gym.name!r} {self._gym.version}",
                do="this is the gym's fault, not the actor's; the episode has failed",
            ) from error

    async def start(self, start: Callable[[], Environment]) -> Environment:
        """Start an environment; one that comes when nobody waits any more is closed at once.

        Raises:
            GymError: it raised, or returned no environment.
        """
        if not self.aside:
            return await self.call("start", _sound, start)
        starting = _Starting(start)
        try:
            return await self.call("start", starting.start)
        except asyncio.CancelledError:
            if (left := starting.abandon()) is not None:
                with suppress(BanburyError):
                    await self.call("close", left.close)
            raise

    async def close(self, environment: Environment, grace: float) -> None:
        """Close an environment.

        Args:
            environment: closed once, whatever happened.
            grace: seconds that it may take, also after the episode's own deadline.

        Raises:
            GymError: it raised, or took longer.
        """
        if not self.aside:
            self._guarded("close", self._watch.call, environment.close)
            return
        try:
            async with asyncio.timeout(grace):
                await self.call("close", environment.close)
        except TimeoutError:
            raise GymError(
                f"close did not return within {grace:g} s",
                where=f"gym {self._gym.name!r} {self._gym.version}",
                do="see whether it left something running",
            ) from None


def _sound(start: Callable[[], Environment]) -> Environment:
    environment = start()
    if not isinstance(environment, Environment):
        raise GymError(f"start returned {type(environment).__name__}, not an Environment")
    return environment


class _Starting:
    """An environment that may come when nobody waits for it any more."""

    def __init__(self, start: Callable[[], Environment]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._made: Environment | None = None
        self._abandoned = False

    def start(self) -> Environment:
        environment = _sound(self._start)
        with self._lock:
            self._made = environment
            late = self._abandoned
        if late:
            environment.close()
        return environment

    def abandon(self) -> Environment | None:
        """Return the environment if it is there; else it will be closed when it comes."""
        with self._lock:
            self._abandoned = True
            return self._made
