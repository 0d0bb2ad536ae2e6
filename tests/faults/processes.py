"""Processes as /proc shows them."""

import contextlib
import time
from pathlib import Path


def opened(pid, path):
    """Say whether a process has a file open."""
    with contextlib.suppress(OSError):
        return any(str(fd.readlink()) == str(path) for fd in Path(f"/proc/{pid}/fd").iterdir())
    return False


def born(pid):
    """Return when a process was started, "" if it is gone: with its number that names it."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if fields[0] == "Z" else fields[19]
    return ""


def below(pid):
    """Return the children of a process and theirs, each with its birth."""
    found = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {(child, born(child)), *below(child)}
    return found


def left_over(workers, seconds=30.0):
    """Return which of a killed process's children still run a while after."""
    last = time.monotonic() + seconds
    while (left := {w for w in workers if w[1] and born(w[0]) == w[1]}) and time.monotonic() < last:
        time.sleep(0.05)
    return left
