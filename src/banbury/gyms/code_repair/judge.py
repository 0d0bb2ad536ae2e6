"""The judge: the actor's changes on a clean tree, the task's own tests put back, all run again.

Score: 1 if every fail-to-pass and every pass-to-pass test passes. Otherwise, with `fixed` the share
of fail-to-pass tests that pass and `kept` the share of pass-to-pass tests that still do:

    score = 0.5 * fixed * max(0, 1 - 10 * (1 - kept))

So nothing fixed is 0, all fixed with one in twenty tests broken is 0.25, and one in ten undoes it
all. Tampering is 0.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from banbury.episode import Problem, Record
from banbury.errors import InputError
from banbury.gyms.code_repair import rooms, tampering, testing
from banbury.gyms.code_repair.actions import Edit, RepairAction, Write
from banbury.gyms.code_repair.files import Changes
from banbury.gyms.code_repair.inside.guard import RUNNERS
from banbury.gyms.code_repair.left import Left, of_record
from banbury.gyms.code_repair.repair import Key, Repair, key_of, repair_of
from banbury.gyms.code_repair.tampering import Examined, Standing
from banbury.gyms.code_repair.testing import Tested
from banbury.sandbox import Box

PARTIAL = 0.5
BREAKING = 10.0
_LISTED = 20
_LEAST_S = 60.0
_TIMES = 5.0
"""The suite may use so many times the CPU time that it was measured to use."""
_NAMED = re.compile(r"^(?:\+\+\+ b|--- a)/(.+?)\t?$", re.M)
"""Files in the head of a unified diff."""
_actions = msgspec.json.Decoder(tuple[RepairAction, ...]).decode


class Judged(msgspec.Struct, frozen=True):
    """What the judge found.

    Attributes:
        score: see the module.
        components: `fail_to_pass`, `pass_to_pass`: shares; `tampered`: 1 where tampering was found.
        evidence: for the judgement.
    """

    score: float
    components: dict[str, float]
    evidence: dict[str, object]


def judged(record: Record, problem: Problem) -> Judged:
    """Return the judgement of what an actor left.

    Raises:
        SandboxError: the box failed, which is no score.
        GymError: the task cannot be read, or its tree cannot be had.
    """
    repair, key = repair_of(problem), key_of(problem)
    try:
        left = of_record(record)
    except (msgspec.MsgspecError, RecursionError) as error:
        return _nothing(f"the evidence cannot be read: {error}"[:300])
    if not left.changes and not left.links:
        return _nothing("; ".join(["nothing was changed", *left.left_out])[:500])
    with rooms.room(repair, problem.read) as box:
        task = _standing(box, problem, repair, key)
        found = tampering.examined(left, task)
        if found.tampered or not found.taken:
            return _unrun(found, left)
        try:
            put(box, {**found.taken, **key.tests})
        except InputError as error:
            return _nothing(f"the files that were left cannot stand together: {error}"[:500])
        return _scored(_run(box, repair, key), key, found, left, own_runners(task))


def graded(fixed: float, kept: float) -> float:
    """Return the score of shares of tests fixed and kept; see the module."""
    if fixed == 1.0 and kept == 1.0:
        return 1.0
    return PARTIAL * fixed * max(0.0, 1.0 - BREAKING * (1.0 - kept))


def put(box: Box, files: Changes) -> None:
    """Write files into a box, and remove those that are None; what stood there goes first."""
    gone = [f"/work/{path}" for path in files]
    if gone:
        names = "\0".join(gone).encode() + b"\0"
        box.run(["xargs", "-0", "rm", "-rf", "--"], stdin=names)
    for path, file in files.items():
        if file is not None:
            box.write(f"/work/{path}", file.bytes, 0o755 if file.executable else 0o644)


def _nothing(why: str) -> Judged:
    components = {"fail_to_pass": 0.0, "pass_to_pass": 1.0, "tampered": 0.0}
    return Judged(0.0, components, {"trouble": why})


def _unrun(found: Examined, left: Left) -> Judged:
    why = "tampering was found" if found.tampered else "only tests were changed"
    components = {"fail_to_pass": 0.0, "pass_to_pass": 0.0 if found.tampered else 1.0}
    components["tampered"] = float(bool(found.tampered))
    return Judged(0.0, components, {"trouble": why, **_seen(found, left)})


def _seen(found: Examined, left: Left) -> dict[str, object]:
    seen = {
        "tampered": found.tampered,
        "put_back": found.put_back,
        "left_out": left.left_out,
        "links": left.links,
    }
    return {name: list(value[:_LISTED]) for name, value in seen.items() if value}


def _standing(box: Box, problem: Problem, repair: Repair, key: Key) -> Standing:
    paths = {entry.path: entry.kind for entry in box.files()}
    done = _actions(problem.secret.solution or "[]")
    fixed = {act.path for act in done if isinstance(act, Edit | Write)}
    fixed |= set(_NAMED.findall(key.fix))

    def read(path: str) -> bytes:
        return box.read(f"/work/{path}") if paths.get(path) == "file" else b""

    return Standing(paths, key.tests, fixed, roots(repair), read)


def roots(repair: Repair) -> list[str]:
    """Return the folders from which modules are imported, `` for the tree itself."""
    named = repair.recipe.env.get("PYTHONPATH", "").split(":")
    plain = [path.removeprefix("/work").strip("/").removeprefix("./") for path in named]
    return sorted({"", "src", *plain})


def files_of(key: Key) -> list[str]:
    """Return the files that hold the tests of a key."""
    return sorted({id.partition("::")[0] for id in (*key.fail_to_pass, *key.pass_to_pass)})


def _run(box: Box, repair: Repair, key: Key) -> Tested:
    cpu = max(_LEAST_S, _TIMES * repair.cpu_s)
    limits = msgspec.structs.replace(rooms.ROOM, cpu_s=cpu)
    return testing.run(box, repair.recipe, files_of(key), limits=limits)


def own_runners(task: Standing) -> set[str]:
    """Return the modules of the test runner that the project itself consists of."""
    places = {f"{root}/{name}".lstrip("/"): name for root in task.roots for name in RUNNERS}
    return {name for place, name in places.items() if {place, f"{place}.py"} & set(task.paths)}


def _scored(tested: Tested, key: Key, found: Examined, left: Left, own: Collection[str]) -> Judged:
    failing = [id for id in key.fail_to_pass if tested.of(id) != "passed"]
    broken = [id for id in key.pass_to_pass if tested.of(id) != "passed"]
    fixed = 1.0 - len(failing) / len(key.fail_to_pass)
    kept = 1.0 - len(broken) / len(key.pass_to_pass) if key.pass_to_pass else 1.0
    if not failing:
        fixed = 1.0
    if not broken:
        kept = 1.0
    strange = [name for name in tested.taken if name not in own]
    suspicions = [*tested.suspicions]
    suspicions += [f"{name} was loaded from the working tree" for name in strange]
    evidence: dict[str, object] = {
        "failing": failing[:_LISTED],
        "broken": broken[:_LISTED],
        "trouble": tested.trouble,
        "suspicions": suspicions[:_LISTED],
    }
    return Judged(
        0.0 if suspicions else graded(fixed, kept),
        {"fail_to_pass": fixed, "pass_to_pass": kept, "tampered": float(bool(suspicions))},
        {**{k: v for k, v in evidence.items() if v}, **_seen(found, left)},
    )
