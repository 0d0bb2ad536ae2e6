"""What a run uses, and which of its limits it passed.

Where there is a control group, the kernel counts and holds memory and processes. Where there is
none, all processes of the box are read from /proc ten times a second, which is weaker: what
allocates quicker than that is stopped only by the limit of each process.
"""

from __future__ import annotations

import contextlib
import os
import resource
from typing import Any

from .cgroup import Group

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
OWN = 3
"""Processes of a box that are not the program's: the holder, bubblewrap, its process 1."""


class Watch:
    """One run under its limits.

    Args:
        limits: cpu_s, wall_s, memory, processes, file.
        group: the box's control group, if there is one.
        proc: where /proc of the box is mounted.
        files: bytes that the box's disk holds already.
    """

    def __init__(self, limits: dict[str, Any], group: Group | None, proc: str, files: int) -> None:
        self.limits, self.group, self.proc = limits, group, proc
        self.cpu_s, self.peak, self.count = 0.0, 0, 0
        if group:
            group.limit(limits["memory"] + files, limits["processes"] + OWN)

    def bound(self) -> None:
        """Set the limits of this process, which those that it starts inherit."""
        cpu = int(self.limits["cpu_s"]) + 2
        pairs = {
            resource.RLIMIT_CPU: cpu,
            resource.RLIMIT_FSIZE: self.limits["file"],
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_NOFILE: 4096,
        }
        if self.group is None:
            pairs[resource.RLIMIT_NPROC] = self.limits["processes"] + OWN
            pairs[resource.RLIMIT_DATA] = self.limits["memory"]
        for what, value in pairs.items():
            _, most = resource.getrlimit(what)
            value = value if most == resource.RLIM_INFINITY else min(value, most)
            resource.setrlimit(what, (value, value))
        with contextlib.suppress(OSError):
            file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(file, b"1000")
            os.close(file)

    def sample(self) -> str:
        """Look what is used now; return the limit that was passed, or ""."""
        if self.group:
            self.cpu_s = self.group.cpu()
            if self.group.starved():
                return "memory"
        else:
            memory = self.read()
            if memory > self.limits["memory"]:
                return "memory"
        return "cpu" if self.cpu_s >= self.limits["cpu_s"] else ""

    def read(self) -> int:
        """Add up CPU time and memory of all processes; return bytes."""
        ticks, memory, count = 0, 0, 0
        own = str(os.getpid())
        for pid in os.listdir(self.proc):
            if pid.isdigit() and pid not in (own, "1"):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    used, held = self.process(pid)
                    ticks, memory, count = ticks + used, memory + held, count + 1
        self.cpu_s = max(self.cpu_s, ticks / TICK)
        if memory > self.limits["memory"]:
            memory = min(memory, self.shared())
        self.peak, self.count = max(self.peak, memory), max(self.count, count)
        return memory

    def process(self, pid: str) -> tuple[int, int]:
        """Return (CPU ticks with those of its ended children, bytes) of a process."""
        with open(f"{self.proc}/{pid}/stat", "rb") as file:
            words = file.read().rpartition(b")")[2].split()
        return sum(int(w) for w in words[11:15]), int(words[21]) * PAGE

    def shared(self) -> int:
        """Return the bytes of all processes, what several share counted once."""
        total = 0
        for pid in os.listdir(self.proc):
            if pid.isdigit() and pid != "1":
                with contextlib.suppress(OSError, ValueError, IndexError):
                    with open(f"{self.proc}/{pid}/smaps_rollup", "rb") as file:
                        for line in file:
                            if line.startswith(b"Pss:"):
                                total += int(line.split()[1]) * 1024
        return total

    def close(self, used: float, code: int) -> str:
        """Take the last figures; return the limit that ended the run, or ""."""
        if self.group:
            self.cpu_s, self.peak = max(used, self.group.cpu()), self.group.peak()
        self.cpu_s = max(self.cpu_s, used)
        if self.group and self.group.starved():
            return "memory"
        if self.cpu_s >= self.limits["cpu_s"]:
            return "cpu"
        crowded = self.group.crowded() if self.group else self.count >= self.limits["processes"]
        return "processes" if crowded and code else ""
