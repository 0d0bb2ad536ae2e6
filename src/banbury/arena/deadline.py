"""The deadline of a task's episodes: one timer of the event loop serves many of them in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from banbury.arena.watch import Watch

QUANTUM_S = 0.0002
"""How long scripts at quick gyms, which never wait, may keep the event loop to themselves."""


class Deadline:
    """Cancels the current task where a block takes longer than it may.

    An episode may be over within microseconds, and a timer of its own would cost as much as half
    of its steps; here the timer that rings finds out whose time it is.

    Attributes:
        watch: over what must not hold the event loop up.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        task = asyncio.current_task()
        assert task is not None, "a deadline needs a task"
        self._task = task
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._at: float | None = None
        self._rang = False
        self._rested = self._loop.time()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let a block take so long.

        Raises:
            TimeoutError: it took longer.
        """
        before = self._task.cancelling()
        self.begin(seconds)
        try:
            yield
        except asyncio.CancelledError as error:
            if self.end() and self._task.uncancel() <= before:
                raise TimeoutError from error
            raise
        finally:
            self.end()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the time stand still within a block, where it is running."""
        left = None if self._at is None else self._at - self._loop.time()
        self._at = None
        try:
            yield
        finally:
            if left is not None:
                self.begin(left)

    def begin(self, seconds: float) -> None:
        """Begin the time."""
        self._at = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._at:
            self.close()
            self._timer = self._loop.call_at(self._at, self._ring)

    def end(self) -> bool:
        """End the time; return whether it had passed."""
        self._at = None
        rang, self._rang = self._rang, False
        return rang

    @property
    def tired(self) -> bool:
        """Return whether others should have the event loop for a moment: `rest` then."""
        return self._loop.time() - self._rested > QUANTUM_S

    async def rest(self) -> None:
        """Let others have the event loop."""
        await asyncio.sleep(0)
        self.rested()

    def rested(self) -> None:
        """Take note that others have had the event loop just now."""
        self._rested = self._loop.time()

    def close(self) -> None:
        """Take the timer back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        if self._at is None:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._ring)
            return
        self._rang = True
        self._task.cancel()
