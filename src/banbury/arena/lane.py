"""Lanes: an event loop in a thread for each gym, so that one that hangs harms its own people alone.

A call that hangs in Python is ended by the watch. One that hangs outside of it, as in a system
call without a time limit, cannot be ended: its lane is given up, whoever waits in it is told, and
the next caller gets a new one. The thread that was left behind ends when the call returns.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from banbury.arena.watch import Watch
from banbury.errors import GymError

T = TypeVar("T")

STUCK_S = 15.0
"""Seconds of one call into a gym after which its lane is given up."""

Background = Callable[[], Coroutine[Any, Any, None]]


class Lane:
    """One event loop in a thread of its own, with a watch over what holds it up.

    Args:
        gym: name of the gym.
        hang: seconds that one call into it may take.
        background: what runs beside, until the lane is closed.

    Attributes:
        loop: the event loop.
        watch: over the gym's calls.
    """

    def __init__(self, gym: str, hang: float, background: Background | None = None) -> None:
        self._gym = gym
        self._background = background
        self._waiting: set[Future[Any]] = set()
        self.loop = asyncio.new_event_loop()
        self.watch = Watch(hang)
        begun = threading.Event()
        self._thread = threading.Thread(
            target=self._main, args=(begun,), name=f"banbury-lane-{gym}", daemon=True
        )
        self._thread.start()
        begun.wait()

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the loop; the future raises `GymError` if the lane is given up."""
        told: Future[T] = Future()
        self._waiting.add(told)
        told.add_done_callback(self._waiting.discard)
        done = asyncio.run_coroutine_threadsafe(work, self.loop)
        done.add_done_callback(lambda d: _pass_on(d, told))
        return told

    def give_up(self) -> None:
        """Tell whoever waits that the gym hangs; the thread ends when the gym returns."""
        error = GymError(
            f"the gym {self._gym!r} has not returned for {STUCK_S:g} s",
            where=f"gym {self._gym!r}",
            do="try again, or report the task as broken",
        )
        for told in list(self._waiting):
            with suppress(Exception):  # it may be done in the meantime
                told.set_exception(error)
        self.loop.call_soon_threadsafe(self.loop.stop)

    def close(self) -> None:
        """End the loop and its thread; one that hangs is left behind."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(STUCK_S if self.watch.held_s else None)

    def _main(self, begun: threading.Event) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        self.watch.here()
        with self.watch:
            beside = loop.create_task(self._background()) if self._background else None
            begun.set()
            loop.run_forever()
            if beside is not None:
                beside.cancel()
                with suppress(asyncio.CancelledError):
                    loop.run_until_complete(beside)
            loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class Lanes:
    """The lanes of one process, made when they are first asked for.

    Args:
        hang: seconds that one call into a gym may take.
        background: what runs beside in each.
    """

    def __init__(self, hang: float, background: Background | None = None) -> None:
        self._hang = hang
        self._background = background
        self.reset()

    def reset(self) -> None:
        """Forget the threads; after a fork they are the parent's."""
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._pid = os.getpid()

    def of(self, gym: str) -> Lane:
        """Return a gym's lane; one that has hung for too long is given up for a new one."""
        if self._pid != os.getpid():
            self.reset()
        with self._lock:
            lane = self._lanes.get(gym)
            if lane is not None and lane.watch.held_s > STUCK_S:
                lane.give_up()
                lane = None
            if lane is None:
                lane = self._lanes[gym] = Lane(gym, self._hang, self._background)
            return lane

    def clear(self) -> list[Lane]:
        """Return all lanes and forget them."""
        with self._lock:
            lanes, self._lanes = list(self._lanes.values()), {}
        return lanes


def _pass_on(done: Future[T], told: Future[T]) -> None:
    if told.done():
        return
    with suppress(Exception):  # the lane may be given up in the meantime
        if done.cancelled():
            told.cancel()
        elif (error := done.exception()) is not None:
            told.set_exception(error)
        else:
            told.set_result(done.result())
