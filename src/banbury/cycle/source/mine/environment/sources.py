"""Wheels of distributions that have none, with what builds them as of their time."""

from __future__ import annotations

import threading
from pathlib import Path

from packaging.utils import canonicalize_name

from banbury.cycle.source.mine.environment import dating, modules
from banbury.cycle.source.mine.environment.index import File
from banbury.cycle.source.mine.environment.needs import parsed
from banbury.cycle.source.mine.environment.resolving import Question, Unresolved, resolve, sentence
from banbury.gyms.code_repair.building import environment, files, sdists
from banbury.gyms.code_repair.building.making import running
from banbury.gyms.code_repair.recipe import Pin, Recipe

OLD = "setuptools<58"
"""The last releases that still know `use_2to3`, which old setup.py files ask for."""
_one = threading.Lock()


def wheel_of(name: str, file: File, when: float, cache: Path) -> Path:
    """Return a wheel of a source archive, built in a box with back-ends as of its time.

    Args:
        name: the distribution's normalised name.
        file: its source archive.
        when: the commit's time, seconds since the epoch.
        cache: folder of caches.

    Raises:
        BuildFailed: what builds it cannot be had, or the build failed.
        SandboxError: the box itself failed.
        SetupError: the index cannot be reached.
    """
    pin = Pin(name=name, version=file.version, url=file.url, sha256=file.sha256, kind="sdist")
    kept = sdists.kept_wheel(pin.sha256, cache)
    if kept is not None:
        return kept
    with _one:
        archive = files.fetch(pin, cache)
        needs = [n for t in sdists.requires(archive) if (n := parsed(t, "other", "PEP 518"))]
        texts = tuple(
            canonicalize_name(n.name) if n.name in modules.RUNNER else n.text for n in needs
        )
        trouble = ""
        for more in ((), (OLD,)):
            try:
                env = _tools((*texts, *more), max(when, dating.python_released()), cache)
                return sdists.built(archive, pin.sha256, env, cache)
            except (sdists.BuildFailed, Unresolved) as error:
                trouble = trouble or sentence(str(error))
        raise sdists.BuildFailed(trouble)


def _tools(texts: tuple[str, ...], when: float, cache: Path) -> Path:
    pins = resolve(Question(texts, dating.day(when)), cache)
    return environment(Recipe(python=running(), lock=tuple(pins)), cache)
