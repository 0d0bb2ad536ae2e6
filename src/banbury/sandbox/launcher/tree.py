"""Files of a box, read and written from outside, without ever passing a link.

Only regular files, folders and links come out of a box; devices, sockets and pipes stay behind,
and so do the bits that run a program as somebody else. A hard link comes out as a file of its own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from . import kernel

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_regular(root: int, path: str) -> int:
    """Open a regular file below a folder for reading.

    Raises:
        OSError: there is none, or it is a link, a device, a folder, or leaves the folder.
    """
    file = kernel.open_beneath(root, path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def write(root: int, path: str, data: int, mode: int) -> None:
    """Write a file below a folder, with the folders above it; a link there is replaced."""
    *above, name = [part for part in path.split("/") if part not in ("", ".")]
    here = os.dup(root)
    try:
        for part in above:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=here)
            inner = os.open(part, FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=here)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        file = os.open(name, flags, 0o600, dir_fd=here)
        try:
            pour(data, file)
            os.fchmod(file, mode & 0o777)
        finally:
            os.close(file)
    finally:
        os.close(here)


def pour(source: int, target: int, most: int = 1 << 62) -> int:
    """Copy at most so many bytes from one file to another; return how many."""
    done = 0
    while done < most and (sent := os.sendfile(target, source, None, min(most - done, 1 << 30))):
        done += sent
    return done


def walk(folder: int, path: str = "") -> Iterator[tuple[str, os.stat_result, int]]:
    """Yield (path, status, folder it is in) of everything below, a folder before what is in it."""
    with os.scandir(folder) as entries:
        names = sorted(e.name for e in entries)
    for name in names:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        yield f"{path}{name}", status, folder
        if stat.S_ISDIR(status.st_mode):
            try:
                inner = os.open(name, FOLDER, dir_fd=folder)
            except PermissionError:
                continue
            try:
                yield from walk(inner, f"{path}{name}/")
            finally:
                os.close(inner)


def listed(root: int) -> list[tuple[str, str, int, int]]:
    """Return (path, kind, size, mode) of everything below a folder."""
    return [
        (path, kind(status.st_mode), status.st_size, status.st_mode & 0o777)
        for path, status, _ in walk(root)
    ]


def kind(mode: int) -> str:
    """Return what a mode stands for."""
    names = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    return names.get(stat.S_IFMT(mode), "other")


def copy_tree(source: int, target: int, owner: int | None = None) -> None:
    """Copy files, folders and links below one folder to below another, times and modes kept."""
    with os.scandir(source) as entries:
        names = [e.name for e in entries]
    for name in names:
        status = os.stat(name, dir_fd=source, follow_symlinks=False)
        what = kind(status.st_mode)
        if what == "other":
            continue
        if what == "link":
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
        elif what == "folder":
            os.mkdir(name, 0o700, dir_fd=target)
            inner, outer = (os.open(name, FOLDER, dir_fd=f) for f in (source, target))
            copy_tree(inner, outer, owner)
            os.close(inner)
            os.close(outer)
        else:
            copy_file(name, source, target)
        if owner is not None:
            os.chown(name, owner, owner, dir_fd=target, follow_symlinks=False)
        if what != "link":
            os.chmod(name, status.st_mode & 0o777, dir_fd=target)
        times = (status.st_atime_ns, status.st_mtime_ns)
        os.utime(name, ns=times, dir_fd=target, follow_symlinks=False)


def copy_file(name: str, source: int, target: int) -> None:
    """Copy one regular file."""
    old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source)
    new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=target)
    try:
        pour(old, new)
    finally:
        os.close(old)
        os.close(new)


def touched(uppers: list[str], base: int) -> set[str]:
    """Return the paths that the writable layers speak of, and what they hide of the base."""
    out: set[str] = set()
    for upper in uppers:
        folder = os.open(upper, FOLDER)
        try:
            for path, status, above in walk(folder):
                hidden = whiteout(status) or not stat.S_ISDIR(status.st_mode)
                if hidden:
                    out.add(path)
                elif not opaque(path, above) and is_folder(base, path):
                    continue
                out |= below(base, path)
        finally:
            os.close(folder)
    return out


def whiteout(status: os.stat_result) -> bool:
    """Whether an entry of a writable layer says that something is gone."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == 0


def opaque(path: str, above: int) -> bool:
    """Whether a folder of a writable layer hides what lies below it."""
    place = f"/proc/self/fd/{above}/{path.rpartition('/')[2]}"
    with contextlib.suppress(OSError):
        return os.getxattr(place, "user.overlay.opaque", follow_symlinks=False) == b"y"
    return False


def is_folder(root: int, path: str) -> bool:
    """Whether a path below a folder is a folder."""
    with contextlib.suppress(OSError):
        os.close(kernel.open_beneath(root, path, FOLDER))
        return True
    return False


def below(root: int, path: str) -> set[str]:
    """Return the path itself and what lies below it, as far as there is any."""
    out = {path}
    with contextlib.suppress(OSError):
        folder = kernel.open_beneath(root, path, FOLDER)
        try:
            out |= {inner for inner, _, _ in walk(folder, f"{path}/")}
        finally:
            os.close(folder)
    return out


def changes(uppers: list[str], base: int, merged: int, most: int) -> tuple[list[object], int]:
    """Return [path, size or -1] of each file that differs, and their bytes in one file.

    Raises:
        OSError: EFBIG, where they are more than `most` bytes together.
    """
    out: list[object] = []
    data = os.memfd_create("changes", os.MFD_CLOEXEC)
    for path in sorted(touched(uppers, base)):
        old, new = opened(base, path), opened(merged, path)
        try:
            if new is None and old is not None:
                out.append((path, -1))
            elif new is not None and (old is None or not same(old, new)):
                size = os.fstat(new).st_size
                if size > most:
                    raise OSError(errno.EFBIG, f"{path} and what changed before it is too large")
                out.append((path, size))
                most -= pour(new, data, size)
        finally:
            for file in (old, new):
                if file is not None:
                    os.close(file)
    os.lseek(data, 0, os.SEEK_SET)
    return out, data


def opened(root: int, path: str) -> int | None:
    """Open a regular file, or return None."""
    with contextlib.suppress(OSError):
        return open_regular(root, path)
    return None


def same(one: int, other: int) -> bool:
    """Whether two files hold the same bytes."""
    if os.fstat(one).st_size != os.fstat(other).st_size:
        return False
    place = 0
    while part := os.pread(one, 1 << 20, place):
        if part != os.pread(other, 1 << 20, place):
            return False
        place += len(part)
    return True
