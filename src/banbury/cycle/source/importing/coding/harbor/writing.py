"""A repair as a Harbor task that needs nothing of Banbury: its image is built from the lock."""

from __future__ import annotations

import gzip
import io
import json
import shlex
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from banbury.cycle.source.importing.coding.harbor import grade
from banbury.cycle.source.importing.coding.harbor.trial import variables
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.formats.harbor import Config, HarborTask
from banbury.formats.harbor.config import Agent, Named, Surroundings, Verifier
from banbury.gyms.code_repair import ids, inside, testing, trees
from banbury.gyms.code_repair.actions import Edit, RepairAction, Shell, Write
from banbury.gyms.code_repair.building import files as building
from banbury.gyms.code_repair.files import File
from banbury.gyms.code_repair.judge import files_of
from banbury.gyms.code_repair.recipe import Pin, Recipe
from banbury.gyms.code_repair.repair import GYM, Key, Repair, key_of, repair_of

PYTHON = "/env/bin/python"
_LEAST_S = 60.0
_TIMES = 5.0
_TEST = f"""#!/bin/bash
# Puts the task's own tests back, runs them, writes the reward.
exec {PYTHON} -I /tests/grade.py "${{VERIFIER_LOGS:-/logs/verifier}}"
"""
_actions = msgspec.json.Decoder(tuple[RepairAction, ...]).decode


def harbor_task(problem: Problem) -> HarborTask:
    """Return a repair as a Harbor task.

    Raises:
        InputError: the task is of another gym.
        GymError: its tree cannot be had, or the task cannot be read.
    """
    task = problem.task
    if task.gym != GYM:
        raise InputError(
            f"a task of the gym {task.gym!r} has no folder in Harbor's form",
            where=f"task {task.id}",
            do=f"choose tasks of {GYM}",
        )
    repair, key = repair_of(problem), key_of(problem)
    archive = trees.archive(repair.tree, problem.read)
    return HarborTask(
        _config(problem, repair, key),
        task.public.instruction,
        dict(_environment(repair, archive)),
        dict(_tests(problem, repair, key)),
        dict(_solution(problem, key, archive)),
    )


def _config(problem: Problem, repair: Repair, key: Key) -> Config:
    task = problem.task
    metadata: dict[str, Any] = {
        "category": "code repair",
        "tags": ["python", task.skill],
        "licence": task.licence,
        "repository": repair.repository,
        "base_commit": repair.commit,
        "banbury": {
            "task": task.id,
            "skill": task.skill,
            "params": task.params,
            "phrasing": task.public.phrasing,
            "runs": key.runs,
            "mutants_caught": key.strength.caught,
            "mutants_made": key.strength.made,
            "flaky": dict(key.flaky),
        },
    }
    seconds = max(_LEAST_S, _TIMES * repair.cpu_s)
    return Config(
        task=Named(f"banbury/{name(problem)}", "1.0.0", _line(task.public.instruction)),
        metadata=metadata,
        verifier=Verifier(timeout_sec=4 * seconds + 60, network_mode="no-network"),
        agent=Agent(timeout_sec=3600.0),
        environment=Surroundings(
            network_mode="public", cpus=1, memory_mb=4096, storage_mb=10240, workdir="/work"
        ),
    )


def name(problem: Problem) -> str:
    """Return the name of a task's folder."""
    repository = repair_of(problem).repository.rstrip("/").removesuffix(".git")
    last = repository.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in last.lower()).strip("-")
    return f"{plain or 'task'}-{problem.task.id[:12]}"


def _line(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    return line if len(line) <= 120 else f"{line[:119]}…"


def _environment(repair: Repair, archive: bytes) -> Iterator[tuple[str, bytes]]:
    recipe = repair.recipe
    for pin in filter(_inline, recipe.lock):
        yield f"wheels/{building.name(pin)}", building.inlined(pin)
    for kind in ("wheel", "sdist"):
        pins = [pin for pin in recipe.lock if pin.kind == kind and not _inline(pin)]
        if pins:
            yield f"{kind}s.txt", "".join(map(_pinned, pins)).encode()
    yield "Dockerfile", "\n".join(_dockerfile(recipe)).encode() + b"\n"
    yield "tree.tar.gz", _gzipped(archive)


def _written(actions: Sequence[RepairAction], archive: bytes) -> dict[str, str]:
    """Return the text files that were written or edited, whole."""
    held: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="banbury-base-") as folder:
        base = Path(folder) / "tree"
        trees.unpack(archive, base)
        for action in actions:
            if isinstance(action, Write):
                held[action.path] = action.text
            elif isinstance(action, Edit):
                if action.path not in held:
                    raw = (base / trees.inside(action.path)).read_bytes()
                    held[action.path] = raw.decode("utf-8", "surrogateescape")
                held[action.path] = held[action.path].replace(action.old, action.new, 1)
    return held


def _inline(pin: Pin) -> bool:
    """Say whether a lock carries the file itself, since no index has it."""
    return pin.url.startswith(building.INLINE)


def _pinned(pin: Pin) -> str:
    return f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n"


def _dockerfile(recipe: Recipe) -> Iterator[str]:
    pip = f"{PYTHON} -m pip install --no-cache-dir --no-deps --require-hashes"
    yield f"FROM python:{recipe.python}-slim"
    yield "RUN python -m venv /env"
    kinds = {pin.kind for pin in recipe.lock if not _inline(pin)}
    if "wheel" in kinds:
        yield "COPY wheels.txt /lock/"
        yield f"RUN {pip} --only-binary :all: -r /lock/wheels.txt"
    if "sdist" in kinds:
        yield "COPY sdists.txt /lock/"
        yield f"RUN {pip} --no-build-isolation --no-binary :all: -r /lock/sdists.txt"
    if any(map(_inline, recipe.lock)):
        yield "COPY wheels /lock/wheels"
        yield f"RUN {PYTHON} -m pip install --no-cache-dir --no-deps --no-index /lock/wheels/*.whl"
    for key, value in variables(recipe).items():
        yield f"ENV {key}={json.dumps(value)}"
    yield "WORKDIR /work"
    yield "ADD tree.tar.gz /work/"
    for command in recipe.install:
        yield f"RUN {json.dumps(list(command))}"


def _gzipped(archive: bytes) -> bytes:
    """Return a tree's archive in a form that ADD unpacks; the same bytes every time."""
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(archive)
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="wb", mtime=0) as out:
        out.write(plain)
    return held.getvalue()


def unpacked(data: bytes) -> bytes:
    """Return the archive of a `tree.tar.gz` in the form in which trees are kept.

    Raises:
        InputError: it is no such archive.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            plain = packed.read(trees.MOST + 1)
        tarfile.open(fileobj=io.BytesIO(plain)).close()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise InputError(f"this is no archive of a tree: {error}", where="tree.tar.gz") from None
    if len(plain) > trees.MOST:
        raise InputError(f"a tree of more than {trees.MOST} bytes", where="tree.tar.gz")
    return zstandard.ZstdCompressor(level=12).compress(plain)


def _tests(problem: Problem, repair: Repair, key: Key) -> Iterator[tuple[str, bytes]]:
    yield "test.sh", _TEST.encode()
    yield "grade.py", Path(str(grade.__file__)).read_bytes()
    yield "ids.py", Path(str(ids.__file__)).read_bytes()
    for source in resources.files(inside).iterdir():
        if source.name.endswith(".py"):
            yield f"banbury_inside/{source.name}", source.read_bytes()
    for path, file in key.tests.items():
        if file is not None:
            yield f"files/{path}", bytes_of(problem, file)
    yield "plan.json", json.dumps(plan(repair, key), indent=1, ensure_ascii=False).encode()


def plan(repair: Repair, key: Key) -> dict[str, Any]:
    """Return what `grade.py` reads, and what an import needs to make the task again."""
    recipe = repair.recipe
    command = json.loads(
        json.dumps(testing.command(recipe, files_of(key)))
        .replace(json.dumps(testing.python(recipe))[1:-1], PYTHON)
        .replace("'/banbury'", "'/tests'")
    )
    command["child"] |= {"order": None, "clock": 0.0, "mount": "/tests"}
    env = {**variables(recipe), "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    return {
        "fail_to_pass": list(key.fail_to_pass),
        "pass_to_pass": list(key.pass_to_pass),
        "tests": {path: file is not None for path, file in key.tests.items()},
        "request": {
            "cwd": "/work",
            "env": {**env, "LANG": "C.UTF-8", "TERM": "dumb", "HOME": "/tmp"},
            "cpu_s": int(max(_LEAST_S, _TIMES * repair.cpu_s)),
            **command,
        },
        "recipe": msgspec.to_builtins(recipe),
    }


def bytes_of(problem: Problem, file: File) -> bytes:
    """Return what a file holds, from the store where it is kept there."""
    if file.sha256 and problem.read is not None:
        return problem.read(file.sha256)
    return file.bytes


def _solution(problem: Problem, key: Key, archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files that the reference solution leaves, and a script that puts them there."""
    actions = _actions(problem.secret.solution)
    lines = ["#!/bin/bash", "# Leaves the project as the fix left it.", "set -e", "cd /work"]
    for path, text in _written(actions, archive).items():
        yield f"fixed/{path}", text.encode("utf-8", "surrogateescape")
        target = shlex.quote(path)
        lines.append(f"mkdir -p {shlex.quote(str(Path(path).parent))}")
        lines.append(f"cp /solution/fixed/{target} {target}")
    lines += [action.command for action in actions if isinstance(action, Shell)]
    yield "solve.sh", ("\n".join(lines) + "\n").encode()
    yield "fix.patch", key.fix.encode("utf-8", "surrogatepass")
