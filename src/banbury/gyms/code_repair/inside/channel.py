"""The child's end of the channel on which it tells how each test came out."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable
from typing import Any

HIGH = 700
"""Tests that close all files close the low ones."""


def opened() -> tuple[dict[str, Any], Callable[..., None]]:
    """Return what the parent orders, and a function that tells it one thing.

    Neither the code nor the number of the pipe is left where the tests look: not in the
    environment, not in a module.
    """
    orders, low = map(int, os.environ.pop("BANBURY_CHANNEL").split(","))
    with os.fdopen(orders, "rb") as pipe:
        order = json.loads(pipe.read())
    try:
        high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, HIGH)
        os.close(low)
    except OSError:
        high = low
        os.set_inheritable(low, False)
    return order, _teller(order.pop("key").encode(), high)


def _teller(key: bytes, pipe: int) -> Callable[..., None]:
    sent = 0
    lock = threading.Lock()
    own = os.getpid()
    # Kept here, since the tests may replace them.
    pid, write, dumps, new, sha = os.getpid, os.write, json.dumps, hmac.new, hashlib.sha256

    def tell(*what: Any) -> None:
        nonlocal sent
        if pid() != own:  # a fork of the tests
            return
        with lock:
            body = dumps(what).encode()
            code = new(key, b"%d " % sent + body, sha).hexdigest().encode()[:32]
            sent += 1
            line = code + b" " + body + b"\n"
            while line:
                line = line[write(pipe, line) :]

    return tell
