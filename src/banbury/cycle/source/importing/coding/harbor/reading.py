"""Harbor tasks as repairs: our own as they were, others where plain Python is all they need."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from banbury import clock
from banbury.cycle.source.importing.coding.harbor.plain import Plain, plain
from banbury.cycle.source.importing.coding.harbor.trial import solved
from banbury.cycle.source.importing.coding.harbor.writing import unpacked
from banbury.cycle.source.importing.coding.proving import lists, proven
from banbury.cycle.source.importing.coding.swebench_out import lines
from banbury.cycle.source.importing.files import Unfit
from banbury.cycle.source.mine.environment import EnvironmentError, resolve
from banbury.episode import UNSTATED, Origin, Problem
from banbury.errors import InputError
from banbury.formats.harbor import HarborTask
from banbury.gyms.code_repair import patches, rooms, trees
from banbury.gyms.code_repair.files import Changes, File, file
from banbury.gyms.code_repair.recipe import Recipe
from banbury.gyms.code_repair.repair import Key, Repair, Strength, problem

SKILL = "code_repair.imported"
_FOLDER = "harbor_tests"
"""Where the test files of a foreign task are put, below the tree."""
Keep = Callable[[bytes], object]


def harbor_problem(task: HarborTask, *, licence: str, origin: Origin, keep: Keep) -> Problem:
    """Return a Harbor task as a proven repair.

    Args:
        task: as read from its folder.
        licence: SPDX id, the one that the task names if "".
        origin: where it comes from.
        keep: stores the bytes of a tree that is too large to stand in the task.

    Raises:
        Unfit: it needs what cannot be had without a container engine, or its solution fails.
        SetupError: the index cannot be reached.
        SandboxError: boxes cannot be made here.
    """
    ours = "plan.json" in task.tests and "tree.tar.gz" in task.environment
    try:
        made, archive = (_ours if ours else _foreign)(task, licence, origin)
    except (InputError, EnvironmentError) as error:
        raise Unfit(str(error)) from None
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"its plan cannot be read: {error}") from None
    whole = proven(Problem(made.task, made.secret, lambda sha256: archive))
    keep(archive)
    return whole


def _ours(task: HarborTask, licence: str, origin: Origin) -> tuple[Problem, bytes]:
    plan = json.loads(task.tests["plan.json"])
    said: Mapping[str, Any] = task.config.metadata.get("banbury", {})
    recipe = msgspec.convert(plan["recipe"], Recipe)
    archive = unpacked(task.environment["tree.tar.gz"])
    params = dict(json.loads(said.get("params", "{}")))
    fixed, printed = solved(task, archive, recipe)
    if not fixed:
        raise Unfit(f"its solution changes nothing: {printed}")
    tests: dict[str, File | None] = {
        path: file(task.tests[f"files/{path}"]) if there else None
        for path, there in plan["tests"].items()
    }
    key = Key(
        tests,
        task.solution.get("fix.patch", b"").decode("utf-8", "replace"),
        tuple(plan["fail_to_pass"]),
        tuple(plan["pass_to_pass"]),
        msgspec.convert(said.get("flaky", {}), dict[str, float]),
        int(said.get("runs", 0)),
        Strength(int(said.get("mutants_caught", 0)), int(said.get("mutants_made", 0))),
    )
    metadata = task.config.metadata
    repository, commit = str(metadata["repository"]), str(metadata["base_commit"])
    more = ("repository", "commit", "tree", "asked", "difficulty")
    made = problem(
        Repair(repository, commit, trees.tree(archive), recipe),
        key,
        fixed,
        task.instruction.removesuffix("\n"),
        skill=_skill(str(said.get("skill", SKILL))),
        difficulty=str(params.get("difficulty", "imported")),
        origin=origin,
        licence=licence or str(metadata.get("licence", UNSTATED)),
        phrasing=str(said.get("phrasing", "")),
        params={name: value for name, value in params.items() if name not in more},
    )
    return made, archive


def _skill(name: str) -> str:
    return name if re.fullmatch(r"code_repair\.[a-z0-9_.]{1,80}", name) else SKILL


def _foreign(task: HarborTask, licence: str, origin: Origin) -> tuple[Problem, bytes]:
    image = plain(task.environment)
    tests = _test_files(task, image.workdir)
    with tempfile.TemporaryDirectory(prefix="banbury-harbor-") as held:
        tree = Path(held) / "tree"
        _laid_out(image, tree)
        archive = trees.packed(tree)
        recipe = _recipe(image, tree, tests)
        here = msgspec.structs.replace(task, solution=_moved(task.solution, image.workdir))
        fixed, printed = solved(here, archive, recipe)
        if not fixed:
            raise Unfit(f"its solution changes nothing below {image.workdir}: {printed}")
        bare = Path(held) / "bare"
        trees.unpack(archive, bare)
        failing, passing = lists(bare, recipe, tests, fixed, [n for n in tests if _is_test(n)])
        patch = "".join(_diff(bare, path, one) for path, one in fixed.items())
    name = task.config.task.name or origin.source.removeprefix("harbor: ")
    made = problem(
        Repair(name, "", trees.tree(archive), recipe),
        Key(tests, patch, failing, passing, runs=2),
        fixed,
        _text(task.instruction.encode(), image.workdir).decode().removesuffix("\n"),
        skill=SKILL,
        difficulty="imported",
        origin=origin,
        licence=licence or UNSTATED,
    )
    return made, archive


def _diff(tree: Path, path: str, now: File | None) -> str:
    """Return what changed in a text file as a diff, "" for others."""
    place = tree / path
    try:
        was = lines(place.read_bytes(), path) if place.is_file() else None
        to = None if now is None or now.link else lines(now.bytes, path)
    except Unfit:
        return ""
    return patches.diff(path, was, to)


def _test_files(task: HarborTask, workdir: str) -> Changes:
    found = {n: d for n, d in task.tests.items() if n.endswith(".py")}
    if not any(_is_test(name) for name in found):
        raise Unfit(
            "its tests/test.sh runs no test_*.py beside it, so no test of it can be told from "
            "another; only tests that pytest runs are taken"
        )
    return {f"{_FOLDER}/{n}": file(_text(d, workdir)) for n, d in found.items()}


def _is_test(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return last.startswith("test_") or last.endswith("_test.py")


def _laid_out(image: Plain, tree: Path) -> None:
    tree.mkdir()
    top = image.workdir.rstrip("/")
    if not top:
        raise Unfit("its Dockerfile sets no WORKDIR, so nobody knows which files are the project")
    for name, data in image.files.items():
        if not name.startswith(f"{top}/"):
            raise Unfit(f"its image has {name} outside of {top}; only the working folder is taken")
        place = tree / trees.inside(name[len(top) + 1 :])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _recipe(image: Plain, tree: Path, tests: Changes) -> Recipe:
    """Return the recipe of what the image installs, with the index as it is today."""
    with tempfile.TemporaryDirectory(prefix="banbury-needs-") as held:
        whole = Path(held) / "tree"
        trees.unpack(trees.packed(tree), whole)
        for name, one in tests.items():
            if one is not None:
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                (whole / name).write_bytes(one.bytes)
        with (whole / "requirements.txt").open("a") as lines:
            lines.write("\n" + "\n".join(image.wants) + "\n")
        made = resolve(whole, clock.wall_ns() / 1e9, rooms.cache()).recipe
    kept = {n: v for n, v in image.env.items() if n not in ("PATH", "HOME")}
    return msgspec.structs.replace(made, env={**kept, **made.env})


def _moved(files: Mapping[str, bytes], workdir: str) -> dict[str, bytes]:
    return {name: _text(data, workdir) for name, data in files.items()}


def _text(data: bytes, workdir: str) -> bytes:
    """Return text in which the task's working folder is called /work, as it is in a box."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    if workdir in ("/", "/work"):
        return data
    return re.sub(rf"(?<![\w./-]){re.escape(workdir)}(?![\w-])", "/work", text).encode()
