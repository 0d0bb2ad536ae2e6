"""A Harbor task as a folder of files."""

from __future__ import annotations

import json
import math
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from banbury.errors import InputError
from banbury.formats.harbor.config import Config, read_config, write_config

MOST = 64 << 20
"""Bytes of all files of a task together."""
_PARTS = ("environment", "tests", "solution")
_RUN = ".sh"


class HarborTask(msgspec.Struct, frozen=True):
    """One task; files by their path inside their part, with `/`.

    Attributes:
        config: `task.toml`.
        instruction: `instruction.md`.
        environment: what the machine is built from.
        tests: what judges; put to /tests when the work is done.
        solution: what solves it; put to /solution to prove the task.
    """

    config: Config
    instruction: str
    environment: Mapping[str, bytes]
    tests: Mapping[str, bytes]
    solution: Mapping[str, bytes] = {}


def read_task(folder: Path) -> HarborTask:
    """Return the task that a folder holds; nothing of it is run, no link is followed.

    Raises:
        InputError: a file is missing or cannot be read, or all together are too large.
    """
    config = read_config(_file(folder / "task.toml"), str(folder / "task.toml"))
    if config.steps:
        raise InputError(
            f"the task has {len(config.steps)} steps, and only tasks of one step are taken",
            where=str(folder),
        )
    try:
        instruction = _file(folder / "instruction.md").decode()
    except UnicodeError as error:
        raise InputError(f"instruction.md is not in UTF-8: {error}", where=str(folder)) from None
    left = MOST
    parts = {}
    for part in _PARTS:
        parts[part] = _files(folder / part, left)
        left -= sum(map(len, parts[part].values()))
    if "test.sh" not in parts["tests"]:
        raise InputError("the task has no tests/test.sh", where=str(folder))
    return HarborTask(config, instruction, parts["environment"], parts["tests"], parts["solution"])


def _file(path: Path) -> bytes:
    try:
        if path.is_symlink():
            raise InputError("this is a link, and links are not followed", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", where=str(path)) from None


def _files(folder: Path, most: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if folder.is_symlink() or not folder.is_dir():
        return found
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise InputError("this is a link, and links are not followed", where=str(path))
        if path.is_file():
            most -= path.stat().st_size
            if most < 0:
                raise InputError(f"the task has more than {MOST} bytes", where=str(folder))
            found[path.relative_to(folder).as_posix()] = _file(path)
    return found


def write_task(task: HarborTask, folder: Path) -> None:
    """Write a task as a folder, whole or not at all.

    Raises:
        InputError: the folder is there already, or cannot be written.
    """
    if folder.exists():
        raise InputError("the folder is there already", where=str(folder), do="name another")
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        aside.mkdir(parents=True)
        (aside / "task.toml").write_bytes(write_config(task.config))
        (aside / "instruction.md").write_text(task.instruction.rstrip() + "\n", encoding="utf-8")
        for part in _PARTS:
            held: Mapping[str, bytes] = getattr(task, part)
            for name, data in held.items():
                place = aside / part / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
                place.chmod(0o755 if name.endswith(_RUN) else 0o644)
        aside.rename(folder)
    except OSError as error:
        raise InputError(
            f"the task cannot be written: {error.strerror}", where=str(folder)
        ) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def reward(files: Mapping[str, bytes]) -> float | None:
    """Return the reward that a verifier left, None if it left none that can be read.

    `reward.json` is a number, an object with `reward`, or an object of named rewards, of which the
    mean counts; it goes before `reward.txt`.

    Args:
        files: of /logs/verifier, by name.
    """
    try:
        if "reward.json" in files:
            said = json.loads(files["reward.json"])
            if isinstance(said, dict):
                said = said["reward"] if "reward" in said else sum(said.values()) / len(said)
        else:
            said = float(files["reward.txt"].decode().strip())
    except (KeyError, ValueError, TypeError, ZeroDivisionError, RecursionError):
        return None
    good = isinstance(said, int | float) and math.isfinite(said)
    return float(said) if good else None
