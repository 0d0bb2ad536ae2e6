"""Starts a program as an ordinary user, from root, though its files lie where only root may go."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import banbury

USER = 12345
NEEDED = (sys.base_prefix, sys.prefix, *(p for p in sys.path if Path(p).is_dir()),
          str(Path(banbury.__file__).parents[1]))  # fmt: skip


def as_user(words: Sequence[str], *folders: str) -> list[str]:
    """Return a command that runs as a user without rights.

    The interpreter and the `folders` are shown under their names in a mount namespace of its own,
    where a folder above them is closed to others.
    """
    closed: dict[str, list[str]] = {}
    for path in sorted({str(Path(p).absolute()) for p in (*NEEDED, *folders)}):
        above = [p for p in Path(path).parents if not p.stat().st_mode & 0o001]
        if above:
            closed.setdefault(str(above[-1]), []).append(path)
    lines = ["set -e", "mount --make-rprivate /", "mount -t tmpfs stash /mnt"]
    for gate, paths in closed.items():
        for n, path in enumerate(paths):
            lines += [f"mkdir /mnt/{n}", f"mount --rbind {shlex.quote(path)} /mnt/{n}"]
        lines += [f"mount -t tmpfs -o mode=755 open {shlex.quote(gate)}"]
        for n, path in enumerate(paths):
            lines += [
                f"mkdir -p {shlex.quote(path)}",
                f"mount --rbind /mnt/{n} {shlex.quote(path)}",
            ]
            lines += [f"umount -l /mnt/{n}", f"rmdir /mnt/{n}"]
    lines += ["umount /mnt", f"exec setpriv --reuid {USER} --regid {USER} --clear-groups "
              f"env HOME=/nonexistent PYTHONDONTWRITEBYTECODE=1 {shlex.join(words)}"]  # fmt: skip
    return ["unshare", "--mount", "sh", "-c", "\n".join(lines)]


def users() -> list[str]:
    """Return as whom boxes can be tried here."""
    return ["root", "ordinary user"] if os.geteuid() == 0 else ["ordinary user"]


def command(user: str, words: Sequence[str], *folders: str) -> list[str]:
    """Return a command that runs as one of these users."""
    return as_user(words, *folders) if user != users()[0] else list(words)
