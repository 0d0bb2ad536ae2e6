"""A row of SWE-bench as a repair: the repository is given, the environment is resolved anew."""

from __future__ import annotations

import datetime
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from banbury.cycle.source.importing.coding.proving import lists, proven
from banbury.cycle.source.importing.files import Unfit
from banbury.cycle.source.mine.environment import EnvironmentError, resolve
from banbury.cycle.source.mine.history import Repository, open_repository
from banbury.episode import UNSTATED, Origin, Problem
from banbury.errors import InputError, StoreError
from banbury.formats.swebench import SweBenchRow
from banbury.gyms.code_repair import rooms, trees
from banbury.gyms.code_repair.files import Changes, file
from banbury.gyms.code_repair.repair import Key, Repair, problem

SKILL = "code_repair.imported"
_GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
_S = 120


def swebench_problem(
    row: SweBenchRow,
    repository: str,
    *,
    licence: str,
    origin: Origin,
    keep: Callable[[bytes], object],
) -> Problem:
    """Return a row as a proven repair.

    Its tests are run here before and after the fix: of the lists that the row gives, the task keeps
    what holds in this environment.

    Args:
        row: the bug.
        repository: folder or address of the repository.
        licence: SPDX id of the content.
        origin: where it comes from.
        keep: stores the bytes of a tree that is too large to stand in the task.

    Raises:
        Unfit: a patch does not apply, no environment can be had, or no test tells the fix.
        SetupError: the index cannot be reached.
        SandboxError: boxes cannot be made here.
    """
    try:
        with _checked_out(row, repository) as (tree, when):
            made, archive = _made(row, tree, when, licence, origin)
    except (InputError, StoreError, EnvironmentError) as error:
        raise Unfit(str(error)) from None
    whole = proven(Problem(made.task, made.secret, lambda sha256: archive))
    keep(archive)
    return whole


@contextmanager
def _checked_out(row: SweBenchRow, repository: str) -> Iterator[tuple[Path, float]]:
    """Yield the base tree, without history, in a folder of its own, and when it was fixed."""
    with tempfile.TemporaryDirectory(prefix="banbury-row-") as held:
        tree = Path(held) / "tree"
        with open_repository(repository, rooms.cache() / "repositories") as found:
            found.tree(_commit(found, row.base_commit), tree)
            when = _when(row) if row.created_at else found.unit(row.base_commit).when
        yield tree, when


def _commit(found: Repository, name: str) -> str:
    if not found.has(name):
        raise Unfit(f"the repository has no commit {name[:40]}")
    return name


def _made(
    row: SweBenchRow, tree: Path, when: float, licence: str, origin: Origin
) -> tuple[Problem, bytes]:
    archive = trees.packed(tree)
    tests = _applied(archive, row.test_patch, "test_patch")
    fixed = _applied(archive, row.patch, "patch")
    whole, bare = tree.with_name("whole"), tree.with_name("bare")
    trees.unpack(archive, whole)
    _apply(whole, row.test_patch, "test_patch")
    recipe = resolve(whole, when, rooms.cache()).recipe
    trees.unpack(archive, bare)
    files = sorted(_files(row) or {path for path in tests if path.endswith(".py")})
    failing, passing = lists(bare, recipe, tests, fixed, files)
    asked = set(row.fail_to_pass)
    told = tuple(id for id in failing if id in asked) or failing
    made = problem(
        Repair(f"https://github.com/{row.repo}", row.base_commit, trees.tree(archive), recipe),
        Key(tests, row.patch, told, passing, runs=2),
        fixed,
        row.problem_statement,
        skill=SKILL,
        difficulty="imported",
        origin=origin,
        licence=licence or UNSTATED,
        params={"instance": row.instance_id},
    )
    return made, archive


def _files(row: SweBenchRow) -> set[str]:
    """Return the files that the row's tests stand in, where they are named as pytest names them."""
    ids = (*row.fail_to_pass, *row.pass_to_pass)
    return {id.partition("::")[0] for id in ids if ".py::" in id}


def _when(row: SweBenchRow) -> float:
    try:
        when = datetime.datetime.fromisoformat(row.created_at.replace("Z", "+00:00"))
    except ValueError:
        raise Unfit(f"created_at is {row.created_at!r}, no time in ISO 8601") from None
    return (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()


def _applied(archive: bytes, patch: str, name: str) -> Changes:
    """Return the files that a patch leaves changed."""
    with tempfile.TemporaryDirectory(prefix="banbury-patch-") as held:
        before, after = Path(held) / "before", Path(held) / "after"
        for folder in (before, after):
            trees.unpack(archive, folder)
        _apply(after, patch, name)
        old, new = _held(before), _held(after)
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    if not paths:
        raise Unfit(f"its {name} changes nothing")
    return {path: file(new[path]) if path in new else None for path in paths}


def _held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _apply(folder: Path, patch: str, name: str) -> None:
    # Outside of any repository git refuses paths that lead out, or through a link.
    home = str(folder.parent)
    ran = subprocess.run(
        [*_GIT, "apply", "--whitespace=nowarn", "-"],
        input=patch.encode("utf-8", "surrogatepass"),
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": home, "HOME": home},
        capture_output=True,
        timeout=_S,
        check=False,
    )
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unfit(f"its {name} does not apply to the base: {said[-1][:200] if said else 'git'}")
