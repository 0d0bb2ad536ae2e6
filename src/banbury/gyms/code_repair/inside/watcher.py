"""The parent of the tests: it starts them, hears their outcomes, and tells them under a nonce.

The tests run in a child process. Whatever they print, the parent keeps the ends of; what they
report counts only with a code that they were told in private. Nothing that the child writes can
reach the parent's own output.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import hmac
import json
import os
import resource
import secrets
import selectors
import signal
import subprocess
import sys
from typing import Any

KEPT = 48 << 10
"""Bytes kept of the beginning, and of the end, of what the tests print."""
CHANNEL = "BANBURY_CHANNEL"


def main() -> None:
    """Read the request from standard input, run the tests, and tell."""
    request = json.loads(sys.stdin.buffer.read())
    _hide()
    _Watch(request).run()


def _hide() -> None:
    """Close this process's memory and files to others of the same user."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


class _Watch:
    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.key = secrets.token_hex(16)
        self.nonce = str(request["nonce"])
        self.rest = b""
        self.seq = 0
        self.forged = 0
        self.head = b""
        self.tail = b""
        self.printed = 0

    def run(self) -> None:
        self._say(["watching"])
        told, tell = os.pipe()
        orders, order = os.pipe()
        child = subprocess.Popen(
            self.request["argv"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.request["cwd"],
            env={**self.request["env"], CHANNEL: f"{orders},{tell}"},
            pass_fds=(orders, tell),
            preexec_fn=self._limited,
        )
        os.close(tell)
        os.close(orders)
        with os.fdopen(order, "wb") as pipe, contextlib.suppress(BrokenPipeError):
            pipe.write(json.dumps({**self.request["child"], "key": self.key}).encode())
        assert child.stdout is not None
        self._hear(child, told, child.stdout.fileno())
        self._say(["end", child.wait(), self.forged])
        text = self.head + self.tail
        dropped = self.printed - len(text)
        if dropped:
            text = self.head + b"\n[... %d bytes left out ...]\n" % dropped + self.tail
        self._say(["printed", text.decode("utf-8", "replace")])

    def _limited(self) -> None:
        cpu = int(self.request["cpu_s"]) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 2))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def _hear(self, child: subprocess.Popen[bytes], told: int, printed: int) -> None:
        """Read both pipes until the child is gone; what its own children hold open is left."""
        with selectors.DefaultSelector() as waiting:
            for pipe in (told, printed):
                fcntl.fcntl(pipe, fcntl.F_SETFL, os.O_NONBLOCK)
                waiting.register(pipe, selectors.EVENT_READ)
            gone = False
            while waiting.get_map():
                ready = waiting.select(0 if gone else 0.05)
                if gone and not ready:
                    return
                for found, _ in ready:
                    data = os.read(found.fd, 1 << 16)
                    if not data:
                        waiting.unregister(found.fd)
                    elif found.fd == told:
                        self._told(data)
                    else:
                        self._printed(data)
                gone = gone or child.poll() is not None

    def _printed(self, data: bytes) -> None:
        self.printed += len(data)
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:] if room < len(data) else self.tail)[-KEPT:]

    def _told(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            code, _, body = line.partition(b" ")
            right = hmac.new(self.key.encode(), b"%d " % self.seq + body, hashlib.sha256)
            if hmac.compare_digest(code, right.hexdigest().encode()[:32]):
                self.seq += 1
                self._say(json.loads(body))
            else:
                self.forged += 1

    def _say(self, what: list[Any]) -> None:
        line = f"{self.nonce} {json.dumps(what)}\n"
        with contextlib.suppress(BrokenPipeError):
            os.write(1, line.encode())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
