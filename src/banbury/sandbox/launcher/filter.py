"""The system calls that a box may not make, as a filter for seccomp.

A box needs no namespaces, mounts, keys, BPF or performance counters of its own, and no sockets but
those of its own network namespace: AF_VSOCK, for one, reaches out of any namespace. What is
forbidden fails with EPERM; what a C library tries first and has a way around, with ENOSYS.
"""

from __future__ import annotations

import os
import struct

LOAD, EQUAL, ABOVE, MASK, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EPERM, ENOSYS, NO_FAMILY = 1, 38, 97
NAMESPACES = 0x7E020080
"""CLONE_NEW* of clone and unshare: time, namespaces of mounts, cgroup, uts, ipc, user, pid, net."""
FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""

MACHINES = {"x86_64": (0xC000003E, 0, 56, 41), "aarch64": (0xC00000B7, 1, 220, 198)}
"""For each machine its name in the kernel, its column below, and the numbers of clone, socket."""
DENIED = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "fanotify_init": (300, 262),
    "clock_adjtime": (305, 266),
    "syslog": (103, 116),
}
UNSEEN = {"memfd_create": (319, 279), "shmget": (29, 194)}
"""Memory that belongs to no process: refused where only a control group would count it."""
NEWER = (425, 426, 427, 435)
"""io_uring_setup, _enter, _register, and clone3, whose flags a filter cannot see."""


def program(*, counted: bool, machine: str = "") -> bytes:
    """Return the filter for a machine, or b"" where we know no numbers for it.

    Args:
        counted: whether a control group counts the box's memory.
        machine: its name, if not this one.
    """
    found = MACHINES.get(machine or os.uname().machine)
    if not found:
        return b""
    arch, column, clone, socket = found
    lines = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, arch), refuse(ENOSYS), (LOAD, 0, 0, 0)]
    lines += [(ABOVE, 0, 1, 0x40000000), refuse(ENOSYS)]
    for number in (*NEWER, *(() if counted else (pair[column] for pair in UNSEEN.values()))):
        lines += [(EQUAL, 0, 1, number), refuse(ENOSYS)]
    for number in sorted(pair[column] for pair in DENIED.values()):
        lines += [(EQUAL, 0, 1, number), refuse(EPERM)]
    lines += [(EQUAL, 0, 3, clone), (LOAD, 0, 0, 16), (MASK, 0, 1, NAMESPACES), refuse(EPERM)]
    lines += [(LOAD, 0, 0, 0), (EQUAL, 0, 2 + len(FAMILIES), socket), (LOAD, 0, 0, 16)]
    last = len(FAMILIES)
    lines += [(EQUAL, last - n, 0, family) for n, family in enumerate(FAMILIES)]
    lines += [refuse(NO_FAMILY), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def refuse(number: int) -> tuple[int, int, int, int]:
    """Return the line that makes a call fail."""
    return (RETURN, 0, 0, ERRNO | number)
