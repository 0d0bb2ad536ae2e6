"""One box: process 1 of its own process namespace, which starts and watches what runs in it.

When it ends, however it ends, the kernel kills every process of the box and takes its mounts away.
It ends when its socket or the process that asked for the box is gone, so nobody has to be alive
for a box to expire.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import signal
import socket
import time
from typing import Any

from . import kernel, tree, wire
from .cgroup import Group
from .scratch import Scratch, resize, wipe
from .stage import PLACE, ROOT
from .watch import Watch

SPARE = 64 << 20
"""Bytes of a control group's memory that files may not take."""
QUICK, SLOW = 0.05, 0.2
"""Seconds between two looks at what a run uses: without and with a control group."""


class Gone(Exception):
    """Nobody needs the box any more."""


class Holder:
    """The box's process 1.

    Args:
        number: the box's number.
        asker: where requests come from.
        owners: process files of those without whom the box ends.
        scratch: the writable layers.
        group: its control group, or None.
        bwrap: path of bubblewrap.
        rules: the filter of system calls, or b"".
    """

    def __init__(
        self,
        asker: socket.socket,
        owners: list[int],
        scratch: Scratch,
        group: Group | None,
        bwrap: str,
        rules: bytes,
    ) -> None:
        self.asker, self.owners, self.scratch = asker, owners, scratch
        self.group, self.bwrap = group, bwrap
        self.filter = wire.memory_file(rules) if rules else -1
        self.base, self.free, self.size = False, 0, scratch.disk

    def serve(self) -> None:
        """Answer requests until there are no more."""
        while True:
            self.wait([self.asker.fileno()], None)
            request = wire.receive(self.asker)
            if request is None:
                return
            message, files = request
            answer, sent, later = self.answered(message, files)
            for file in files:
                os.close(file)
            wire.send(self.asker, answer, sent)
            for file in sent:
                os.close(file)
            if later:
                wipe(later)
            self.bury()

    def answered(
        self, message: dict[str, Any], files: list[int]
    ) -> tuple[dict[str, Any], list[int], str]:
        """Do what is asked; return the answer, files that go with it, a folder to empty."""
        try:
            match message["do"]:
                case "run":
                    return self.run(message, files), [], ""
                case "snapshot":
                    return {"stack": self.scratch.snapshot()}, [], ""
                case "restore":
                    return {}, [], self.scratch.restore(message["stack"])
                case "write":
                    tree.write(*self.place(message["path"]), files[0], message["mode"])
                    return {}, [], ""
                case "read":
                    return {}, [self.read(message["path"], message["most"])], ""
                case "files":
                    return {}, [wire.memory_file(self.listing(message["path"]))], ""
                case "changes":
                    found, data = self.changes(message["most"])
                    return {}, [wire.memory_file(json.dumps(found).encode()), data], ""
                case "freeze":
                    root = os.open(f"{ROOT}/work", tree.FOLDER)
                    tree.copy_tree(root, files[0])
                    return {}, [os.dup(root)], ""
                case other:
                    return {"error": f"a box cannot {other}"}, [], ""
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            return {"error": f"{name}{error.strerror or error}"}, [], ""
        except (RecursionError, OverflowError, ValueError) as error:
            return {"error": str(error)}, [], ""

    def place(self, path: str) -> tuple[int, str]:
        """Return the open folder, /work or /tmp, and the path below it."""
        part, _, rest = path.strip("/").partition("/")
        return os.open(f"{ROOT}/{part}", tree.FOLDER), rest or "."

    def read(self, path: str, most: int) -> int:
        """Return a copy of a file of at most so many bytes."""
        root, rest = self.place(path)
        try:
            file = tree.open_regular(root, rest)
        finally:
            os.close(root)
        copy = os.memfd_create("read", os.MFD_CLOEXEC)
        tree.pour(file, copy, most + 1)
        os.close(file)
        os.lseek(copy, 0, os.SEEK_SET)
        return copy

    def listing(self, path: str) -> bytes:
        """Return what is below a folder, as JSON."""
        root, rest = self.place(path)
        folder = kernel.open_beneath(root, rest, tree.FOLDER)
        os.close(root)
        try:
            return json.dumps(tree.listed(folder)).encode()
        finally:
            os.close(folder)

    def changes(self, most: int) -> tuple[list[object], int]:
        """Compare the merged tree with the layers that the caller gave."""
        if not self.base:
            lower = [*reversed(self.scratch.given), f"{PLACE}/empty", f"{PLACE}/nothing"]
            kernel.mount("overlay", f"{PLACE}/base", "overlay", kernel.RDONLY,
                         f"lowerdir={':'.join(lower)},userxattr")  # fmt: skip
            self.base = True
        uppers = [f"{place}/work" for place in (*self.scratch.frozen, self.scratch.top)]
        base, merged = (os.open(p, tree.FOLDER) for p in (f"{PLACE}/base", f"{ROOT}/work"))
        try:
            return tree.changes(uppers, base, merged, most)
        finally:
            os.close(base)
            os.close(merged)

    def run(self, message: dict[str, Any], files: list[int]) -> dict[str, Any]:
        """Run a command to its end, or to that of a limit."""
        self.free, size = self.scratch.used()
        files_now = size - self.free
        watch = Watch(message["limits"], self.group, "/proc", files_now)
        if self.group:
            self.bound(message["limits"]["memory"], files_now)
        told, tell = os.pipe()
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            self.start(message, files, watch, tell)
        os.close(tell)
        for file in files:
            os.close(file)
        files.clear()
        ended = self.watched(child, watch, begun + message["limits"]["wall_s"])
        wall = time.monotonic() - begun
        code, used = self.reap(child)
        status = read_all(told)
        wipe(f"{self.scratch.place}/shm")
        return self.told(watch, code, used, wall, ended, status)

    def bound(self, memory: int, files: int) -> None:
        """Keep what a run writes below its memory, which counts it.

        Else files alone could fill the control group, and the kernel, with nothing else left
        to kill, would end the box's own process.
        """
        spare = min(SPARE, memory // 2)
        size = max(min(self.scratch.disk, files + memory - spare), 1 << 20)
        if size != self.size:
            resize(self.scratch.place, size)
            self.size = size
            self.free, _ = self.scratch.used()

    def start(self, message: dict[str, Any], files: list[int], watch: Watch, tell: int) -> None:
        """Become bubblewrap, in the child; never returns."""
        try:
            for number, file in enumerate(files):
                os.dup2(file, number)
            watch.bound()
            words = self.words(message, tell)
            os.set_inheritable(tell, True)
            if self.filter >= 0:
                os.lseek(self.filter, 0, os.SEEK_SET)
                os.set_inheritable(self.filter, True)
            os.execve(self.bwrap, words, {})
        except BaseException as error:
            os.write(2, f"bwrap: {error}".encode())
        finally:
            os._exit(1)

    def words(self, message: dict[str, Any], tell: int) -> list[str]:
        """Return bubblewrap's command line."""
        words = [*BWRAP, "--json-status-fd", str(tell), "--chdir", message["cwd"]]
        for name, value in message["env"].items():
            words += ["--setenv", name, value]
        words += ["--seccomp", str(self.filter)] if self.filter >= 0 else ["--disable-userns"]
        return [*words, "--", *message["argv"]]

    def watched(self, child: int, watch: Watch, until: float) -> str:
        """Wait until the command ends or a limit is passed; return that limit, or ""."""
        file = os.pidfd_open(child)
        try:
            pause = 0.01
            while not self.wait([file], min(pause, max(until - time.monotonic(), 0))):
                if time.monotonic() >= until:
                    return "wall"
                if passed := watch.sample():
                    return passed
                left = (watch.limits["cpu_s"] - watch.cpu_s) / (os.cpu_count() or 1)
                pause = max(min(SLOW if self.group else QUICK, left), 0.005)
            return ""
        finally:
            os.close(file)

    def wait(self, files: list[int], seconds: float | None) -> bool:
        """Wait for one of these; False when the time is over.

        Raises:
            Gone: the asker or an owner is gone.
        """
        poll = select.poll()
        for file in files:
            poll.register(file, select.POLLIN)
        for owner in self.owners:
            poll.register(owner, select.POLLIN)
        idle = self.asker.fileno() in files
        poll.register(self.asker, select.POLLIN if idle else select.POLLRDHUP)
        ready = dict(poll.poll(None if seconds is None else math.ceil(seconds * 1000)))
        left = ready.get(self.asker.fileno(), 0) & (select.POLLHUP | select.POLLRDHUP)
        if left or ready.keys() & {*self.owners}:
            raise Gone
        return bool(ready)

    def reap(self, child: int) -> tuple[int, float]:
        """Kill whatever is left in the box; return the command's code and its CPU seconds.

        Bubblewrap's process 1, killed, is all that may still be on its way out: it takes its
        namespaces down, which takes milliseconds that nobody has to wait for.
        """
        self.kill()
        _, status, usage = os.wait4(child, 0)
        if self.group:
            self.group.relax()
        code = os.waitstatus_to_exitcode(status)
        used = usage.ru_utime + usage.ru_stime
        others = sum(name.isdigit() for name in os.listdir("/proc")) - 1
        if self.group is None or others > 1:
            used += self.bury()
        return (128 - code if code < 0 else code), used

    def kill(self) -> None:
        """Kill every process of the box but this one."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)

    def bury(self) -> float:
        """Wait until every other process of the box is gone; return the CPU seconds they had."""
        used = 0.0
        while True:
            try:
                _, _, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return used
            used += usage.ru_utime + usage.ru_stime
            self.kill()

    def told(
        self, watch: Watch, code: int, used: float, wall: float, ended: str, status: str
    ) -> dict[str, Any]:
        """Return the answer to a run."""
        exited = '"exit-code"' in status
        code = 137 if ended else code
        limit = watch.close(used, code)
        limit = ended or limit
        free, size = self.scratch.used()
        filled = code and free < 1 << 16 <= self.free
        if (limit == "memory" and free < size // 2) or (not limit and filled):
            limit = "disk"
        return {
            "code": 137 if limit in ("cpu", "memory") and code < 128 else code,
            "end": limit or ("signal" if 128 < code <= 192 else "exit"),
            "exited": exited,
            "cpu_s": watch.cpu_s,
            "wall_s": wall,
            "peak": watch.peak,
        }


BWRAP = [
    "bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-net",
    "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "box",
    "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--dev-bind", ROOT, "/",
    "--proc", "/proc", "--clearenv",
]  # fmt: skip


def read_all(file: int) -> str:
    """Read to the end, and close."""
    parts = []
    while part := os.read(file, 4096):
        parts.append(part)
    os.close(file)
    return b"".join(parts).decode()
