"""This process's launcher: started when the first box is made, gone when this process is."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from banbury.errors import SandboxError
from banbury.sandbox import machine
from banbury.sandbox.launcher import wire

START = """
import sys
sys.path.insert(0, sys.argv[1])
from launcher.main import main
main(sys.argv[2:])
"""
lock = threading.Lock()
state: dict[str, Any] = {}


def ask(message: dict[str, Any]) -> socket.socket:
    """Have a box made; return the socket over which it answers.

    Raises:
        SandboxError: there is no bubblewrap, or the launcher could not be started.
    """
    ours, theirs = socket.socketpair()
    try:
        with lock:
            for again in (True, False):
                try:
                    wire.send(control(), message, [theirs.fileno()])
                    return ours
                except OSError as error:
                    forget()
                    if not again:
                        raise SandboxError(f"the launcher of boxes ended: {error}") from None
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    raise AssertionError


def control() -> socket.socket:
    """Return the socket to the launcher, which is started if there is none."""
    if "link" not in state:
        state["link"], state["process"] = start()
    link: socket.socket = state["link"]
    return link


def start() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start the launcher."""
    bwrap = shutil.which("bwrap")
    if not bwrap:
        raise SandboxError("a box needs bubblewrap, which is not installed", do=machine.advice())
    ours, theirs = socket.socketpair()
    words = [sys.executable, "-I", "-S", "-c", START, str(Path(__file__).parent)]
    words += [str(theirs.fileno()), str(os.getpid()), bwrap]
    try:
        process = subprocess.Popen(
            words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, start_new_session=True, env={}, cwd="/",
        )  # fmt: skip
    finally:
        theirs.close()
    return ours, process


def forget() -> None:
    """Let go of the launcher; the next box starts another."""
    if link := state.pop("link", None):
        link.close()
    if process := state.pop("process", None):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)


def renew() -> None:
    """Leave the parent's launcher to it, in a process that was forked."""
    global lock
    lock = threading.Lock()
    if link := state.pop("link", None):
        link.close()
    if process := state.pop("process", None):
        process.returncode = 0


os.register_at_fork(after_in_child=renew)
atexit.register(forget)
