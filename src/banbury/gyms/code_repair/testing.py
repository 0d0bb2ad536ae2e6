"""Run a project's tests in a box, and learn from outside how each came out.

The tests run under a plugin of ours in a child process. A parent beside it, which they cannot look
into, passes on what the plugin tells under a code that only the two of them know, and this module
takes only lines with a nonce that only the parent knows. Code under test shares its process with
the plugin, so it can still try: parts of the runner that were replaced, tests whose report says
other than what they raised, and messages with a wrong code are named in `Tested.suspicions`.

What a run may be perturbed in: the hash seed, the order (files, and tests within each file,
shuffled), the time zone, the locale, and the clock as Python's `time` and `datetime` tell it
(shifted, not frozen; other programs and times of files keep the true time).
"""

from __future__ import annotations

import math
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from banbury import clock as clocks
from banbury.gyms.code_repair import ids
from banbury.gyms.code_repair.recipe import Recipe
from banbury.sandbox import Box, Limits, Mount, Ran

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed", "missing"]

ENV = "/env"
_INSIDE = "/banbury"
_PACKAGE = "banbury_inside"
_WORK = "/work"
_START = "import sys; sys.path.insert(0, '/banbury'); from banbury_inside.{0} import main; main()"
_WORST: dict[str, int] = {
    o: n for n, o in enumerate(("passed", "xfailed", "skipped", "missing", "failed", "error"))
}
_OUTPUT = 256 << 20
_SPARE_S = 10.0
"""CPU seconds that the parent may use for itself."""
WALL = 4.0
"""Wall seconds for each second of CPU time that tests may use, and half a minute: they may wait."""
_FLAGS_WITH_VALUE = ("-W", "-X")


class Tested(msgspec.Struct, frozen=True):
    """How the tests came out.

    Attributes:
        outcomes: by node id, with what changes from run to run taken out of the ids; a file that
            could not be collected stands there as `error`.
        ran: what the box measured.
        trouble: one sentence where the run did not come to its end, or to nothing; else "".
        printed: the beginning and the end of what the tests printed.
        reasons: first line of what a test raised, by node id.
        suspicions: what looks as if the tests were meant to be deceived.
        runner: such as `pytest 9.2.0`.
        cut: the test during which the run ended before its time; it counts as failed, and nothing
            is said of those behind it. "" where the run came to its end.
        taken: modules of the runner that came from the working tree; right only where the project
            is the runner itself.
    """

    outcomes: dict[str, Outcome]
    ran: Ran
    trouble: str = ""
    printed: str = ""
    reasons: dict[str, str] = {}
    suspicions: tuple[str, ...] = ()
    runner: str = ""
    cut: str = ""
    taken: tuple[str, ...] = ()

    def of(self, id: str) -> Outcome:
        """Return how a test came out; `missing` where nothing was heard of it."""
        return self.outcomes.get(id, "missing")


def mounts(environment: Path | None = None) -> tuple[Mount, ...]:
    """Return what a box needs so that tests can run in it.

    Args:
        environment: the folder that `building.environment` made; None for a recipe without lock.
    """
    own = Mount(Path(__file__).parent / "inside", f"{_INSIDE}/{_PACKAGE}")
    return (own,) if environment is None else (own, Mount(environment, ENV))


def python(recipe: Recipe) -> str:
    """Return the path, inside a box, of the Python that the recipe's tests run on."""
    return f"{ENV}/bin/python" if recipe.lock else str(Path(sys.executable).resolve())


def variables(recipe: Recipe) -> dict[str, str]:
    """Return the environment variables under which anything of the recipe runs."""
    folder = str(Path(python(recipe)).parent)
    fixed = {"PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**fixed, **({"VIRTUAL_ENV": ENV} if recipe.lock else {}), **recipe.env}


def run(
    box: Box,
    recipe: Recipe,
    files: Sequence[str] = (),
    *,
    hash_seed: int = 0,
    order: int | None = None,
    clock: float | None = None,
    zone: str = "UTC",
    locale: str = "C.UTF-8",
    limits: Limits | None = None,
) -> Tested:
    """Run tests in a box that was made with `mounts`.

    Args:
        box: stands on the project's tree at /work.
        recipe: how the tests are run.
        files: test files or node ids; the whole suite if none.
        hash_seed: PYTHONHASHSEED.
        order: seed of the order of files, and of tests within each; None leaves the order.
        clock: seconds by which the clock is shifted; None or 0 for the true time.
        zone: time zone, TZ.
        locale: LC_ALL.
        limits: the CPU time counts for the process of the tests and, a little more, for all; a
            wall time beyond it only ends tests that wait for ever.

    Raises:
        SandboxError: the box itself failed.
    """
    limits = limits or Limits()
    nonce = secrets.token_hex(16)
    env = {
        **variables(recipe),
        "PYTHONHASHSEED": str(hash_seed),
        "TZ": zone,
        "LC_ALL": locale,
        "LANG": locale,
        "TERM": "dumb",
    }
    request = {
        "nonce": nonce,
        "cwd": _WORK,
        "env": env,
        "cpu_s": math.ceil(limits.cpu_s),
        **command(recipe, files),
    }
    request["child"] |= {"order": order, "clock": clock or 0.0, "mount": _INSIDE}
    ran = box.run(
        [python(recipe), "-I", "-c", _START.format("watcher")],
        cwd=_WORK,
        env=env,
        stdin=msgspec.json.encode(request),
        limits=_around(limits),
    )
    shifted = clocks.wall_ns() / 1e9 + (clock or 0.0)
    return _Heard(nonce, shifted).tested(ran, limits)


def _around(limits: Limits) -> Limits:
    """Return limits that hold the parent too; what it says is never cut."""
    return msgspec.structs.replace(
        limits,
        cpu_s=limits.cpu_s + _SPARE_S,
        wall_s=max(limits.wall_s, WALL * limits.cpu_s + 30),
        output=max(limits.output, _OUTPUT),
    )


def command(recipe: Recipe, files: Sequence[str]) -> dict[str, Any]:
    """Return argv of the child and what it is to run, from the recipe's words.

    `python [switches] -m pytest ARGS`, `python -m unittest`, or `pytest ARGS`.
    """
    words = list(recipe.test)
    switches: list[str] = []
    module = bool(words) and Path(words[0]).name != "pytest"
    if module:
        words = words[1:]
        while words and words[0].startswith("-") and words[0] != "-m":
            take = 2 if words[0] in _FLAGS_WITH_VALUE else 1
            switches, words = switches + words[:take], words[take:]
        words = words[1:]
    runner = words[0] if words else "pytest"
    return {
        "argv": [python(recipe), *switches, "-c", _START.format("child")],
        "child": {
            "runner": "unittest" if runner == "unittest" else "pytest",
            "args": [*words[1:], *files],
            "cwd_first": module,
        },
    }


class _Heard:
    """What the parent told of one run."""

    def __init__(self, nonce: str, now: float) -> None:
        self._nonce = nonce.encode()
        self._now = now
        self.outcomes: dict[str, Outcome] = {}
        self.reasons: dict[str, str] = {}
        self.suspicions: dict[str, None] = {}
        self.taken: list[str] = []
        self.uncollected: list[tuple[str, str]] = []
        self.runner = ""
        self.printed = ""
        self.collected: int | None = None
        self.running = ""
        self.done: int | None = None
        self.end: int | None = None

    def tested(self, ran: Ran, limits: Limits) -> Tested:
        for line in ran.out.split(b"\n"):
            code, _, body = line.partition(b" ")
            if code == self._nonce:
                kind, *rest = msgspec.json.decode(body, type=list[Any])
                getattr(self, f"_{kind}")(*rest)
        for name, reason in self.uncollected:
            if name:
                self._came(name, "error", reason)
        trouble = self._trouble(ran, limits)
        cut = ids.steady(self.running, self._now) if trouble else ""
        if cut:
            self._came(self.running, "failed", trouble)
        return Tested(
            self.outcomes,
            ran,
            trouble,
            self.printed or ran.err.decode("utf-8", "replace")[-4000:],
            self.reasons,
            tuple(self.suspicions),
            self.runner,
            cut,
            tuple(self.taken),
        )

    def _watching(self) -> None:
        """The parent has begun; if it is killed, it says nothing more."""

    def _begun(self, runner: str, python: str) -> None:
        self.runner = f"{runner}, Python {python}"

    def _collected(self, number: int) -> None:
        self.collected = number

    def _uncollected(self, name: str, reason: str) -> None:
        self.uncollected.append((name, reason))

    def _started(self, name: str) -> None:
        self.running = name

    def _test(self, name: str, outcome: Outcome, reason: str) -> None:
        self.running = ""
        self._came(name, outcome, reason)

    def _came(self, name: str, outcome: Outcome, reason: str) -> None:
        id = ids.steady(name, self._now)
        if _WORST[outcome] >= _WORST[self.outcomes.get(id, "passed")]:
            self.outcomes[id] = outcome
            if reason:
                self.reasons[id] = reason

    def _replaced(self, name: str) -> None:
        self.suspicions[f"{name} was replaced"] = None

    def _taken(self, name: str) -> None:
        self.taken.append(name)

    def _contradicted(self, name: str) -> None:
        self.suspicions[f"{name} was reported as it did not come out"] = None

    def _done(self, code: int) -> None:
        self.done = code

    def _end(self, code: int, forged: int) -> None:
        self.end = code
        if forged:
            self.suspicions[f"{forged} messages came with a wrong code"] = None
        if self.done is not None and code not in (self.done, -self.done):
            self.suspicions[f"the tests ended with {self.done}, their process with {code}"] = None

    def _printed(self, text: str) -> None:
        self.printed = text

    def _trouble(self, ran: Ran, limits: Limits) -> str:
        """Return why there are no outcomes, or not all."""
        if ran.end not in ("exit", "signal"):
            return ENDS[ran.end].format(limits)
        if self.end is None:
            if not ran.out:
                said = _last(ran.err.decode("utf-8", "replace"))
                return f"the tests could not be started: {said or f'exit code {ran.code}'}"
            return "the process that watches over the tests was killed, probably by one of them"
        if self.end in (-24, -9, 152, 137):
            return ENDS["cpu"].format(limits)
        if self.end < 0:
            return f"the process of the tests was killed by signal {-self.end}"
        if not self.runner:
            return f"the test runner did not start: {_last(self.printed)}"
        if self.done is None:
            return f"the process of the tests ended itself (exit code {self.end}) before their end"
        if self.outcomes and not all(o == "error" for o in self.outcomes.values()):
            return ""
        if self.uncollected:
            name, reason = self.uncollected[0]
            return f"{name or 'a file'} could not be collected: {reason}"
        if not self.collected:
            where = "no test was found"
            return where if self.done in (0, 5) else f"{where}: {_fault(self.printed)}"
        return ""


ENDS: Mapping[str, str] = {
    "cpu": "the tests used more than {0.cpu_s:g} s of CPU time",
    "wall": "the tests waited for longer than {0.wall_s:g} s",
    "memory": "the tests used more than {0.memory} bytes of memory",
    "processes": "the tests started more than {0.processes} processes",
    "disk": "the tests wrote more than {0.disk} bytes",
}


def _fault(text: str) -> str:
    """Return the line that says what is wrong, as far as one does."""
    lines = [line.strip() for line in text.splitlines()]
    return next((line for line in lines if " error: " in line.lower()), _last(text))[:300]


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if re.search(r"\w", line)]
    return lines[-1][:300] if lines else ""
