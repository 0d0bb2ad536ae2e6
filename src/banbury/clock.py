"""The one clock. Tests turn it with `use(Turned(...))`; nothing else reads the time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Clock(Protocol):
    """Two readings, both in integer nanoseconds."""

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""

    def mono_ns(self) -> int:
        """Return monotonic nanoseconds from an arbitrary origin."""


class SystemClock:
    """The machine's own clock."""

    def wall_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""
        return time.time_ns()

    def mono_ns(self) -> int:
        """Return monotonic nanoseconds from an arbitrary origin."""
        return time.monotonic_ns()


class Turned:
    """A clock that stands still until it is turned."""

    def __init__(self, wall_ns: int = 1_760_000_000_000_000_000) -> None:
        self._wall = wall_ns
        self._mono = 0

    def wall_ns(self) -> int:
        """Return the wall time set so far."""
        return self._wall

    def mono_ns(self) -> int:
        """Return the monotonic time passed so far."""
        return self._mono

    def turn(self, seconds: float) -> None:
        """Let `seconds` pass on both readings."""
        passed = round(seconds * 1e9)
        self._wall += passed
        self._mono += passed


_system: Clock = SystemClock()
_clock: ContextVar[Clock | None] = ContextVar("banbury_clock", default=None)


@contextmanager
def use(clock: Clock) -> Iterator[Clock]:
    """Read the time from `clock` within the block."""
    token = _clock.set(clock)
    try:
        yield clock
    finally:
        _clock.reset(token)


def wall_ns() -> int:
    """Return nanoseconds since 1970-01-01 UTC."""
    return (_clock.get() or _system).wall_ns()


def mono_ns() -> int:
    """Return monotonic nanoseconds from an arbitrary origin."""
    return (_clock.get() or _system).mono_ns()
