"""resolve(): from a commit's tree to a recipe that makes its environment again."""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Struct

from banbury.cycle.source.mine.environment import editable
from banbury.cycle.source.mine.environment.ladder import Fallen, Ladder
from banbury.cycle.source.mine.environment.needs import Needs, Requirement
from banbury.cycle.source.mine.environment.reading import version
from banbury.cycle.source.mine.environment.reading.whole import requirements
from banbury.errors import BanburyError
from banbury.gyms.code_repair.recipe import Pin, Recipe

PYTEST = ("python", "-m", "pytest", "-p", "no:cacheprovider")


class EnvironmentError(BanburyError):
    """The environment of a commit cannot be made.

    Args:
        what: the last rung's cause, one sentence.
        log: what was tried, in words.
        do: what a user can do.
    """

    def __init__(self, what: str, *, log: tuple[str, ...] = (), do: str = "") -> None:
        super().__init__(what, do=do)
        self.log = log


class Resolved(Struct, frozen=True):
    """An environment as of a commit.

    Args:
        recipe: makes it again.
        log: what was given way to, in words; empty where all is as of the commit's time.
    """

    recipe: Recipe
    log: tuple[str, ...] = ()


def resolve(tree: Path, when: float, cache: Path, *, tag: str = "") -> Resolved:
    """Resolve what a commit needs, as of its time.

    Args:
        tree: folder with its files, without history.
        when: its time, seconds since the epoch.
        cache: folder of caches, shared by all commits.
        tag: the nearest tag before it, such as `v1.2.0`, for projects with their version from it.

    Raises:
        EnvironmentError: no rung of the ladder held.
        SetupError: uv is missing, or the index cannot be reached.
    """
    needs = requirements(tree)
    ladder = Ladder(needs, when, cache)
    try:
        pins = ladder.climb()
    except Fallen as error:
        raise EnvironmentError(
            f"no set of versions serves: {error}",
            log=(*needs.notes, *ladder.log),
            do="look at the project's requirements; a newer commit may have mended them",
        ) from error
    return Resolved(recipe(needs, pins, tag), (*needs.notes, *ladder.log))


def recipe(needs: Needs, pins: list[Pin], tag: str) -> Recipe:
    """Return the recipe of a resolution.

    Args:
        needs: what the tree asks for.
        pins: the resolution, the project itself apart.
        tag: the nearest tag, or "".
    """
    project = needs.project
    known = project.version or version.of_tag(tag)
    install = tuple(
        ("sh", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" > "$0"', path, text)
        for path, text in editable.written(project, known)
    )
    return Recipe(
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        lock=(*sorted(pins, key=lambda p: p.name), editable.pin(project, known)),
        install=install,
        test=(*PYTEST, *needs.test),
    )


__all__ = ["EnvironmentError", "Requirement", "Resolved", "recipe", "resolve"]
