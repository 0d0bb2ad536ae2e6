"""Source archives made into wheels, in a box without network."""

from __future__ import annotations

import os
import sys
import sysconfig
import tarfile
import threading
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

from banbury.errors import InputError
from banbury.sandbox import Box, Limits, Mount

LIMITS = Limits(cpu_s=240, wall_s=600, memory=3 << 30, disk=2 << 30, processes=128)
MOST = 256 << 20
"""Largest source archive that is unpacked in a box, in bytes."""
SCRIPT = r"""
import json, os, sys, tarfile, zipfile
source, out = sys.argv[1:3]
os.makedirs("/work/src", exist_ok=True)
if source.endswith(".zip"):
    zipfile.ZipFile(source).extractall("/work/src")
else:
    archive = tarfile.open(source)
    try:
        archive.extractall("/work/src", filter="tar")
    except TypeError:
        archive.extractall("/work/src")
folder = os.path.join("/work/src", sorted(os.listdir("/work/src"))[0])
os.chdir(folder)
backend, path = "setuptools.build_meta:__legacy__", []
if os.path.exists("pyproject.toml"):
    import tomllib
    build = tomllib.load(open("pyproject.toml", "rb")).get("build-system", {})
    backend, path = build.get("build-backend", backend), build.get("backend-path", [])
sys.path[:0] = [os.path.join(folder, p) for p in path]
sys.argv = ["setup.py"]
module, _, attribute = backend.partition(":")
found = __import__(module, fromlist=["x"])
for name in filter(None, attribute.split(".")):
    found = getattr(found, name)
os.makedirs(out, exist_ok=True)
print("banbury-wheel " + found.build_wheel(out))
"""


class BuildFailed(Exception):
    """A source archive could not be made into a wheel; the message has the tool's last lines."""


def requires(path: Path) -> list[str]:
    """Return what a source archive needs to be built, as PEP 518 writes it, read without a run."""
    try:
        text = _member(path, "pyproject.toml")
        build = tomllib.loads(text).get("build-system", {}) if text else {}
    except (tomllib.TOMLDecodeError, OSError, tarfile.TarError, zipfile.BadZipFile):
        build = {}
    found = build.get("requires")
    if not isinstance(found, list):
        return ["setuptools", "wheel"]
    return [*(str(text) for text in found), *_backend(str(build.get("build-backend", "")))]


def _backend(backend: str) -> Sequence[str]:
    return ("setuptools", "wheel") if backend.startswith("setuptools") or not backend else ()


def _member(path: Path, name: str) -> str:
    """Return the text of a file at the top of an archive, "" where there is none."""
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.count("/") == 1 and n.endswith(f"/{name}")]
            return archive.read(names[0])[: 1 << 20].decode(errors="replace") if names else ""
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith(f"/{name}"):
                file = tar.extractfile(member)
                return file.read(1 << 20).decode(errors="replace") if file else ""
    return ""


def build(sdist: Path, environment: Path, *, limits: Limits = LIMITS) -> tuple[str, bytes]:
    """Build a wheel of a source archive, in a box; return its file name and bytes.

    Args:
        sdist: the archive.
        environment: a folder with the build back-end, to be mounted at /env.
        limits: of the build.

    Raises:
        BuildFailed: the project's own build failed.
        SandboxError: the box itself failed.
    """
    if sdist.stat().st_size > MOST:
        raise BuildFailed(f"{sdist.name} is larger than {MOST >> 20} MB")
    mounts = [Mount(environment, "/env"), Mount(sdist, f"/source/{sdist.name}")]
    env = {"PATH": "/env/bin:/usr/local/bin:/usr/bin:/bin", "SOURCE_DATE_EPOCH": "315532800"}
    with Box(mounts=mounts, limits=limits, env=env) as box:
        ran = box.run(["/env/bin/python", "-c", SCRIPT, f"/source/{sdist.name}", "/work/out"])
        lines = ran.out.decode(errors="replace").splitlines()
        made = [x.split(" ", 1)[1] for x in lines if x.startswith("banbury-wheel ")]
        if ran.code or not made:
            last = (ran.err.decode(errors="replace").strip().splitlines() or lines or [""])[-3:]
            cause = "" if ran.end == "exit" else f" (ended by its limit of {ran.end})"
            raise BuildFailed(f"building {sdist.name} failed{cause}: " + " | ".join(last)[-400:])
        name = os.path.basename(made[-1])  # noqa: PTH119  a name from inside a box
        try:
            return name, box.read(f"/work/out/{name}", most=MOST)
        except (InputError, OSError) as error:
            raise BuildFailed(f"building {sdist.name} left no wheel: {error}") from error


def built(sdist: Path, sha256: str, environment: Path, cache: Path) -> Path:
    """Return a wheel of a source archive, built once and kept in the cache.

    Args:
        sdist: the archive.
        sha256: its hash.
        environment: a folder with the build back-end.
        cache: where wheels are kept.

    Raises:
        BuildFailed: the project's own build failed.
        SandboxError: the box itself failed.
    """
    if kept := kept_wheel(sha256, cache):
        return kept
    name, data = build(sdist, environment)
    place = _folder(sha256, cache) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{os.getpid()}.{threading.get_ident()}")
    part.write_bytes(data)
    part.replace(place)
    return place


def kept_wheel(sha256: str, cache: Path) -> Path | None:
    """Return the wheel that was built of an archive before, or None."""
    return next(_folder(sha256, cache).glob("*.whl"), None)


def _folder(sha256: str, cache: Path) -> Path:
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    return cache / "built" / tag / sha256
