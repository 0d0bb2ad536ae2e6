"""A repair as a row of SWE-bench."""

from __future__ import annotations

import tempfile
from pathlib import Path

from banbury.cycle.source.importing.files import Unfit
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.formats.swebench import SweBenchRow
from banbury.gyms.code_repair import patches, trees
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.repair import GYM, key_of, repair_of


def swebench_row(problem: Problem) -> SweBenchRow:
    """Return a repair as a row; its tests become a diff against the base tree.

    Raises:
        InputError: the task is of another gym.
        Unfit: a test file is no text, and a row holds only text.
        GymError: its tree cannot be had.
    """
    task = problem.task
    if task.gym != GYM:
        raise InputError(
            f"a task of the gym {task.gym!r} is no row of SWE-bench",
            where=f"task {task.id}",
            do=f"choose tasks of {GYM}",
        )
    repair, key = repair_of(problem), key_of(problem)
    repo = repository(repair.repository)
    with tempfile.TemporaryDirectory(prefix="banbury-row-") as held:
        base = Path(held) / "tree"
        trees.unpack(trees.archive(repair.tree, problem.read), base)
        tests = "".join(_diff(problem, base, path, key.tests[path]) for path in sorted(key.tests))
    return SweBenchRow(
        instance_id=f"{repo.replace('/', '__')}-{task.id[:12]}",
        repo=repo,
        base_commit=repair.commit,
        patch=key.fix,
        test_patch=tests,
        problem_statement=task.public.instruction,
        fail_to_pass=key.fail_to_pass,
        pass_to_pass=key.pass_to_pass,
        environment_setup_commit=repair.commit,
    )


def repository(address: str) -> str:
    """Return OWNER/NAME of an address; of a folder, its last two names."""
    plain = address.rstrip("/").removesuffix(".git").replace(":", "/").replace("\\", "/")
    parts = [part for part in plain.split("/") if part]
    return "/".join(parts[-2:])


def _diff(problem: Problem, base: Path, path: str, file: File | None) -> str:
    place = base / path
    was = _lines(place.read_bytes(), path) if place.is_file() and not place.is_symlink() else None
    now = None
    if file is not None:
        if file.link:
            raise Unfit(f"{path} is a link, which a row cannot hold")
        data = problem.read(file.sha256) if file.sha256 and problem.read else file.bytes
        now = _lines(data, path)
    return "" if was == now else patches.diff(path, was, now)


def _lines(data: bytes, path: str) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Unfit(f"{path} is no text, and a row holds only text") from None
    return [line + "\n" for line in text.split("\n")[:-1]] + [
        t for t in (text.rpartition("\n")[2],) if t
    ]
