"""Rooms: boxes that stand on a task's tree, in its environment, with the project installed."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from banbury.errors import GymError, InputError
from banbury.gyms.code_repair import building, testing, trees
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.repair import Repair
from banbury.sandbox import Box, Layer, Limits

ROOM = Limits(cpu_s=120, wall_s=600, processes=256)
"""What one command in a room may use."""
_INSTALL = Limits(cpu_s=300, wall_s=900)


def cache() -> Path:
    """Return the folder for unpacked trees and environments: BANBURY_CACHE, or ~/.cache/banbury."""
    named = os.environ.get("BANBURY_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "banbury"


def room(repair: Repair, read: trees.Read | None = None, *, limits: Limits = ROOM) -> Box:
    """Return a box in which the project stands at /work, ready for `testing.run`.

    Args:
        repair: the public half of a task.
        read: returns the tree's bytes where they are a blob (`Problem.read`).
        limits: of each command.

    Raises:
        GymError: the tree cannot be read, or the project cannot be installed.
        SandboxError: boxes cannot be made here.
        SetupError: the environment cannot be made here.
    """
    recipe = repair.recipe
    bare = trees.folder(cache() / "trees", repair.tree, read)
    layer = _installed(bare, repair) if recipe.install else bare
    return box(layer, recipe, limits=limits)


def box(layer: Path | Layer, recipe: Recipe, *, limits: Limits = ROOM) -> Box:
    """Return a box on a tree, in the recipe's environment; see `room`."""
    environment = building.environment(recipe, cache()) if recipe.lock else None
    return Box(
        [layer],
        mounts=testing.mounts(environment),
        limits=limits,
        env=testing.variables(recipe),
    )


def install(inside: Box, recipe: Recipe) -> str:
    """Run the recipe's commands in a box; return why one failed, or ""."""
    for command in recipe.install:
        ran = inside.run(list(command), env=testing.variables(recipe), limits=_INSTALL)
        if ran.code != 0 or ran.end != "exit":
            said = (ran.err or ran.out).decode("utf-8", "replace").strip().splitlines()
            return f"`{' '.join(command)}` failed: {said[-1][:300] if said else ran.end}"
    return ""


def _installed(bare: Path, repair: Repair) -> Path:
    """Return the tree with the project installed, made once for each tree and recipe."""
    name = hashlib.sha256(msgspec.json.encode((repair.tree.sha256, repair.recipe), order="sorted"))
    place = cache() / "installed" / name.hexdigest()[:32]
    if not place.is_dir():
        with box(bare, repair.recipe, limits=_INSTALL) as fresh:
            if said := install(fresh, repair.recipe):
                raise GymError("the project cannot be installed: " + said, where=repair.commit)
            try:
                fresh.freeze(place)
            except InputError:
                if not place.is_dir():  # else another process was first
                    raise
        trees.sweep(place.parent)
    with suppress(OSError):
        os.utime(place)
    return place
