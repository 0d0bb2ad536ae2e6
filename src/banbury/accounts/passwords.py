"""Passwords: hashed by argon2, a few at once; the rest wait in a line of bounded length."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from banbury.accounts.fields import LONGEST, normal
from banbury.errors import InputError, TooOften

T = TypeVar("T")
AT_ONCE, IN_LINE = 2, 64


class Passwords:
    """Makes and compares hashes in `at_once` threads.

    A hash takes 46 MiB and tens of milliseconds (argon2id, t=1, p=1: a row of the OWASP password
    storage cheat sheet), so their number is what bounds a flood of log-ins.

    Args:
        at_once: hashes computed at the same time.
        in_line: calls that may wait for them.
    """

    def __init__(self, at_once: int = AT_ONCE, in_line: int = IN_LINE) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._places = at_once + in_line
        self._at_once = at_once
        self._taken = 0
        self._lock = threading.Lock()
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> Future[str]:
        """Compute what is stored of a password that `fields.password` let pass.

        Raises:
            TooOften: the line is full.
        """
        return self._line(lambda: self._hasher.hash(password))

    def verify(self, stored: str, password: str) -> Future[bool]:
        """Compare a password with what is stored; "" takes as long, and is never equal.

        Raises:
            TooOften: the line is full.
        """
        return self._line(lambda: self._equal(stored, password))

    def aged(self, stored: str) -> bool:
        """Say whether a stored hash was made with other settings than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads; who waits in line gets an error."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _equal(self, stored: str, password: str) -> bool:
        try:
            typed = normal(password[: LONGEST + 1])
            found = self._hasher.verify(stored or self._nobody, typed)
        except (Argon2Error, InvalidHashError, InputError):
            return False
        return found and bool(stored) and len(password) <= LONGEST

    def _line(self, work: Callable[[], T]) -> Future[T]:
        with self._lock:
            if self._taken >= self._places:
                raise TooOften(
                    "too many people log in at this moment",
                    seconds=1 + self._taken // (10 * self._at_once),
                    crowd=True,
                )
            self._taken += 1
        future = self._threads.submit(work)
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: Future[T]) -> None:
        with self._lock:
            self._taken -= 1
