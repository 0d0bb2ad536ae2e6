"""Runs a test that is code, where the submitted code never was; calls are answered from a table.

Standard input: JSON with `source` (defines `check`), `answers` (pairs of a call, as JSON text, and
its answer: ["value", encoded] or [words]), `record` (None, or code and name of a reference that
answers instead, so that its calls can be noted).
Standard output: one line of JSON: `held` and `all`, how many of the assertions directly in `check`
held; `calls`, those made, in order; `missing`, one that the table lacks; `why`, in words.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import random
import sys
from collections.abc import Callable
from typing import Any

from banbury.gyms.code_write.inside.driver import words_of
from banbury.gyms.code_write.inside.values import decode, encode


class _Missing(BaseException):
    """A call that nobody has made yet."""


class _Candidate:
    """Stands for the submitted function, or for the reference."""

    def __init__(self, answers: dict[str, Any], function: Callable[..., Any] | None) -> None:
        self.calls: list[str] = []
        self.missing = ""
        self._answers = answers
        self._function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Answer a call."""
        given = [encode(a) for a in args], {k: encode(v) for k, v in named.items()}
        call = json.dumps(given, sort_keys=True)
        self.calls.append(call)
        if self._function is not None:
            return self._function(*args, **named)
        if call not in self._answers:
            self.missing = self.missing or call
            raise _Missing
        said = self._answers[call]
        if said[0] != "value" or len(said) != 2:
            raise RuntimeError(said[-1])
        return copy.deepcopy(decode(said[1]))


def main() -> None:
    """Read a test, run it, say how it came out."""
    asked = json.load(sys.stdin)
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    reference = None
    if asked["record"] is not None:
        reference = _defined(asked["record"]["code"])[asked["record"]["entry"]]
    candidate = _Candidate(dict(asked["answers"]), reference)
    held, every, why = _examined(asked["source"], candidate)
    said = {"held": held, "all": every, "why": why}
    said |= {"calls": candidate.calls, "missing": candidate.missing}
    os.write(out, json.dumps(said).encode())


def _defined(source: str | ast.Module) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "exam"}
    exec(compile(source, "exam.py", "exec"), space)
    return space


def _examined(source: str, candidate: _Candidate) -> tuple[int, int, str]:
    """Return how many assertions held, how many there are, and why the others did not."""
    tree = ast.parse(source)
    every = _counted(tree)
    marks: list[int] = []
    why = ""
    try:
        random.seed(0)
        space = _defined(tree)
        space["_held"] = marks.append
        space["_kept"] = (AssertionError, ArithmeticError, LookupError, RuntimeError, TypeError)
        space["check"](candidate)
    except _Missing:
        why = "a call was not made"
    except BaseException as error:
        why = words_of(error)
    return len(marks), max(1, every), why


def _counted(tree: ast.Module) -> int:
    """Let each assertion directly in `check` note that it held, and go on if it did not."""
    every = 0
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "check":
            body: list[ast.stmt] = []
            for line in node.body:
                if isinstance(line, ast.Assert) or _asserts(line):
                    body.append(_guarded(line, every))
                    every += 1
                else:
                    body.append(line)
            node.body = body
    ast.fix_missing_locations(tree)
    return every


def _asserts(line: ast.stmt) -> bool:
    """Say whether a statement that holds others asserts something."""
    held = isinstance(line, ast.For | ast.While | ast.If | ast.With)
    return held and any(isinstance(n, ast.Assert) for n in ast.walk(line))


def _guarded(line: ast.stmt, number: int) -> ast.Try:
    made = ast.parse(f"try:\n    _held({number})\nexcept _kept:\n    pass").body[0]
    assert isinstance(made, ast.Try)
    made.body.insert(0, line)
    return made
