"""The watch over quick gyms: a call that holds the event loop up is ended from another thread."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)
_JUMPS = 8


class Stuck(BaseException):
    """Raised within a call that took too long; no `Exception`, so that no gym swallows it."""


class Watch:
    """Ends calls, made in the thread that entered it, that take longer than they may.

    What hangs in Python code ends within a second of its time. What hangs outside of it, in C,
    ends when it returns to Python: a gym that may do so declares `Needs.slow`.

    Args:
        seconds: the longest one call may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._since: float | None = None
        self._begun: float | None = None
        self._raised = False

    def here(self) -> None:
        """Watch over this thread, where another one made the watch."""
        self._thread = threading.get_ident()

    @property
    def held_s(self) -> float:
        """Return for how many seconds a call has held the thread by now, 0 if none does."""
        begun = self._begun
        return 0.0 if begun is None else time.monotonic() - begun

    def __enter__(self) -> Self:
        """Begin to watch."""
        threading.Thread(target=self._look, name="banbury-watch", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Watch no more."""
        self._over.set()

    def call(self, call: Callable[..., T], *args: Any) -> T:
        """Call, and return what it returns.

        Raises:
            Stuck: it took too long.
        """
        self._since = self._begun = time.monotonic()
        try:
            try:
                return call(*args)
            finally:
                self._done()
        except Stuck:
            self._done()
            raise

    def _done(self) -> None:
        with self._lock:
            self._since = self._begun = None
            raised, self._raised = self._raised, False
        if raised:
            # It may be on its way still, and comes at a jump back. Not withdrawn with NULL: on 3.11
            # that leaves a flag behind, with which the next traced call never ends.
            with suppress(Stuck):
                for _ in range(_JUMPS):
                    pass

    def _look(self) -> None:
        while not self._over.wait(min(1.0, self._seconds / 4)):
            with self._lock:
                since = self._since
                if since is not None and time.monotonic() - since > self._seconds:
                    self._raised = True
                    self._since = time.monotonic()  # again, where the gym caught it
                    _raise_in(self._thread, Stuck)
