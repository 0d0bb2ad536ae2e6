"""Makes the environment of a lock, once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from banbury.errors import SetupError
from banbury.gyms.code_repair.building import bytecode, files, sdists
from banbury.gyms.code_repair.building.tool import uv
from banbury.gyms.code_repair.recipe import Pin, Recipe

SECONDS = 300
FORM = 1
"""Raised when environments are made in another way, so that none of before is taken."""


def environment(recipe: Recipe, cache: Path) -> Path:
    """Return a folder to be mounted read-only at /env; `/env/bin/python` runs in it.

    It has exactly the files that the lock names. The same lock is made once; files are downloaded
    once, checked by hash, and shared by hard links. Two processes may ask at once.

    Args:
        recipe: has the lock.
        cache: folder for files and environments; all on one file system.

    Raises:
        SetupError: a file cannot be downloaded, uv is missing, or the lock is for another Python.
        StoreError: a file does not have the hash that the lock names.
    """
    if recipe.python != running():
        raise SetupError(
            f"the lock is for Python {recipe.python}, and this is Python {running()}",
            do=f"run Banbury with Python {recipe.python}",
        )
    place = cache / "environments" / key(recipe.lock)
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    with _held(place.with_name(f".{place.name}.lock")):
        if not place.is_dir():
            _make(recipe.lock, place, cache)
    return place


def key(lock: Sequence[Pin]) -> str:
    """Return a name for the environment of a lock."""
    parts = [f"{p.name} {p.version} {p.sha256} {p.kind}" for p in lock]
    python = f"{sys.implementation.cache_tag} {sys.base_prefix} {FORM}"
    return hashlib.sha256("\n".join([python, *sorted(parts)]).encode()).hexdigest()[:32]


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold a lock that ends with this process."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(lock: Sequence[Pin], place: Path, cache: Path) -> None:
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    _uv(["venv", "--relocatable", "--no-project", f"--python={_base()}", str(part)], cache)
    install(lock, part, cache)
    part.rename(place)


def _base() -> str:
    """Return the interpreter below a virtual environment: the one that a box has, too."""
    path = Path(sys.base_prefix) / "bin" / f"python{running()}"
    return str(path) if path.exists() else sys.executable


def install(lock: Sequence[Pin], into: Path, cache: Path) -> None:
    """Put the files of a lock into a virtual environment; nothing of them is run outside a box."""
    wheels = [pin for pin in lock if pin.kind == "wheel"]
    lines = [_line(pin.name, files.fetch(pin, cache)) for pin in wheels]
    lines += [_line(pin.name, _built(pin, wheels, cache)) for pin in lock if pin.kind == "sdist"]
    if lines:
        listed = into / "lock.txt"
        listed.write_text("\n".join(lines) + "\n")
        python = into / "bin" / "python"
        flags = ("--no-deps", "--offline", "--no-build", "--no-config", "--link-mode=hardlink")
        _uv(["pip", "install", f"--python={python}", *flags, "-r", str(listed)], cache)
    bytecode.compile_all(site(into), lock, cache)


def _line(name: str, file: Path) -> str:
    """Return a line for uv; the file's hash was checked when it came into the cache."""
    return f"{name} @ {file.resolve().as_uri()}"


def _built(pin: Pin, wheels: Sequence[Pin], cache: Path) -> Path:
    """Return the wheel of a source archive, built in a box with the lock's own wheels."""
    kept = sdists.kept_wheel(pin.sha256, cache)
    if kept is not None:
        return kept
    recipe = Recipe(python=running(), lock=tuple(wheels))
    try:
        archive = files.fetch(pin, cache)
        return sdists.built(archive, pin.sha256, environment(recipe, cache), cache)
    except sdists.BuildFailed as error:
        raise SetupError(
            str(error),
            where=pin.url,
            do="put what it needs to be built into the lock, such as setuptools and wheel",
        ) from error


def running() -> str:
    """Return the minor version of the Python that runs this."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def site(env: Path) -> Path:
    """Return an environment's site-packages."""
    return env / "lib" / f"python{running()}" / "site-packages"


def _uv(words: list[str], cache: Path) -> None:
    env = {"PATH": os.defpath, "HOME": str(cache), "UV_CACHE_DIR": str(cache / "uv")}
    ran = subprocess.run(
        [uv(), *words, "--quiet", "--color=never"],
        env=env,
        cwd=cache,
        text=True,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if ran.returncode:
        raise SetupError(
            "uv could not make the environment: " + " ".join(ran.stderr.split())[-600:],
            do="look whether the disk is full and the cache can be written",
        )


def size(env: Path, seen: set[tuple[int, int]]) -> int:
    """Return the bytes on disk of an environment that no other one counted in `seen` has.

    Args:
        env: the environment.
        seen: devices and inodes that were counted; grows.
    """
    total = 0
    for folder, _, names in os.walk(env):
        for path in [folder, *(os.path.join(folder, n) for n in names)]:  # noqa: PTH118  fast
            stat = os.lstat(path)
            if (stat.st_dev, stat.st_ino) not in seen:
                seen.add((stat.st_dev, stat.st_ino))
                total += stat.st_blocks * 512
    return total
