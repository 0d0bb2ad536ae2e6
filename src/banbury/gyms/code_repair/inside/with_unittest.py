"""The standard library's test runner, for environments without pytest."""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
import traceback
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .guard import Guard


class _Result(unittest.TestResult):
    """Tells how each test came out; ids are those that pytest would give."""

    def __init__(self, tell: Callable[..., None], guard: Guard, names: dict[int, str]) -> None:
        super().__init__()
        self._tell = tell
        self._guard = guard
        self._names = names
        self._found: tuple[str, str] | None = None
        self._said: set[str] = set()
        self.all_well = True

    def guard(self, names: list[str]) -> None:
        for name in names:
            if name not in self._said:
                self._said.add(name)
                self._tell("replaced", name)

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._found = None
        self._tell("started", self._names[id(test)])

    def _came(self, outcome: str, error: Any = None) -> None:
        if self._found is None or self._found[0] == "passed":
            reason = "" if error is None else f"{error[0].__name__}: {error[1]}"
            self._found = outcome, reason.partition("\n")[0][:200]

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._came("passed")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._came("failed", err)
        self._print(err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._print(err)
        if id(test) in self._names:
            self._came("failed", err)
        else:  # setUpClass or setUpModule
            self._tell("uncollected", str(test), f"{err[0].__name__}: {err[1]}")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self._came("skipped")

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._came("xfailed")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._came("failed")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._came("failed", err)
            self._print(err)

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        outcome, reason = self._found or ("error", "it came to no end")
        self.all_well = self.all_well and outcome in ("passed", "skipped", "xfailed")
        self._tell("test", self._names[id(test)], outcome, reason)
        self.guard(self._guard.after_test())

    def _print(self, err: Any) -> None:
        traceback.print_exception(*err)


def _files(asked: list[str]) -> Iterator[str]:
    for place in map(Path, [name.partition("::")[0] for name in asked] or ["."]):
        if not place.is_dir():
            yield str(place)
        for found in sorted(place.rglob("test*.py")):
            if found.is_file() and not any(part.startswith((".", "__")) for part in found.parts):
                yield str(found)


def _tests(suite: Any) -> Iterator[unittest.TestCase]:
    for one in suite:
        if isinstance(one, unittest.TestCase):
            yield one
        else:
            yield from _tests(one)


def _loaded(path: str, tell: Callable[..., None], work: str) -> list[unittest.TestCase]:
    """Return the tests of a file, loaded from it whatever claims its name meanwhile."""
    name = path[: -len(".py")].replace(os.sep, ".")
    try:
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])
        spec = importlib.util.spec_from_file_location(name, str(Path(work) / path))
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    except BaseException as error:
        tell("uncollected", path, f"{type(error).__name__}: {error}")
        return []
    return list(_tests(unittest.defaultTestLoader.loadTestsFromModule(module)))


def _name(path: str, test: unittest.TestCase) -> str:
    return f"{path}::{type(test).__name__}::{test._testMethodName}"


def _asked(path: str, test: unittest.TestCase, asked: list[str]) -> bool:
    """Return whether a test is one of those asked for, where ids were named and not only files."""
    ids = [name for name in asked if name.startswith(path + "::")]
    return not ids or any(f"{_name(path, test)}::".startswith(f"{id}::") for id in ids)


def run(order: dict[str, Any], tell: Callable[..., None], work: str) -> int:
    """Run the tests and return 0 if all went well, 1 if not, 5 if there were none."""
    guard = Guard(work)
    tell("begun", "unittest", sys.version.split()[0])
    paths = list(dict.fromkeys(_files(order["args"])))
    lot = random.Random(order["order"]) if order["order"] is not None else None
    if lot:
        paths.sort()
        lot.shuffle(paths)
    tests: list[unittest.TestCase] = []
    names: dict[int, str] = {}
    for path in paths:
        held = [test for test in _loaded(path, tell, work) if _asked(path, test, order["args"])]
        if lot:
            lot.shuffle(held)
        for test in held:
            names[id(test)] = _name(path, test)
        tests += held
    tell("collected", len(tests))
    result = _Result(tell, guard, names)
    result.guard(guard.replaced())
    for name in guard.taken():
        tell("taken", name)
    unittest.TestSuite(tests).run(result)
    result.guard(guard.replaced())
    return 5 if not tests else int(not result.all_well)
