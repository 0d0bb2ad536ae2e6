"""Environments of candidates, shared by neighbours whose build files are the same."""

from __future__ import annotations

import functools
import inspect
import resource
import threading
from pathlib import Path

import msgspec

from banbury.cycle.source.mine.environment import EnvironmentError, resolve
from banbury.cycle.source.mine.history import Repository
from banbury.cycle.source.mine.history.kinds import kind
from banbury.cycle.source.mine.reasons import Rejected
from banbury.cycle.source.mine.suites import Base
from banbury.cycle.source.mine.trees import exported
from banbury.cycle.source.mine.walking import sources
from banbury.episode import canonical, digest
from banbury.gyms.code_repair.building import environment
from banbury.gyms.code_repair.recipe import Recipe
from banbury.store import Lab

VERSION = "2"
NEAR_S = 30 * 86_400
"""Commits of the same thirty days with the same build files share their environment."""


class Made(msgspec.Struct, frozen=True):
    """An environment as it was found: the recipe, what was tried, or why there is none."""

    recipe: Recipe | None
    rungs: tuple[str, ...] = ()
    reason: str = ""
    remedy: str = ""


class Environments:
    """Finds environments; several threads may use it, one at a time computes.

    Args:
        lab: where what was found is kept.
        cache: folder for trees, files and environments.
    """

    def __init__(self, lab: Lab, cache: Path) -> None:
        self._lab, self._cache = lab, cache
        self._lock = threading.Lock()

    def base(self, repository: Repository, commit: str, when: float) -> tuple[Base, Made, float]:
        """Return a commit's tree with its environment, how it was found, and CPU seconds.

        Raises:
            Rejected: no environment can be made.
            InputError: the tree cannot be written.
            SetupError: the index cannot be reached, or this machine lacks something.
        """
        key, folder = exported(repository, commit, self._cache)
        with self._lock:
            before = _children()
            made = self._found(repository, commit, when, folder)
            if made.recipe is None:
                raise Rejected("environment", made.reason, log="\n".join(made.rungs))
            place = environment(made.recipe, self._cache) if made.recipe.lock else None
            spent = _children() - before
        whole = digest(canonical([key, made.recipe]))
        return Base(whole, folder, made.recipe, place), made, spent

    def _found(self, repository: Repository, commit: str, when: float, folder: Path) -> Made:
        files = repository.files(commit)
        building = {p: f.id for p, f in sorted(files.items()) if _builds(p)}
        tag = repository.tag(commit)
        said = [VERSION, repository.source, building, int(when) // NEAR_S, tag]
        key = "environment " + digest(canonical(said))
        # What could not be found is looked for again by another version of the search,
        # and in another tree, such as one whose submodules can be had by now.
        failed = f"{key} {rules()} {folder.name}"
        for one in (key, failed):
            if (kept := self._lab.mining.kept(one)) is not None:
                return msgspec.json.decode(kept[0], type=Made)
        try:
            found = resolve(folder, when, self._cache, tag=tag)
            made = Made(found.recipe, tuple(found.log))
        except EnvironmentError as error:
            made = Made(None, tuple(error.log), error.what, error.do)
        where = failed if made.recipe is None else key
        self._lab.mining.keep(where, msgspec.json.encode(made), 0.0)
        return made


@functools.cache
def rules() -> str:
    """Return a hash of how environments are searched for."""
    return sources(Path(inspect.getfile(resolve)).parent)


def _builds(path: str) -> bool:
    """Say whether a file may say what a commit needs."""
    return kind(path) == "build" or path.startswith(".github/workflows/")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
