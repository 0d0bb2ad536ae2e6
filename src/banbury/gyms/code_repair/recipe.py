"""Recipe: how the environment of a task is made again, from a resolved lock with hashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Pin(msgspec.Struct, frozen=True):
    """One resolved distribution.

    Attributes:
        name: normalised name (PEP 503).
        version: exact version.
        url: where the file lay when it was resolved.
        sha256: 64 hex digits of the file.
        kind: `wheel`, or `sdist` where there was no wheel.
    """

    name: str
    version: str
    url: str
    sha256: str
    kind: Literal["wheel", "sdist"] = "wheel"


class Recipe(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a task's environment is made again; public, and stored on the task.

    Attributes:
        python: minor version, such as `3.11`.
        lock: every distribution, with hashes; with none, the Python of the box is used as it is.
        install: commands that install the project itself, run in a box, offline, at /work.
        env: variables of the tests, such as PYTHONPATH=src.
        test: how the tests are run: `python -m pytest ...` or `python -m unittest`.
    """

    python: str
    lock: tuple[Pin, ...] = ()
    install: tuple[tuple[str, ...], ...] = ()
    env: Mapping[str, str] = {}
    test: tuple[str, ...] = ("python", "-m", "pytest", "-p", "no:cacheprovider")
