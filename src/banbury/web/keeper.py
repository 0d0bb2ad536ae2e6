"""Keeper: keeps processes running, starts again one that dies, ends all of them at the end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import msgspec

from banbury import clock

ENDS_S = 8.0
"""How long a process may take to end before it is killed."""
SOUND_S = 60.0
"""A process that lived so long is started again at once when it dies."""
LONGEST_S = 30.0


class Part(msgspec.Struct, frozen=True):
    """A process to keep: what it is called, its command line, what it inherits.

    Attributes:
        name: as it is called in messages.
        command: program and arguments; `{life}` stands for the number of a pipe that ends with
            this process, see `end_with`.
        files: open files that it inherits.
        environment: what is added to this process's own.
    """

    name: str
    command: Sequence[str]
    files: tuple[int, ...] = ()
    environment: Mapping[str, str] = {}


class Keeper:
    """Processes that run for as long as this one; a context manager.

    Each is a session of its own, so that Ctrl-C in the terminal reaches this process only, which
    ends them in order. Each holds the reading end of a pipe whose other end is here: a process
    that was left behind reads its end and stops (`end_with`).

    Args:
        parts: what to keep.
        say: called with one line when a process died or does not end.
    """

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        self._parts = parts
        self._say = say
        self._life, self._hold = os.pipe()
        self._wake, self._ring = os.pipe()
        os.set_blocking(self._ring, False)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._born: dict[str, float] = {}
        self._deaths = {part.name: 0 for part in parts}
        self._due: dict[str, float] = {}
        self._before: dict[int, signal.Handlers | Callable[..., object] | int | None] = {}
        self.ending = False

    def __enter__(self) -> Self:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[sign] = signal.signal(sign, self._asked)
        self._bell = signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)
        for part in self._parts:
            self._start(part)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for process in self._running.values():
                process.terminate()
            for part in self._parts:
                self._end(part.name)
        finally:
            signal.set_wakeup_fd(self._bell)
            for sign, handler in self._before.items():
                signal.signal(sign, handler)
            for file in (self._life, self._hold, self._wake, self._ring):
                os.close(file)

    def processes(self) -> dict[str, int]:
        """Return the process ids of what runs, by name."""
        return {name: p.pid for name, p in self._running.items() if p.poll() is None}

    def keep(self) -> None:
        """Watch over the processes until this one is asked to end, by Ctrl-C or SIGTERM."""
        with selectors.DefaultSelector() as waits:
            waits.register(self._wake, selectors.EVENT_READ)
            while not self.ending:
                self._look()
                if waits.select(0.2):
                    os.read(self._wake, 4096)

    def _asked(self, *_: object) -> None:
        self.ending = True

    def _start(self, part: Part) -> None:
        words = [w.replace("{life}", str(self._life)) for w in part.command]
        self._running[part.name] = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            pass_fds=(self._life, *part.files),
            env={**os.environ, **part.environment},
            start_new_session=True,
        )
        self._born[part.name] = clock.mono_ns() / 1e9
        self._due.pop(part.name, None)

    def _look(self) -> None:
        now = clock.mono_ns() / 1e9
        for part in self._parts:
            if part.name in self._due:
                if now >= self._due[part.name]:
                    self._start(part)
            elif (status := self._running[part.name].poll()) is not None:
                self._plan(part.name, status, now)

    def _plan(self, name: str, status: int, now: float) -> None:
        """Say that a process died, and when it is started again."""
        sound = now - self._born[name] >= SOUND_S
        self._deaths[name] = 0 if sound else self._deaths[name] + 1
        wait = 0.0 if self._deaths[name] == 0 else min(0.25 * 2 ** self._deaths[name], LONGEST_S)
        self._due[name] = now + wait
        when = f"in {wait:g} s" if wait else "now"
        self._say(f"the {name} ended ({how(status)}); it is started again {when}")

    def _end(self, name: str) -> None:
        process = self._running.get(name)
        if process is None or process.poll() is not None:
            return
        try:
            process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            self._say(f"the {name} does not end; it is killed")
            process.kill()
            process.wait()


def how(status: int) -> str:
    """Return in words how a process ended."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def end_with(pipe: int, grace_s: float = ENDS_S, sign: int = signal.SIGTERM) -> None:
    """End this process when whoever holds the other end of a pipe is gone, even by `kill -9`.

    It is asked by a signal first, and ended after the grace whatever it does.
    """

    def watch() -> None:
        while os.read(pipe, 1):
            pass
        os.kill(os.getpid(), sign)
        time.sleep(grace_s)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="banbury-life").start()


def module(name: str, *words: str) -> list[str]:
    """Return the command line that runs a module of this installation."""
    return [sys.executable, "-m", name, *words]
