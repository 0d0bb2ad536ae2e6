"""Calls into a gym: on the event loop, or in a thread of their own where they may take long."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from banbury.arena.past import Rejoined
from banbury.episode import Problem, Step
from banbury.errors import BanburyError, GymError
from banbury.gyms.contract import Ask, Environment, Gym

T = TypeVar("T")

GRACE_S = 30.0
"""Seconds that closing an environment may take, also after the episode's own deadline."""


async def called(gym: Gym, verb: str, call: Callable[..., T], *args: Any) -> T:
    """Call into a gym and return what it returns.

    A gym that is slow, needs a box or asks a model is called in a thread of its own: however many
    of them hang, the event loop, the store and the other episodes go on.

    Raises:
        GymError: it raised something that is no error of ours, a `TimeoutError` included.
    """

    def guarded() -> T:
        try:
            return call(*args)
        except BanburyError:
            raise
        except (Exception, SystemExit) as error:
            raise GymError(
                f"{verb} raised {type(error).__name__}: {error}",
                where=f"gym {gym.name!r} {gym.version}",
                do="this is the gym's fault, not the actor's; the episode has failed",
            ) from error

    if gym.needs.slow or gym.needs.box or gym.needs.model:
        return await _aside(guarded)
    return guarded()


async def _aside(call: Callable[[], T]) -> T:
    """Run a call in a daemon thread; cancelled, it is left behind and its result dropped."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(set_it: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            set_it(value)

    def work() -> None:
        try:
            set_it: Callable[[Any], None] = future.set_result
            value: Any = context.run(call)
        except BaseException as error:
            set_it, value = future.set_exception, error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, set_it, value)

    threading.Thread(target=work, name="banbury-gym", daemon=True).start()
    return await future


@asynccontextmanager
async def started(
    gym: Gym, problem: Problem, seed: int, ask: Ask | None, past: Sequence[Step] = ()
) -> AsyncIterator[Environment]:
    """Start an environment and close it at the end, whatever happened, once.

    Of a gym with effects outside, one with a past is rejoined instead of started.

    One that is still starting when the deadline passes is closed as soon as it has started.

    Raises:
        GymError: start or close raised, or close took longer than `GRACE_S`; an error from
            within the block goes before.
    """
    if gym.needs.model and ask is None:
        raise GymError(
            "this gym needs a model to ask", where=f"gym {gym.name!r}", do="hand `ask` to the run"
        )
    start = partial(gym.start, problem, seed=seed, ask=ask)
    if past and gym.needs.effects:
        start = partial(_rejoined, gym, problem, past, seed, ask)
    starting = _Starting(start)
    try:
        environment = await called(gym, "start", starting.start)
    except asyncio.CancelledError:
        if (left := starting.abandon()) is not None:
            with suppress(BanburyError):
                await _close(gym, left)
        raise
    try:
        yield environment
    except BaseException:
        with suppress(BanburyError):
            await _close(gym, environment)
        raise
    await _close(gym, environment)


def _rejoined(
    gym: Gym, problem: Problem, past: Sequence[Step], seed: int, ask: Ask | None
) -> Environment:
    return Rejoined(past, gym.rejoin(problem, past, seed=seed, ask=ask))


class _Starting:
    """An environment that may come when nobody waits for it any more."""

    def __init__(self, start: Callable[[], Environment]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._made: Environment | None = None
        self._abandoned = False

    def start(self) -> Environment:
        environment = self._start()
        if not isinstance(environment, Environment):
            raise GymError(f"start returned {type(environment).__name__}, not an Environment")
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


async def _close(gym: Gym, environment: Environment) -> None:
    try:
        async with asyncio.timeout(GRACE_S):
            await called(gym, "close", environment.close)
    except TimeoutError:
        raise GymError(
            f"close did not return within {GRACE_S:g} s",
            where=f"gym {gym.name!r} {gym.version}",
            do="see whether it left something running",
        ) from None
