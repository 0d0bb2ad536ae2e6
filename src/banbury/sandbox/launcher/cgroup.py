"""Control groups, version 1 or 2, where this user may make them; else nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

PREFIX = "boxes-banbury-"


class Group:
    """The control group of one box: limits and counters of all its processes.

    Args:
        folders: the group's folder for each controller: memory, pids, cpu.
        unified: whether these are of version 2.
    """

    def __init__(self, folders: dict[str, str], unified: bool) -> None:
        self.folders, self.unified = folders, unified
        self.files: dict[tuple[str, str], int] = {}
        self.limits = (0, 0)

    def open(self) -> None:
        """Open its files while we still may; a box's process later only writes to them."""
        names = V2 if self.unified else V1
        for controller, files in names.items():
            for name, flags in files.items():
                path = f"{self.folders[controller]}/{name}"
                for way in {flags: None, os.O_RDONLY: None}:
                    with contextlib.suppress(OSError):
                        self.files[controller, name] = os.open(path, way | os.O_CLOEXEC)
                        break
        for folder in set(self.folders.values()):
            self.files[folder, "procs"] = os.open(f"{folder}/cgroup.procs", os.O_WRONLY)

    def join(self) -> None:
        """Move this process into the group."""
        for (_, name), file in self.files.items():
            if name == "procs":
                os.write(file, b"0")

    def limit(self, memory: int, processes: int) -> None:
        """Set the limits, and start to count anew."""
        if self.limits != (memory, processes):
            self.limits = memory, processes
            names = ("memory.max",) if self.unified else HARD
            # Neither of version 1's two may be below the other at any time.
            for name in names * 2:
                self.write("memory", name, memory)
            self.write("memory", "memory.swap.max", 0)
            self.write("pids", "pids.max", processes)
        self.write("memory", "memory.peak" if self.unified else "memory.max_usage_in_bytes", 0)
        self.start = (self.cpu_now(), self.event("memory", "oom_kill"), self.event("pids", "max"))

    def relax(self) -> None:
        """Give the box's own process room where files have filled the memory of a run."""
        name = "memory.current" if self.unified else "memory.usage_in_bytes"
        memory, processes = self.limits
        if self.number("memory", name) < memory - ROOM:
            return
        for name in ("memory.max",) if self.unified else HARD[::-1]:
            self.write("memory", name, memory + ROOM)
        # Set again before the next run, as far as what the files hold lets it.
        self.limits = 0, processes

    def cpu_now(self) -> float:
        """CPU seconds since the group was made."""
        if self.unified:
            return self.word("cpu", "cpu.stat", "usage_usec") / 1e6
        return self.number("cpu", "cpuacct.usage") / 1e9

    def cpu(self) -> float:
        """CPU seconds since the limits were set."""
        return self.cpu_now() - self.start[0]

    def peak(self) -> int:
        """Bytes of memory at most since the limits were set."""
        if not self.unified:
            return self.number("memory", "memory.max_usage_in_bytes")
        now = self.number("memory", "memory.current")
        return max(now, self.number("memory", "memory.peak"))

    def starved(self) -> bool:
        """Whether the kernel has killed for want of memory."""
        return self.event("memory", "oom_kill") > self.start[1]

    def crowded(self) -> bool:
        """Whether a process was refused for there were too many."""
        return self.event("pids", "max") > self.start[2]

    def event(self, controller: str, name: str) -> int:
        """Return a counter of events."""
        file = {"pids": "pids.events", "memory": "memory.events"}[controller]
        if controller == "memory" and not self.unified:
            file = "memory.oom_control"
        return self.word(controller, file, name)

    def write(self, controller: str, name: str, value: int) -> None:
        """Write a number; a file that this kernel lacks is passed over."""
        file = self.files.get((controller, name))
        if file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(file, str(value).encode(), 0)

    def text(self, controller: str, name: str) -> str:
        """Read a file."""
        file = self.files.get((controller, name))
        return "" if file is None else os.pread(file, 4096, 0).decode()

    def number(self, controller: str, name: str) -> int:
        """Read a file that holds one number."""
        text = self.text(controller, name).strip()
        return int(text) if text.isdigit() else 0

    def word(self, controller: str, name: str, key: str) -> int:
        """Read the number behind a key."""
        for line in self.text(controller, name).splitlines():
            found, _, value = line.partition(" ")
            if found == key:
                return int(value)
        return 0

    def remove(self) -> None:
        """Take the group away; whatever still runs in it is killed."""
        for folder in set(self.folders.values()):
            remove(folder)


ROOM = 160 << 20
"""Bytes for reading files out of a box whose memory is full."""
HARD = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
W, R = os.O_RDWR, os.O_RDONLY
V1: dict[str, dict[str, int]] = {
    "memory": {"memory.limit_in_bytes": W, "memory.memsw.limit_in_bytes": W,
               "memory.max_usage_in_bytes": W, "memory.oom_control": R,
               "memory.usage_in_bytes": R},
    "pids": {"pids.max": W, "pids.events": R},
    "cpu": {"cpuacct.usage": R},
}  # fmt: skip
V2: dict[str, dict[str, int]] = {
    "memory": {"memory.max": W, "memory.swap.max": W, "memory.peak": W, "memory.events": R,
               "memory.current": R},
    "pids": {"pids.max": W, "pids.events": R},
    "cpu": {"cpu.stat": R},
}  # fmt: skip


class Groups:
    """The groups of one launcher, below the first place where it may make them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.unified, self.places = places()
        for folder in {*self.places.values()}:
            sweep(folder)
        self.made: dict[str, str] = {}
        try:
            self.made = {c: make(f"{p}/{name}", self.unified) for c, p in self.places.items()}
        except OSError:
            self.remove()
        if self.made and not self.usable():
            self.remove()

    def usable(self) -> bool:
        """Whether a process may be moved into a group made here."""
        group = self.group(0)
        if group is None:
            return False
        child = os.fork()
        if child == 0:
            try:
                group.open()
                group.join()
                os._exit(0)
            except OSError:
                os._exit(1)
        fine = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        group.remove()
        return fine

    def group(self, number: int) -> Group | None:
        """Make the group of a box; None where there can be none."""
        if not self.made:
            return None
        try:
            return Group({c: make(f"{p}/{number}") for c, p in self.made.items()}, self.unified)
        except OSError:
            return None

    def remove(self) -> None:
        """Take everything away."""
        for folder in {*self.made.values()}:
            remove(folder)
        self.made = {}


def places() -> tuple[bool, dict[str, str]]:
    """Return whether version 2 is used, and for each controller where groups may be made."""
    own: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own |= dict.fromkeys(controllers.split(","), path)
    mounts = [m.split() for m in Path("/proc/self/mounts").read_text().splitlines()]
    for _, root, kind, *_ in mounts:
        if kind == "cgroup2" and (place := writable(root, own.get("", "/"))):
            return True, dict.fromkeys(("memory", "pids", "cpu"), place)
    found = {}
    for _, root, kind, options, *_ in mounts:
        if kind == "cgroup":
            for controller in {"memory", "pids", "cpuacct"} & {*options.split(",")}:
                place = f"{root}{own.get(controller, '/').rstrip('/')}"
                if os.access(place, os.W_OK):
                    found["cpu" if controller == "cpuacct" else controller] = place
    return False, found if len(found) == 3 else {}


def writable(root: str, own: str) -> str:
    """Return the nearest group above ours that gives its children memory and pids, or ""."""
    parts = [p for p in own.split("/") if p]
    for depth in range(len(parts), -1, -1):
        place = "/".join([root, *parts[:depth]])
        try:
            given = Path(place, "cgroup.subtree_control").read_text().split()
        except OSError:
            continue
        if {"memory", "pids"} <= {*given} and os.access(f"{place}/cgroup.procs", os.W_OK):
            return place
    return ""


def make(path: str, parent: bool = False) -> str:
    """Make a group, on version 2 one that may have limited children."""
    with contextlib.suppress(FileExistsError):
        Path(path).mkdir()
    if parent:
        Path(path, "cgroup.subtree_control").write_text("+memory +pids")
    return path


def remove(folder: str) -> None:
    """Take a group and those below it away; kill whatever still runs there."""
    for attempt in range(100):
        try:
            os.rmdir(folder)
            return
        except FileNotFoundError:
            return
        except OSError:
            kill(folder)
        for inner in [*Path(folder).glob("*/")]:
            remove(str(inner))
        time.sleep(0.001 * min(attempt, 10))


def kill(folder: str) -> None:
    """Kill every process of a group; one of another process namespace reads as 0."""
    with contextlib.suppress(OSError):
        for pid in Path(folder, "cgroup.procs").read_text().split():
            if int(pid) > 1:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)


def sweep(folder: str) -> None:
    """Take away the groups of launchers of this process namespace that are gone."""
    for place in Path(folder).glob(f"{PREFIX}*-{space()}"):
        pid, begun, _ = place.name.removeprefix(PREFIX).split("-")
        if begun != started(pid):
            remove(str(place))


def space() -> int:
    """Return the number of this process namespace; process ids mean nothing in another."""
    return os.stat("/proc/self/ns/pid").st_ino


def started(pid: str) -> str:
    """Return when a process began, in clock ticks since boot; "" if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def name() -> str:
    """Return the name of this process's groups; it can be told when the process is gone."""
    return f"{PREFIX}{os.getpid()}-{started(str(os.getpid()))}-{space()}"
