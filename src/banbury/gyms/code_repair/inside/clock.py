"""A shifted clock, for Python code alone: what asks `time` or `datetime` is told another time.

Nothing stands still. Times of files, other programs, processes that the tests start, and C code
that asks the system itself are told the true time.
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import time
from typing import Any


def shift(seconds: float) -> None:
    """Shift the clock of this process, for good."""
    _time(seconds)
    _datetime(seconds)


def _time(seconds: float) -> None:
    real, real_ns, real_clock = time.time, time.time_ns, time.clock_gettime
    local, utc, text, form = time.localtime, time.gmtime, time.ctime, time.strftime
    shifted_ns = int(seconds * 1e9)

    def now() -> float:
        return real() + seconds

    def now_ns() -> int:
        return real_ns() + shifted_ns

    def clock_gettime(clock: int) -> float:
        return real_clock(clock) + (seconds if clock == time.CLOCK_REALTIME else 0)

    def localtime(at: float | None = None) -> time.struct_time:
        return local(now() if at is None else at)

    def gmtime(at: float | None = None) -> time.struct_time:
        return utc(now() if at is None else at)

    def ctime(at: float | None = None) -> str:
        return text(now() if at is None else at)

    def strftime(format: str, at: Any = None) -> str:
        return form(format, local(now()) if at is None else at)

    changed = {
        "time": now,
        "time_ns": now_ns,
        "clock_gettime": clock_gettime,
        "localtime": localtime,
        "gmtime": gmtime,
        "ctime": ctime,
        "strftime": strftime,
    }
    for name, function in changed.items():
        setattr(time, name, function)


def _datetime(seconds: float) -> None:
    """Change `now` and `utcnow` in the class itself, so that it stays the same class."""
    kind = datetime.datetime
    now, utc = time.time, datetime.timezone.utc  # noqa: UP017 - Python 3.10 and before
    from_time = kind.__dict__["fromtimestamp"]

    def here(cls: Any, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        made: datetime.datetime = from_time.__get__(None, cls)(now(), tz)
        return made

    def in_utc(cls: Any) -> datetime.datetime:
        return here(cls, utc).replace(tzinfo=None)

    held = gc.get_referents(kind.__dict__)[0]
    here.__name__, in_utc.__name__ = "now", "utcnow"
    held["now"] = classmethod(here)
    held["utcnow"] = classmethod(in_utc)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
