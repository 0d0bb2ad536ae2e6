"""The launcher's own loop: it forks boxes, and clears away what they leave in control groups."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
from typing import Any

from . import cgroup, filter, kernel, stage, user, wire
from .holder import Gone, Holder
from .scratch import Scratch


class Launcher:
    """Makes boxes for one process.

    Args:
        control: where it asks for boxes.
        owner: its process file.
        bwrap: path of bubblewrap.
    """

    def __init__(self, control: socket.socket, owner: int, bwrap: str) -> None:
        self.control, self.owner, self.bwrap = control, owner, bwrap
        self.own = os.pidfd_open(os.getpid())
        self.groups = cgroup.Groups(cgroup.name())
        self.number = 0
        self.starting: dict[int, tuple[int, int, cgroup.Group | None]] = {}
        self.boxes: dict[int, tuple[int, cgroup.Group | None]] = {}
        self.userns: dict[int, int] = {}

    def serve(self) -> None:
        """Make boxes until nobody can ask for one."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        for file in (woken, self.owner, self.control.fileno()):
            poll.register(file, select.POLLIN)
        while True:
            ready = {file for file, _ in poll.poll()}
            if woken in ready:
                os.read(woken, 4096)
                self.reap()
            if self.owner in ready:
                return
            if self.control.fileno() in ready:
                request = wire.receive(self.control)
                if request is None:
                    return
                self.make(*request)

    def make(self, message: dict[str, Any], files: list[int]) -> None:
        """Fork the process of a new box."""
        self.number += 1
        asker = files[0]
        group = self.groups.group(self.number)
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.control.detach()
            os.close(told)
            begin(self, message, asker, group, tell)
        os.close(tell)
        for file in files[1:]:
            os.close(file)
        self.starting[pid] = (told, asker, group)

    def reap(self) -> None:
        """Look who has ended."""
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
                if pid in self.starting:
                    told, asker, group = self.starting.pop(pid)
                    holder = wire_number(told)
                    if holder:
                        self.boxes[holder] = (asker, group)
                    else:
                        self.clear(asker, group)
                elif pid in self.boxes:
                    self.clear(*self.boxes.pop(pid))

    def clear(self, asker: int, group: cgroup.Group | None) -> None:
        """Remove a box's control group; then its asker sees the end of the socket."""
        if group:
            group.remove()
        os.close(asker)

    def close(self) -> None:
        """Kill all boxes and clear up."""
        for pid in self.boxes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self.boxes or self.starting:
            try:
                pid = os.waitpid(-1, 0)[0]
            except ChildProcessError:
                break
            if pid in self.starting and (holder := wire_number(self.starting.pop(pid)[0])):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(holder, signal.SIGKILL)
            self.boxes.pop(pid, None)
        self.groups.remove()


def wire_number(file: int) -> int:
    """Read the number that the first process of a box leaves: its second; 0 if it failed."""
    text = os.read(file, 32)
    os.close(file)
    return int(text or b"0")


def begin(
    own: Launcher, message: dict[str, Any], asker: int, group: cgroup.Group | None, tell: int
) -> None:
    """Become the box: enter its namespaces, then fork its process 1. Never returns."""
    link = socket.socket(fileno=asker)
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        parents = [own.owner, own.own]
        keep = {0, 1, 2, asker, tell, *parents}
        origin = None
        if "of" in message:
            origin = [
                os.open(f"/proc/{message['of']}/ns/{n}", os.O_RDONLY) for n in ("user", "mnt")
            ]
            keep |= {*origin}
        kernel.close_all_but(keep)
        proc = os.open("/proc", os.O_RDONLY | os.O_CLOEXEC)
        if group:
            # Moving a process between groups waits for all processors, so it is done once for
            # a box and not for each run.
            group.open()
            group.join()
        plan = stage.Plan.of(message)
        enter(plan, origin, proc)
        child = os.fork()
        if child:
            os.write(tell, str(child).encode())
            os._exit(0)
        os.close(tell)
        kernel.prctl(kernel.NAME, b"banbury-box")
        message["pid"] = int(os.readlink("self", dir_fd=proc))
        os.close(proc)
        hold(own, plan, message, link, parents, group)
    except BaseException as error:
        with contextlib.suppress(OSError):
            wire.send(link, {"error": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(1)


def enter(plan: stage.Plan, origin: list[int] | None, proc: int) -> None:
    """Enter the box's user, mount and process namespaces as an ordinary user."""
    if origin:
        if user.lesser() is not None:
            os.setgroups([])
        kernel.setns(origin[0], kernel.NEWUSER)
        kernel.setns(origin[1], kernel.NEWNS)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        kernel.prctl(kernel.DUMPABLE, 1)
    elif (lesser := user.lesser()) is not None:
        kernel.unshare(kernel.NEWNS)
        plan.user = lesser
        stage.gather(plan)
        os.setgroups([])
        os.setresgid(lesser, lesser, lesser)
        os.setresuid(lesser, lesser, lesser)
        kernel.prctl(kernel.DUMPABLE, 1)
    own, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {own} 1"),
                       ("gid_map", f"0 {group} 1")):  # fmt: skip
        file = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        os.write(file, text.encode())
        os.close(file)


def hold(
    own: Launcher,
    plan: stage.Plan,
    message: dict[str, Any],
    link: socket.socket,
    parents: list[int],
    group: cgroup.Group | None,
) -> None:
    """Be process 1 of the box until nobody needs it."""
    again = "of" in message
    if not again and plan.user is None:
        stage.gather(plan)
    place = f"{stage.PLACE}/s{own.number}"
    stage.private(place, plan.disk)
    scratch = Scratch(place, len(plan.layers), tuple(message.get("stack", ())))
    stage.finish(place, again=again)
    wire.send(link, {"pid": message["pid"], "group": group is not None})
    with contextlib.suppress(Gone):
        Holder(
            link, parents, scratch, group, own.bwrap, filter.program(counted=group is not None)
        ).serve()


def main(words: list[str]) -> None:
    """Run the launcher; the words are the control socket, the asking process, bubblewrap."""
    control, owner, bwrap = int(words[0]), int(words[1]), words[2]
    link = socket.socket(fileno=control)
    try:
        watched = os.pidfd_open(owner)
        if os.getppid() != owner:
            return
    except ProcessLookupError:
        return
    os.umask(0o022)
    gc.disable()
    gc.freeze()
    kernel.prctl(kernel.SUBREAPER, 1)
    kernel.prctl(kernel.NAME, b"banbury-boxes")
    launcher = Launcher(link, watched, bwrap)
    try:
        launcher.serve()
    finally:
        launcher.close()
