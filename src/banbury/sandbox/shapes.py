"""What goes into a box and what comes out of one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct

End = Literal["exit", "signal", "cpu", "wall", "memory", "processes", "disk"]
Kind = Literal["file", "folder", "link", "other"]


class Limits(Struct, frozen=True, kw_only=True):
    """What a run may use. `disk` holds for the whole box and is set when it is made.

    Attributes:
        cpu_s: CPU seconds of all its processes together.
        wall_s: seconds by the clock.
        memory: bytes of all its processes together; what the run writes to the box's disk is
            held in memory and counts too where a control group counts.
        processes: how many processes and threads at once.
        file: bytes of one file.
        disk: bytes that the box may write in all, to /work, /tmp and /dev/shm.
        output: bytes kept of standard output and of standard error, each; the rest is
            dropped and counted.
    """

    cpu_s: float = 60
    wall_s: float = 300
    memory: int = 2 << 30
    processes: int = 128
    file: int = 512 << 20
    disk: int = 2 << 30
    output: int = 4 << 20


class Ran(Struct, frozen=True, kw_only=True):
    """What a command did.

    Attributes:
        code: its exit code; 128 + the signal where one killed it; 127 where there is no such
            program, 126 where it cannot be run.
        out: what it wrote to standard output.
        err: what it wrote to standard error.
        cut: bytes of both that were dropped.
        cpu_s: CPU seconds of all its processes.
        wall_s: seconds by the clock.
        peak: bytes of memory that it used at most.
        end: why it ended: by itself (`exit`, `signal`), or the limit that ended it. `signal`
            is told from the code, so a program that exits with 129 to 192 counts as killed.
    """

    code: int
    out: bytes
    err: bytes
    cut: int
    cpu_s: float
    wall_s: float
    peak: int
    end: End


class Mount(Struct, frozen=True):
    """A folder or file of this machine that a box sees, read-only.

    Attributes:
        source: what is shown.
        target: where, such as /env.
    """

    source: Path
    target: str


class Layer(Struct, frozen=True):
    """A folder that a box stands on and that nobody changes any more.

    Attributes:
        path: the folder.
    """

    path: Path


class Entry(Struct, frozen=True):
    """One thing in a box's file system.

    Attributes:
        path: below the folder that was listed.
        kind: file, folder, link, or something that never leaves the box.
        size: bytes.
        mode: permission bits.
    """

    path: str
    kind: Kind
    size: int
    mode: int
