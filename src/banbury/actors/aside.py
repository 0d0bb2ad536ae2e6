"""Blocking calls off the event loop, in a thread that nobody has to wait for."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T], name: str) -> T:
    """Run a call in a daemon thread of this name, which holds up no process's end.

    Cancelled, the call is left behind and its result dropped.
    """
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

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
