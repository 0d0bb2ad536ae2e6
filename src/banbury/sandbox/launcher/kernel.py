"""Linux calls that Python 3.11 has no name for."""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import Any

NEWNS, NEWUSER, NEWPID = 0x00020000, 0x10000000, 0x20000000
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
BIND, REC, PRIVATE, REMOUNT = 0x1000, 0x4000, 1 << 18, 0x20
DETACH = 2
ATTR_IDMAP = 0x00100000
AT_EMPTY_PATH, AT_RECURSIVE, OPEN_TREE_CLONE, CLOEXEC = 0x1000, 0x8000, 1, 0o2000000
MOVE_FROM_EMPTY = 0x4
BENEATH, NO_SYMLINKS, NO_MAGIC = 0x08, 0x04, 0x02
PDEATHSIG, DUMPABLE, SUBREAPER, NAME = 1, 4, 36, 15
# These calls have the same number on every architecture.
OPEN_TREE, MOVE_MOUNT, OPENAT2, MOUNT_SETATTR = 428, 429, 437, 442

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Return the result of a call; raise OSError where it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    checked(libc.unshare(flags), "unshare")


def setns(file: int, flags: int) -> None:
    """Enter a namespace."""
    checked(libc.setns(file, flags), "setns")


def prctl(option: int, value: Any) -> None:
    """Set a property of this process."""
    checked(libc.prctl(option, value, 0, 0, 0), "prctl")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or bind a path to another place."""
    words = [os.fsencode(w) if w else None for w in (source, target, kind, options)]
    result = libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    checked(result, f"mount {kind or 'bind'} at {target}")


def unmount(target: str) -> None:
    """Take a mount away, though it may be in use."""
    checked(libc.umount2(os.fsencode(target), DETACH), f"unmount {target}")


class MountAttr(ctypes.Structure):
    """struct mount_attr."""

    _fields_ = [(n, ctypes.c_uint64) for n in ("set", "clear", "propagation", "userns")]


class OpenHow(ctypes.Structure):
    """struct open_how."""

    _fields_ = [(n, ctypes.c_uint64) for n in ("flags", "mode", "resolve")]


def call(number: int, what: str, *words: Any) -> int:
    """Make a numbered system call."""
    return checked(libc.syscall(ctypes.c_long(number), *words), what)


def restrict(target: str, flags: int, *, deep: bool = False) -> None:
    """Add RDONLY, NOSUID, NODEV, NOEXEC to a mount; `deep` to those below it as well."""
    attr = MountAttr(flags, 0, 0, 0)
    at = AT_RECURSIVE if deep else 0
    call(MOUNT_SETATTR, f"restrict {target}", -100, os.fsencode(target), at,
         ctypes.byref(attr), ctypes.sizeof(attr))  # fmt: skip


def bind(source: str, target: str, flags: int, *, deep: bool = False) -> None:
    """Bind a file or folder to a place, with flags."""
    mount(source, target, flags=BIND | (REC if deep else 0))
    restrict(target, flags, deep=deep)


def bind_mapped(source: str, target: str, flags: int, userns: int) -> None:
    """Bind a folder so that its owner appears as the one that the user namespace maps it to."""
    tree = call(OPEN_TREE, "open_tree", -100, os.fsencode(source), OPEN_TREE_CLONE | CLOEXEC)
    try:
        attr = MountAttr(flags | ATTR_IDMAP, 0, 0, userns)
        call(MOUNT_SETATTR, "map the owner", tree, b"", AT_EMPTY_PATH,
             ctypes.byref(attr), ctypes.sizeof(attr))  # fmt: skip
        call(MOVE_MOUNT, "move_mount", tree, b"", -100, os.fsencode(target), MOVE_FROM_EMPTY)
    finally:
        os.close(tree)


def open_beneath(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """Open a path below a folder that passes no link and no mount-point trick.

    Raises:
        OSError: ELOOP where there is a link in it, EXDEV where it leaves the folder.
    """
    how = OpenHow(flags | os.O_CLOEXEC, mode, BENEATH | NO_SYMLINKS | NO_MAGIC)
    return call(OPENAT2, path, folder, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))


def close_all_but(keep: set[int]) -> None:
    """Close every file of this process but these."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))
