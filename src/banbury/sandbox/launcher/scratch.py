"""The writable layers of a box: frozen ones below, one in use on top.

A snapshot freezes the layer in use and stacks an empty one on it, so it costs the same whatever the
box has written. /work and /tmp are two overlays that go together.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from . import kernel
from .kernel import NODEV, NOSUID
from .stage import PLACE, ROOT

PARTS = ("work", "tmp")
MOST = 200


class Scratch:
    """The stack of one box.

    Args:
        place: where the box's private disk is mounted.
        layers: how many layers the caller gave.
        frozen: layers that were frozen already, lowest first (in a fork).
    """

    def __init__(self, place: str, layers: int, frozen: tuple[str, ...] = ()) -> None:
        self.place = place
        self.disk = os.statvfs(place).f_blocks * os.statvfs(place).f_frsize
        self.given = [f"{PLACE}/layers/{n}" for n in range(layers)]
        self.kept: set[str] = set(frozen)
        self.number = 0
        self.frozen = list(frozen)
        self.mounted = False
        if not frozen:
            self.begin()
        self.stack()

    def begin(self) -> None:
        """Make the lowest layer: an empty folder, and a home in /tmp."""
        first = self.fresh()
        Path(first, "tmp/home").mkdir()
        self.frozen = [first]
        self.kept = {first}

    def fresh(self) -> str:
        """Make an empty layer."""
        self.number += 1
        place = f"{self.place}/{self.number}"
        for part in PARTS:
            for name in (part, f"{part}.work"):
                Path(place, name).mkdir(parents=True)
        Path(place, "tmp").chmod(0o1777)
        return place

    def stack(self) -> None:
        """Mount both overlays with an empty layer on top."""
        self.top = self.fresh()
        for part in PARTS:
            lower = [f"{f}/{part}" for f in reversed(self.frozen)]
            if part == "work":
                lower += reversed(self.given)
            overlay(f"{ROOT}/{part}", lower, f"{self.top}/{part}", again=self.mounted)
        self.mounted = True

    def snapshot(self) -> tuple[str, ...]:
        """Freeze what is; return the stack."""
        if len(self.frozen) >= MOST:
            raise OSError(f"a box holds at most {MOST} snapshots; freeze it into a layer")
        if self.touched():
            self.frozen.append(self.top)
            self.kept.add(self.top)
            self.stack()
        return tuple(self.frozen)

    def touched(self) -> bool:
        """Whether anything was written since the last snapshot."""
        return any(os.listdir(f"{self.top}/{part}") for part in PARTS)

    def restore(self, frozen: list[str]) -> str:
        """Go back to a stack; return the layer that is no longer needed."""
        if not self.kept.issuperset(frozen):
            raise OSError("this snapshot is not of this box, nor of one that it was forked from")
        old, self.frozen = self.top, list(frozen)
        self.stack()
        wipe(f"{self.place}/shm")
        return old

    def used(self) -> tuple[int, int]:
        """Return (bytes free, bytes in all) of the private disk."""
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def resize(place: str, size: int) -> None:
    """Change how large a box's disk may grow."""
    flags = kernel.REMOUNT | NOSUID | NODEV
    kernel.mount("tmpfs", place, "tmpfs", flags, f"size={size}")


def overlay(target: str, lower: list[str], upper: str, *, again: bool) -> None:
    """Mount an overlay; names are taken from /tmp, so that none is long."""
    if again:
        kernel.unmount(target)
    os.chdir(PLACE)
    short = [os.path.relpath(path, PLACE) for path in lower]
    up = os.path.relpath(upper, PLACE)
    options = f"lowerdir={':'.join(short)},upperdir={up},workdir={up}.work,userxattr"
    kernel.mount("overlay", target, "overlay", NOSUID | NODEV, options)


def wipe(place: str) -> None:
    """Remove what is in a folder; what lies deeper than can be followed stays until the end."""
    for entry in [*os.scandir(place)]:
        if entry.is_dir(follow_symlinks=False):
            with contextlib.suppress(RecursionError):
                shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)
