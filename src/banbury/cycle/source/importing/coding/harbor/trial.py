"""A Harbor task run in a box that is laid out as its container would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from banbury.formats.harbor import HarborTask, reward
from banbury.gyms.code_repair import building, rooms, trees
from banbury.gyms.code_repair.files import Changes, file
from banbury.gyms.code_repair.recipe import Recipe
from banbury.sandbox import Box, Mount

LOGS = "/tmp/logs"
_NAMES = ("reward.json", "reward.txt")
LIMITS = msgspec.structs.replace(rooms.ROOM, cpu_s=300, wall_s=900)


class Tried(msgspec.Struct, frozen=True):
    """What became of a trial: the reward, None if there was none, and what was printed last."""

    reward: float | None
    said: str


@contextmanager
def machine(task: HarborTask, archive: bytes, recipe: Recipe) -> Iterator[Box]:
    """Yield a box with the tree at /work, /env, /tests and /solution, the project installed.

    Raises:
        SetupError: the environment cannot be made here.
        SandboxError: boxes cannot be made here.
        InputError: the project cannot be installed.
    """
    environment = building.environment(recipe, rooms.cache())
    with tempfile.TemporaryDirectory(prefix="banbury-harbor-") as held:
        top = Path(held)
        trees.unpack(archive, top / "tree")
        for part in ("tests", "solution"):
            _write(top / part, getattr(task, part))
        mounts = [Mount(environment, "/env")]
        mounts += [Mount(top / part, f"/{part}") for part in ("tests", "solution")]
        top.chmod(0o755)
        with Box([top / "tree"], mounts=mounts, limits=LIMITS, env=variables(recipe)) as box:
            for command in recipe.install:
                box.run(command)
            yield box


def variables(recipe: Recipe) -> dict[str, str]:
    """Return the environment variables of the container."""
    path = "/env/bin:/usr/local/bin:/usr/bin:/bin"
    fixed = {"PATH": path, "VIRTUAL_ENV": "/env", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**fixed, **recipe.env}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o755 if name.endswith(".sh") else 0o644)


def tried(task: HarborTask, archive: bytes, recipe: Recipe, *, solved: bool) -> Tried:
    """Return the reward that `tests/test.sh` gives, after `solution/solve.sh` or without it."""
    with machine(task, archive, recipe) as box:
        said = _ran(box, ["bash", "/solution/solve.sh"]) if solved else ""
        said += _ran(box, ["bash", "/tests/test.sh"])
        there = {entry.path for entry in box.files(LOGS)} if _has(box, LOGS) else set()
        found = {name: box.read(f"{LOGS}/{name}") for name in _NAMES if name in there}
    return Tried(reward(found), said[-500:])


def _has(box: Box, folder: str) -> bool:
    return box.run(["test", "-d", folder]).code == 0


def _ran(box: Box, argv: Sequence[str]) -> str:
    ran = box.run(argv, env={"VERIFIER_LOGS": LOGS})
    return (ran.out + ran.err).decode("utf-8", "replace")


def solved(task: HarborTask, archive: bytes, recipe: Recipe) -> tuple[Changes, str]:
    """Return the files that `solution/solve.sh` leaves changed, and what it said."""
    with machine(task, archive, recipe) as box:
        before = set(box.changes())
        said = _ran(box, ["bash", "/solution/solve.sh"])
        found = {p: d for p, d in box.changes().items() if p not in before or d is None}
    return {p: None if d is None else file(d) for p, d in found.items() if not _junk(p)}, said[
        -500:
    ]


def _junk(path: str) -> bool:
    return "__pycache__" in path.split("/") or path.endswith((".pyc", ".orig", ".rej"))
