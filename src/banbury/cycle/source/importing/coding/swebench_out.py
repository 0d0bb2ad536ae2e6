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


def swebench_row(problem: Problem, created_at: str = "") -> SweBenchRow:
    """Return a repair as a row; its tests become a diff against the base tree.

    Args:
        problem: of the gym `code_repair`.
        created_at: when it was fixed, ISO 8601, "" where nobody knows.

    Raises:
        InputError: the task is of another gym.
        Unfit: a test file is no text, or the task comes from no repository.
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
    if not repair.commit:
        raise Unfit("it comes from no repository, and a row names a commit of one")
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
        created_at=created_at,
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
    was = lines(place.read_bytes(), path) if place.is_file() and not place.is_symlink() else None
    now = None
    if file is not None:
        if file.link:
            raise Unfit(f"{path} is a link, which a row cannot hold")
        data = problem.read(file.sha256) if file.sha256 and problem.read else file.bytes
        now = lines(data, path)
    return "" if was == now else patches.diff(path, was, now)


def lines(data: bytes, path: str) -> list[str]:
    """Return the lines of a text file with their ends.

    Raises:
        Unfit: it is no text.
    """
    try:
        *whole, last = data.decode().split("\n")
    except UnicodeDecodeError:
        raise Unfit(f"{path} is no text, and a row holds only text") from None
    return [f"{line}\n" for line in whole] + ([last] if last else [])
