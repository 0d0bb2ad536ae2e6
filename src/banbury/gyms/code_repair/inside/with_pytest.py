"""A pytest plugin that tells how each test came out, and shuffles tests where it is asked to."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
from collections.abc import Callable, Generator
from typing import Any

import pytest

from .guard import Guard


class Outcomes:
    """The plugin. What a test raised is seen where it is called, below every other plugin.

    Args:
        tell: the channel.
        work: the folder with the code under test.
        order: seed of the order of files and of tests in them, None to leave it.
    """

    def __init__(self, tell: Callable[..., None], work: str, order: int | None) -> None:
        self._tell = tell
        self._guard = Guard(work)
        self._work = work
        self._order = order
        self._raised: set[str] = set()
        self._called: set[str] = set()
        self._phases: dict[str, dict[str, Any]] = {}
        self._said: set[str] = set()

    def guard(self, names: list[str]) -> None:
        """Tell once of each part of the runner that was replaced."""
        for name in names:
            if name not in self._said:
                self._said.add(name)
                self._tell("replaced", name)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Shuffle the files, and the tests within each."""
        if self._order is not None:
            files: dict[str, list[Any]] = {}
            for item in items:
                files.setdefault(item.nodeid.partition("::")[0], []).append(item)
            lot = random.Random(self._order)
            names = sorted(files)
            lot.shuffle(names)
            for name in names:
                lot.shuffle(files[name])
            items[:] = [item for name in names for item in files[name]]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: Any) -> None:
        """Tell how many tests there are."""
        self._tell("collected", len(session.items))
        for path in dict.fromkeys(filter(None, map(self._elsewhere, session.items))):
            self._tell("contradicted", path)
        for name in self._guard.taken():
            self._tell("taken", name)
        self.guard(self._guard.replaced())

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Look at everything once more."""
        self.guard(self._guard.replaced())

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        """Tell of what cannot be collected."""
        if report.failed:
            self._tell("uncollected", report.nodeid, _last(str(report.longrepr)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell which test is next: it may never come out."""
        self._tell("started", nodeid)

    @pytest.hookimpl(tryfirst=True, hookwrapper=True)
    def pytest_runtest_call(self, item: Any) -> Generator[None, Any, None]:
        """See for oneself whether the test raised."""
        outcome = yield
        self._called.add(item.nodeid)
        if outcome.excinfo is not None:
            self._raised.add(item.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell how a test came out, once its teardown is over."""
        id = report.nodeid
        self._phases.setdefault(id, {})[report.when] = report
        if report.when == "teardown":
            phases = self._phases.pop(id)
            found = self._outcome(id, phases)
            self._tell("test", id, found, _reason(phases) if found in ("failed", "error") else "")
            self._called.discard(id)
            self._raised.discard(id)
            self.guard(self._guard.after_test())

    def _elsewhere(self, item: Any) -> str:
        """Return the path of a test whose module is none that was loaded from there."""
        module = getattr(item, "module", None)
        if module is None:
            return ""
        path = str(getattr(item, "path", None) or item.fspath)
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        code = getattr(getattr(item, "function", None), "__code__", None)
        own = getattr(getattr(item, "function", None), "__module__", "") == module.__name__
        written = code.co_filename if own and code is not None else path
        if origin is None or not _same(origin, path):
            return path
        return path if written.startswith(self._work) and not _same(written, path) else ""

    def _outcome(self, id: str, phases: dict[str, Any]) -> str:
        setup, call = phases.get("setup"), phases.get("call")
        if phases["teardown"].failed or setup is None or setup.failed:
            return "error"
        last = setup if call is None else call
        if last.skipped:
            return "xfailed" if hasattr(last, "wasxfail") else "skipped"
        if last.failed:
            return "failed"
        if id in self._raised or id not in self._called:
            self._tell("contradicted", id)
            return "failed"
        return "passed"


def _same(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _reason(phases: dict[str, Any]) -> str:
    failed = [p for p in phases.values() if p.failed]
    crash = getattr(getattr(failed[0], "longrepr", None), "reprcrash", None) if failed else None
    return str(getattr(crash, "message", "")).strip().partition("\n")[0][:200]


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raised = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (raised or lines or [""])[-1][:300]


def run(order: dict[str, Any], tell: Callable[..., None], work: str) -> int:
    """Run pytest and return its exit code."""
    plugin = Outcomes(tell, work, order["order"])
    tell("begun", f"pytest {pytest.__version__}", sys.version.split()[0])
    switches = _quiet(order["args"])
    if not any(word.startswith("--rootdir") for word in order["args"]):
        # Else settings that lie beside the tests make ids start there, where files are asked for.
        switches.append(f"--rootdir={work}")
    return int(pytest.main(order["args"] + switches, plugins=[plugin]))


def _quiet(args: list[str]) -> list[str]:
    """Return switches against what hides, repeats, spreads or reorders tests.

    A file that cannot be collected says nothing of the others.
    """
    found = ["--maxfail=0", "--continue-on-collection-errors", "--color=no"]
    found += ["-p", "no:randomly", "-p", "no:random_order"]
    for module, switches in (("xdist", ["-n0"]), ("pytest_cov", ["--no-cov"])):
        if _there(module) and not {"no:" + module, "no:" + module[7:]} & set(args):
            found += switches
    return found


def _there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
