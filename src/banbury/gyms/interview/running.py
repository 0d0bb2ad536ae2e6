"""Runs repaired functions in a box; what they return is compared outside, as JSON."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from banbury.sandbox import Box, Limits

LONGEST = 20_000
ARROW = " -> "
"""Parts the arguments of a case from its result."""
LIMITS = Limits(
    cpu_s=3, wall_s=10, memory=256 << 20, processes=16, file=4 << 20, disk=16 << 20,
    output=1 << 20,
)  # fmt: skip
_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)

# It knows no expected value, so whatever a submission does to its own process, it can say no more
# than what it takes the results to be.
_DRIVER = """
import io, json, os, sys
asked = json.load(sys.stdin)
out = os.dup(1)
nothing = os.open(os.devnull, os.O_RDWR)
for handle in (0, 1, 2):
    os.dup2(nothing, handle)
sys.stdin, sys.stdout, sys.stderr = io.StringIO(), io.StringIO(), io.StringIO()
import random
random.seed(0)
space = {"__name__": "submission"}
said = []
try:
    exec(compile(asked["code"], "submission.py", "exec"), space)
    function = space[asked["entry"]]
except BaseException as error:
    said = [["error", type(error).__name__]] * len(asked["calls"])
else:
    for args in asked["calls"]:
        try:
            said.append(["value", json.loads(json.dumps(function(*args)))])
        except BaseException as error:
            said.append(["error", type(error).__name__])
os.write(out, json.dumps(said).encode())
os._exit(0)
"""


def code_of(text: str, entry: str) -> str:
    """Return the code of an answer: its last fenced block that defines the function, else all."""
    marks = [m.span() for m in _FENCE.finditer(text)]
    blocks = [text[a[1] : b[0]] for a, b in zip(marks[::2], marks[1::2], strict=False)]
    named = [block for block in blocks if entry in block] or blocks
    return textwrap.dedent(named[-1] if named else text).strip("\n")


def returned(code: str, entry: str, calls: Sequence[list[Any]]) -> list[tuple[str, Any]]:
    """Return ("value", result) or ("error", its kind) of each call, made in a box.

    Raises:
        SandboxError: no box can be made here.
    """
    asked = json.dumps({"code": code, "entry": entry, "calls": list(calls)})
    with Box(limits=LIMITS, env={"PYTHONHASHSEED": "0"}) as box:
        ran = box.run([_PYTHON, "-I", "-S", "-B", "-c", _DRIVER], stdin=asked.encode())
    try:
        said = json.loads(ran.out)
        return [(str(kind), value) for kind, value in said]
    except (ValueError, TypeError, RecursionError):
        return [("error", ran.end)] * len(calls)


def held(text: str, entry: str, cases: Sequence[tuple[list[Any], Any]]) -> int:
    """Return how many cases an answer's function gets right.

    Raises:
        SandboxError: no box can be made here.
    """
    if len(text) > LONGEST or entry not in text:
        return 0
    said = returned(code_of(text, entry), entry, [args for args, _ in cases])
    if len(said) != len(cases):
        return 0
    return sum(
        kind == "value" and _same(value, wanted)
        for (kind, value), (_, wanted) in zip(said, cases, strict=True)
    )


def tried(text: str, entry: str, samples: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Return (sample, what came of it, whether that is right) of the cases that are shown.

    Raises:
        SandboxError: no box can be made here.
    """
    if len(text) > LONGEST:
        return [(sample, "this is too long to run", False) for sample in samples]
    parts = [sample.partition(ARROW) for sample in samples]
    said = returned(code_of(text, entry), entry, [json.loads(given) for given, _, _ in parts])
    said += [("error", "nothing came back")] * (len(samples) - len(said))
    return [
        (sample, _shown(kind, value), kind == "value" and _same(value, json.loads(wanted)))
        for sample, (_, _, wanted), (kind, value) in zip(samples, parts, said, strict=False)
    ]


def _shown(kind: str, value: Any) -> str:
    return json.dumps(value)[:300] if kind == "value" else f"it ended with {value}"[:300]


def printed(program: str) -> str:
    """Return what a program prints, run in a box, without the last line's end.

    Raises:
        SandboxError: no box can be made here.
    """
    with Box(limits=LIMITS, env={"PYTHONHASHSEED": "0"}) as box:
        ran = box.run([_PYTHON, "-I", "-B", "-c", program])
    return (ran.out + ran.err).decode(errors="replace").rstrip("\n")


def _same(one: Any, two: Any) -> bool:
    """Return whether two JSON values are alike; True is not 1, and floats may differ by 1e-9."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, int | float) and isinstance(two, int | float):
        return abs(one - two) <= 1e-9 * max(1.0, abs(one), abs(two))
    if type(one) is not type(two):
        return False
    if isinstance(one, list):
        return len(one) == len(two) and all(_same(a, b) for a, b in zip(one, two, strict=True))
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(_same(one[k], two[k]) for k in one)
    return bool(one == two)
