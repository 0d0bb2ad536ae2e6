"""Looks whether the parts that decide how a test came out are still the ones that were loaded."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

RUNNERS = ("pytest", "_pytest", "pluggy", "unittest", "banbury_inside")
NEAR = (
    "_pytest.python",
    "_pytest.reports",
    "_pytest.runner",
    "_pytest.unittest",
    "pluggy._callers",
    "pluggy._hooks",
    "unittest.case",
    "unittest.suite",
)
"""What every test goes through; the rest is looked at now and then."""
OFTEN = 250
"""Tests after which all is looked at again."""


class Guard:
    """Remembers functions and classes of the test runner, and tells which were replaced.

    What the environment's own read-only files put in their place (a plugin's patch) is no concern.

    Args:
        work: the folder with the code under test, which may replace nothing.
    """

    def __init__(self, work: str) -> None:
        self._work = work.rstrip("/") + "/"
        self._known: list[tuple[Any, str, object, str]] = []
        self._near: list[tuple[Any, str, object, str]] = []
        self._count = 0
        for name, module in sorted(sys.modules.items()):
            if module is not None and name.split(".")[0] in RUNNERS:
                parts = [(vars(held), key, was, at) for at, held, key, was in _parts(name, module)]
                self._known += parts
                if name in NEAR or name.startswith("banbury_inside"):
                    self._near += parts

    def after_test(self) -> list[str]:
        """Return what was replaced; most of the time only what every test goes through counts."""
        self._count += 1
        return self.replaced(everything=self._count % OFTEN == 0)

    def replaced(self, everything: bool = True) -> list[str]:
        """Return what was replaced from within the working tree, or by code from nowhere."""
        parts = self._known if everything else self._near
        changed = [part for part in parts if part[0].get(part[1]) is not part[2]]
        return [f"{at}.{key}" for held, key, _, at in changed if not self._theirs(held.get(key))]

    def taken(self) -> list[str]:
        """Return the parts of the runner that were loaded from the working tree."""
        places = ((n, getattr(sys.modules.get(n), "__file__", None) or "") for n in RUNNERS)
        return [name for name, place in places if place.startswith(self._work)]

    def _theirs(self, now: object) -> bool:
        code = _code(now)
        if code is None:
            return False
        name = code.co_filename
        return not (name.startswith((self._work, "<")) or "/" not in name)


def _code(now: object) -> types.CodeType | None:
    for _ in range(8):
        if isinstance(now, (classmethod, staticmethod, types.MethodType)):
            now = now.__func__
        elif isinstance(now, property) and now.fget is not None:
            now = now.fget
        else:
            break
    code = getattr(now, "__code__", None)
    return code if isinstance(code, types.CodeType) else None


def _parts(name: str, module: types.ModuleType) -> Iterator[tuple[str, Any, str, object]]:
    for key, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != name:
            continue
        if isinstance(value, types.FunctionType):
            yield name, module, key, value
        elif isinstance(value, type):
            yield name, module, key, value
            for inner, held in list(vars(value).items()):
                if _code(held) is not None:
                    yield f"{name}.{key}", value, inner, held
