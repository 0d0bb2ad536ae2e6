"""resolve(): from a commit's tree to a recipe that makes its environment again."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from banbury.cycle.source.mine.environment import editable, removed
from banbury.cycle.source.mine.environment.ladder import Fallen, Ladder
from banbury.cycle.source.mine.environment.mending import Mender
from banbury.cycle.source.mine.environment.needs import Needs, Requirement
from banbury.cycle.source.mine.environment.owners import owners
from banbury.cycle.source.mine.environment.probing import Probe, cause, probe
from banbury.cycle.source.mine.environment.reading import version
from banbury.cycle.source.mine.environment.reading.whole import requirements
from banbury.errors import BanburyError
from banbury.gyms.code_repair.building.making import running
from banbury.gyms.code_repair.recipe import Pin, Recipe

PYTEST = ("python", "-m", "pytest", "-o", "cache_dir=/tmp/.pytest_cache")
"""The cache is kept, outside of the project: plug-ins ask for it."""
TRIES = 6
"""Most collections of one set of requirements."""


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
        tests: how many tests pytest collects.
        cpu_s: CPU seconds that the collections used in boxes.
    """

    recipe: Recipe
    log: tuple[str, ...] = ()
    tests: int = 0
    cpu_s: float = 0.0


def resolve(tree: Path, when: float, cache: Path, *, tag: str = "") -> Resolved:
    """Resolve what a commit needs, as of its time, and prove that pytest collects its tests.

    Args:
        tree: folder with its files, without history.
        when: its time, seconds since the epoch.
        cache: folder of caches, shared by all commits.
        tag: the nearest tag before it, such as `v1.2.0`, for projects with their version from it.

    Raises:
        EnvironmentError: no rung of the ladder held.
        SetupError: uv is missing, or the index cannot be reached.
        SandboxError: no box can be made.
    """
    cache.mkdir(parents=True, exist_ok=True)
    needs = requirements(tree)
    first: EnvironmentError | None = None
    log: tuple[str, ...] = ()
    for title, asked, time_ in _rungs(needs, when):
        log += (title,) if title else ()
        try:
            found = _climbed(tree, asked, time_, cache, tag)
        except EnvironmentError as error:
            first = first or error
            log += error.log
        else:
            return msgspec.structs.replace(found, log=tuple(dict.fromkeys(log + found.log)))
    assert first is not None
    what, advice = first.what, first.do
    if needs.empty:
        advice = f"fetch its submodules, which are empty: {', '.join(needs.empty)}"
    if not _suits(needs.python):
        what = f"it asks for Python {needs.python}, and this is {platform.python_version()}: {what}"
        advice = "run Banbury on a Python that the project asks for"
    raise EnvironmentError(what, log=tuple(dict.fromkeys(log)), do=advice)


def _suits(bounds: str) -> bool:
    """Say whether this Python is one that a project asks for, where it says so clearly."""
    try:
        return platform.python_version() in SpecifierSet(bounds)
    except InvalidSpecifier:
        return True


def _rungs(needs: Needs, when: float) -> Iterator[tuple[str, Needs, float]]:
    """Yield what to try, one after the other: title, requirements, time."""
    yield "", needs, when
    if needs.locked:
        chosen = tuple(
            msgspec.structs.replace(r, specifier=f"=={needs.locked[r.name]}")
            if r.name in needs.locked
            else r
            for r in needs.chosen
        )
        yield (
            "tried with the versions of the project's own lock file",
            msgspec.structs.replace(needs, chosen=chosen),
            when,
        )
    yield "tried with today's releases", needs, time.time()


def _climbed(tree: Path, needs: Needs, when: float, cache: Path, tag: str) -> Resolved:
    """Return an environment in which all test files can be collected, or else most.

    Raises:
        EnvironmentError: there is none.
    """
    ladder = Ladder(needs, when, cache)
    mender = Mender(needs, ladder)
    best: tuple[Recipe, Probe] | None = None
    trouble: EnvironmentError | None = None
    spent = 0.0
    for _ in range(TRIES):
        try:
            pins = ladder.climb()
        except Fallen as error:
            trouble = EnvironmentError(
                f"no set of versions serves: {error}",
                do="look at the project's requirements at that commit",
            )
            break
        made = recipe(needs, pins, tag, mender)
        last = probe(tree, made, cache)
        spent += last.cpu_s
        if last.mostly and (best is None or last.tests > best[1].tests):
            best = made, last
        trouble = None if last.serves else _failed(last)
        if last.serves or not mender.mend(last, owners(pins, cache)):
            break
    log = (*needs.notes, *ladder.log, *mender.log)
    if best is None:
        assert trouble is not None
        raise EnvironmentError(trouble.what, log=(*log, *trouble.log), do=trouble.do)
    return Resolved(best[0], log + _rest(best[1]), best[1].tests, spent)


def _rest(found: Probe) -> tuple[str, ...]:
    """Say which files cannot be collected, and why."""
    if not found.broken:
        return ()
    more = " and others" if found.broken[5:] else ""
    return (f"pytest cannot collect {', '.join(found.broken[:5])}{more}: {cause(found.fault)}",)


def _failed(last: Probe) -> EnvironmentError:
    if last.end not in ("exit", "signal"):
        return EnvironmentError(
            f"collecting the tests ended by the limit of {last.end}",
            do="look at what the tests do when they are imported",
        )
    if not last.fault:
        return EnvironmentError(
            "pytest finds no tests", do="look at how the project runs its tests"
        )
    return EnvironmentError(
        f"pytest cannot collect the tests: {cause(last.fault)}",
        log=tuple(last.fault.strip().splitlines()[-12:]),
        do="look at the last lines of pytest in the log",
    )


def recipe(needs: Needs, pins: list[Pin], tag: str, mender: Mender) -> Recipe:
    """Return the recipe of a resolution.

    Args:
        needs: what the tree asks for.
        pins: the resolution, the project itself apart.
        tag: the nearest tag, or "".
        mender: knows what collections asked for besides.
    """
    project = needs.project
    known = project.version or version.of_tag(tag) or project.told
    install = tuple(
        ("sh", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" > "$0"', path, text)
        for path, text in editable.written(project, known)
    )
    more = (removed.pin(mender.removed),) if mender.removed else ()
    lock = sorted((*pins, *more), key=lambda p: p.name)
    return Recipe(
        python=running(),
        lock=(*lock, editable.pin(project, known)),
        install=(*install, *mender.install),
        test=(*PYTEST, *mender.arguments),
    )


__all__ = ["EnvironmentError", "Requirement", "Resolved", "recipe", "resolve"]
