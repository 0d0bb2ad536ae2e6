"""What of this machine a box sees, and what it does not."""

from __future__ import annotations

import os
import posixpath
import site
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from banbury.errors import InputError
from banbury.sandbox.launcher import user
from banbury.sandbox.shapes import Layer, Mount

TAKEN = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "tmp",
         "usr", "var", "work"}  # fmt: skip


def folder(layer: Path | Layer) -> str:
    """Return a layer's path.

    Raises:
        InputError: it is no folder.
    """
    path = (layer.path if isinstance(layer, Layer) else Path(layer)).absolute()
    if not path.is_dir():
        raise InputError("a layer is a folder that exists", where=str(path))
    return str(path)


def mounts(given: Sequence[Mount]) -> list[tuple[str, str]]:
    """Return (source, target) of the Python that runs Banbury and of what was asked for.

    Raises:
        InputError: a source does not exist, or a target is one of the box's own places.
    """
    out = []
    prefix = Path(sys.base_prefix).resolve()
    if prefix.parts[1] not in ("usr", "bin", "lib"):
        out.append((str(prefix), str(prefix)))
    for mount in given:
        target = posixpath.normpath(mount.target)
        if not target.startswith("/") or target == "/" or target.split("/")[1] in TAKEN:
            raise InputError("nothing can be mounted there in a box", where=mount.target)
        if not mount.source.exists():
            raise InputError("what is mounted has to exist", where=str(mount.source))
        out.append((str(mount.source.absolute()), target))
    return out


def hidden() -> list[str]:
    """Return the folders with packages of this Python, which a box sees empty."""
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix, "installed_base": sys.base_prefix}
    found = {sysconfig.get_path(name, vars=base) for name in ("purelib", "platlib")}
    found |= {*site.getsitepackages([sys.base_prefix, "/usr", "/usr/local"])}
    found |= {f"/usr/lib/python{n}/dist-packages" for n in ("3", sysconfig.get_python_version())}
    return sorted(path for path in found if Path(path).is_dir())


def environment(given: Sequence[Mount]) -> dict[str, str]:
    """Return the variables that a box has: nothing of this process's."""
    path = [f"{sys.base_prefix}/bin", "/usr/local/bin", "/usr/bin", "/bin"]
    path = ["/env/bin", *path] if any(m.target == "/env" for m in given) else path
    return {"PATH": ":".join(path), "HOME": "/tmp/home", "LANG": "C.UTF-8"}


def give(path: Path) -> None:
    """Give a folder to the user that boxes run as, where that is not we."""
    if (lesser := user.lesser()) is not None:
        os.chown(path, lesser, lesser)
