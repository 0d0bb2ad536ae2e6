"""resolve(): from a commit's tree to a recipe that makes its environment again."""

from __future__ import annotations

import zipfile
from pathlib import Path

from msgspec import Struct

from banbury.cycle.source.mine.environment import editable, removed
from banbury.cycle.source.mine.environment.ladder import Fallen, Ladder
from banbury.cycle.source.mine.environment.mending import Mender
from banbury.cycle.source.mine.environment.needs import Needs
from banbury.cycle.source.mine.environment.probing import Probe, cause, probe
from banbury.cycle.source.mine.environment.reading import version
from banbury.cycle.source.mine.environment.reading.whole import requirements
from banbury.errors import BanburyError
from banbury.gyms.code_repair.building import files
from banbury.gyms.code_repair.building.making import running
from banbury.gyms.code_repair.recipe import Pin, Recipe

PYTEST = ("python", "-m", "pytest", "-p", "no:cacheprovider")
TRIES = 6
"""Most collections of one commit."""


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
    """

    recipe: Recipe
    log: tuple[str, ...] = ()
    tests: int = 0


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
    needs = requirements(tree)
    ladder = Ladder(needs, when, cache)
    arguments = list(needs.test)
    mender = Mender(needs, ladder, arguments)
    last: Probe | None = None
    for _ in range(TRIES):
        try:
            pins = ladder.climb()
        except Fallen as error:
            raise EnvironmentError(
                f"no set of versions serves: {error}",
                log=(*needs.notes, *ladder.log, *mender.log),
                do="look at the project's requirements at that commit",
            ) from error
        made = recipe(needs, _with(pins, mender), tag, arguments)
        last = probe(tree, made, cache)
        if last.serves or not mender.mend(last, pins, owners(pins, cache)):
            break
    assert last is not None
    log = (*needs.notes, *ladder.log, *mender.log)
    if last.serves or last.mostly:
        if last.broken:
            log += (
                f"pytest cannot collect {', '.join(last.broken[:5])}"
                f"{' and others' if last.broken[5:] else ''}: {cause(last.fault)}",
            )
        return Resolved(made, log, last.tests)
    raise _failed(last, log)


def _failed(last: Probe, log: tuple[str, ...]) -> EnvironmentError:
    if last.end not in ("exit", "signal"):
        return EnvironmentError(
            f"collecting the tests ended by the limit of {last.end}",
            log=log,
            do="look at what the tests do when they are imported",
        )
    if not last.fault:
        return EnvironmentError(
            "pytest finds no tests", log=log, do="look at how the project runs its tests"
        )
    tail = tuple(last.fault.strip().splitlines()[-12:])
    return EnvironmentError(
        f"pytest cannot collect the tests: {cause(last.fault)}",
        log=(*log, *tail),
        do="look at the lines of pytest in the log",
    )


def _with(pins: list[Pin], mender: Mender) -> list[Pin]:
    """Return the pins, with one that puts removed names back where that is needed."""
    return [*pins, removed.pin(mender.removed)] if mender.removed else pins


def owners(pins: list[Pin], cache: Path) -> dict[str, str]:
    """Return the distribution that brings each top-level module of what is installed."""
    out: dict[str, str] = {}
    for pin in pins:
        try:
            with zipfile.ZipFile(files.fetch(pin, cache)) as archive:
                for name in archive.namelist():
                    top = name.split("/")[0]
                    if not top.endswith((".dist-info", ".data")):
                        out.setdefault(top.split(".")[0], pin.name)
        except zipfile.BadZipFile:
            continue
    return out


def recipe(needs: Needs, pins: list[Pin], tag: str, arguments: list[str]) -> Recipe:
    """Return the recipe of a resolution.

    Args:
        needs: what the tree asks for.
        pins: the resolution, the project itself apart.
        tag: the nearest tag, or "".
        arguments: of pytest.
    """
    project = needs.project
    known = project.version or version.of_tag(tag)
    install = tuple(
        ("sh", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" > "$0"', path, text)
        for path, text in editable.written(project, known)
    )
    return Recipe(
        python=running(),
        lock=(*sorted(pins, key=lambda p: p.name), editable.pin(project, known)),
        install=install,
        test=(*PYTEST, *arguments),
    )
