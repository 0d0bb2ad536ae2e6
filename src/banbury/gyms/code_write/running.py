"""Runs submitted functions in a box, and tests that are code in another."""

from __future__ import annotations

import json
import marshal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from banbury.gyms.code_write import inside
from banbury.gyms.code_write.code import Call
from banbury.gyms.code_write.inside.values import Unplain, decode, same
from banbury.gyms.code_write.problems import Asked, Case, Exam, calls
from banbury.sandbox import Box, Limits, Mount, Ran

SECONDS = 5.0
"""CPU seconds of one call."""
LATE = 2
"""Calls that may take longer before the others are not made."""
LIMITS = Limits(
    cpu_s=20,
    wall_s=30,
    memory=512 << 20,
    processes=32,
    file=16 << 20,
    disk=64 << 20,
    output=2 << 20,
)
_PLACE = "/judge/banbury/gyms/code_write/inside"
_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
_ENDS = {
    "cpu": "took too much CPU time",
    "wall": "took too long",
    "memory": "took too much memory",
    "processes": "started too many processes",
    "disk": "wrote too much",
    "signal": "crashed",
}
_SLACK = 1000
_ROUNDS = 4

Said = tuple[str, Any]
"""("value", encoded) for what a call returned, or ("", what went wrong in words)."""


class Marks(msgspec.Struct, frozen=True):
    """How a function did: cases that held, of how many, and what went wrong first."""

    held: int
    all: int
    why: str = ""


def called(code: str, asked: Asked, wanted: Sequence[Call]) -> list[Said]:
    """Return what each call of a submitted function brings, in a box made for it.

    Args:
        code: as submitted.
        asked: names the function, and what stands before it.
        wanted: the calls.

    Raises:
        SandboxError: no box can be made here.
    """
    payload = {
        "code": f"{asked.preamble}\n{code}" if asked.preamble else code,
        "entry": asked.entry,
        "calls": [tuple(call) for call in wanted],
        "seconds": SECONDS,
        "late": LATE,
    }
    ran = _ran("driver", marshal.dumps(payload))
    lines = list(_lines(ran.out))
    whole = next((str(line[1]) for line in lines if line[0] == -1), "")
    found = {line[0]: line[1:] for line in lines}
    lost = whole or _ENDS.get(ran.end) or "ended the process before this call returned"
    return [_said(found.get(i, [lost])) for i in range(len(wanted))]


def _said(line: list[Any]) -> Said:
    return ("value", line[1]) if line[0] == "value" and len(line) == 2 else ("", str(line[0])[:200])


def judged(code: str, asked: Asked, cases: Sequence[Case]) -> Marks:
    """Return how a submitted function does on cases; they are compared here, outside the box."""
    said = called(code, asked, calls(cases))
    why, held = "", 0
    for number, (case, one) in enumerate(zip(cases, said, strict=True)):
        if _right(one, case.wanted):
            held += 1
        elif not why:
            why = f"case {number}: {one[1] if not one[0] else 'returned another value'}"
    return Marks(held, len(cases), why)


def _right(said: Said, wanted: Any) -> bool:
    # A right answer is about as long as the expected one; no longer one is ever decoded.
    if said[0] != "value" or len(json.dumps(said[1])) > 4 * len(json.dumps(wanted)) + _SLACK:
        return False
    try:
        return same(decode(said[1]), decode(wanted))
    except Unplain:
        return False


def examined(code: str, asked: Asked, exam: Exam) -> Marks:
    """Return how a submitted function does in a test that is code.

    The calls that the test makes of the reference are made of the submitted function in its own
    box; then the test runs in another box, where these answers stand for the function. Should it
    ask for more, these calls are made too.
    """
    wanted = list(exam.calls)
    answers: dict[str, list[Any]] = {}
    marks = Marks(0, 1, "made other calls at every turn")
    for _ in range(_ROUNDS):
        for call, said in zip(wanted, called(code, asked, wanted), strict=True):
            answers[_name(call)] = list(said) if said[0] else [said[1]]
        found = _exam(exam.source, answers, None)
        marks = Marks(int(found["held"]), int(found["all"]), str(found["why"])[:200])
        if not found["missing"]:
            break
        wanted = [_call(found["missing"])]
    return marks


def recorded(source: str, reference: str, entry: str) -> tuple[Marks, tuple[Call, ...]]:
    """Return how a reference does in a test that is code, and the calls made of it, each once.

    Here the reference runs in the test's own process, since whoever wrote one wrote the other.
    """
    found = _exam(source, {}, {"code": reference, "entry": entry})
    made = tuple(_call(call) for call in dict.fromkeys(found["calls"]))
    return Marks(int(found["held"]), int(found["all"]), str(found["why"])[:200]), made


def _exam(
    source: str, answers: Mapping[str, Any], record: Mapping[str, str] | None
) -> dict[str, Any]:
    asked = {"source": source, "answers": list(answers.items()), "record": record}
    ran = _ran("examiner", json.dumps(asked).encode())
    try:
        found: dict[str, Any] = json.loads(ran.out)
    except (ValueError, RecursionError):
        why = _ENDS.get(ran.end) or "the test itself ended: " + ran.err.decode(errors="replace")
        return {"held": 0, "all": 1, "why": why[-200:], "calls": [], "missing": ""}
    return found


def _name(call: Call) -> str:
    return json.dumps([call[0], call[1]], sort_keys=True)


def _call(name: str) -> Call:
    args, named = json.loads(name)
    return args, named


def _lines(out: bytes) -> list[list[Any]]:
    """Return the lines that are lists with a number first; a submission may write others."""
    found = []
    for line in out.split(b"\n"):
        try:
            said = json.loads(line) if line.startswith(b"[") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(said, list) and len(said) > 1 and type(said[0]) is int:
            found.append(said)
    return found


def _ran(module: str, payload: bytes) -> Ran:
    program = (
        "import sys; sys.path.insert(0, '/judge'); "
        f"from {inside.__name__}.{module} import main; main()"
    )
    mount = Mount(Path(str(inside.__file__)).parent, _PLACE)
    argv = [_PYTHON, "-I", "-S", "-B", "-c", program]
    with Box(mounts=(mount,), limits=LIMITS, env={"PYTHONHASHSEED": "0"}) as box:
        return box.run(argv, stdin=payload)
