"""From a plain call into an event loop, also where one runs already, and from it to a thread."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def complete(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end and return what it returns.

    In a notebook or a server an event loop runs already, and a second one cannot run in the same
    thread; there the coroutine gets a thread of its own, which is stopped with the caller.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    return _Aside(work).complete()


async def to_its_end(call: Callable[[], T]) -> T:
    """Run a call in a thread and wait for its end, even where this is cancelled meanwhile.

    A cancelled `asyncio.to_thread` drops a call that its thread has not begun.
    """
    work = partial(contextvars.copy_context().run, call)
    future = asyncio.get_running_loop().run_in_executor(None, work)
    stopped = False
    while not future.done():
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError:
            stopped = True
    result = future.result()
    if stopped:
        raise asyncio.CancelledError
    return result


class _Aside(Generic[T]):
    """A coroutine in the event loop of another thread."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._result: Future[T] = Future()
        self._lock = threading.Lock()
        self._stopped = False
        self._cancel: Callable[[], object] | None = None

    def complete(self) -> T:
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)
        try:
            thread.start()
            return self._result.result()
        except BaseException:
            # Not Thread.join: interrupted once, it takes the thread for ended (Python 3.11).
            self._stop()
            if thread.ident is not None:
                wait([self._result])
            raise

    def _run(self) -> None:
        try:
            self._result.set_result(asyncio.run(self._main()))
        except BaseException as error:
            self._result.set_exception(error)

    async def _main(self) -> T:
        loop, task = asyncio.get_running_loop(), asyncio.create_task(self._work())
        with self._lock:
            self._cancel = partial(loop.call_soon_threadsafe, task.cancel)
            if self._stopped:
                task.cancel()
        return await task

    def _stop(self) -> None:
        with self._lock, suppress(RuntimeError):  # the loop has ended meanwhile
            self._stopped = True
            if self._cancel:
                self._cancel()
