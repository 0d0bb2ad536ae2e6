"""The ladder: from what a commit asks for, as of its time, down to what can be had today."""

from __future__ import annotations

import re
import time
from pathlib import Path

from packaging.specifiers import SpecifierSet

from banbury.cycle.source.mine.environment import dating, index, modules
from banbury.cycle.source.mine.environment.needs import Needs, Requirement
from banbury.cycle.source.mine.environment.resolving import Question, Unresolved, resolve
from banbury.gyms.code_repair.recipe import Pin

STEPS = 24
"""Most resolutions of one commit."""
RUNS = "6.2.5"
"""A release of pytest that its bounds must admit, or a newer one, else the bounds are dropped."""


class Fallen(Exception):
    """No rung of the ladder held; the message says why in one sentence."""


class Ladder:
    """What is asked for, and what was given way to so far.

    Args:
        needs: what the tree asks for.
        when: the commit's time, seconds since the epoch.
        cache: folder of caches.
    """

    def __init__(self, needs: Needs, when: float, cache: Path) -> None:
        self.when = dating.day(when)
        self.cache = cache
        self.log: list[str] = []
        self.project = needs.project.name
        self.asked: dict[str, list[Requirement]] = {}
        for need in needs.chosen:
            self.asked.setdefault(need.name, []).append(need)
        self.later: dict[str, float] = {}
        self.loose: set[str] = set()
        self.wheels: dict[str, Path] = {}
        if "pytest" not in self.asked:
            self.add(Requirement("pytest", (), "", "test", "how tests are run here"))
        self._floors()

    def _floors(self) -> None:
        floor = dating.runner_floor()
        if self.when < floor:
            self.later |= dict.fromkeys(modules.RUNNER, floor)
            self.log.append(
                "pytest, its plug-ins and build back-ends: the oldest releases that "
                "run on this Python, since those of the commit's time do not"
            )
        for need in self.asked["pytest"]:
            if need.specifier and not _admits(need.specifier):
                self._loosen("pytest", f"{need.text} does not run on this Python")

    def add(self, need: Requirement) -> bool:
        """Ask for one more distribution; say whether that is new."""
        if need.name == self.project or need in self.asked.get(need.name, []):
            return False
        self.asked.setdefault(need.name, []).append(need)
        return True

    def lift(self, name: str, until: float, why: str) -> bool:
        """Take a newer release of a distribution; say whether that changes anything."""
        if self.later.get(name, self.when) >= until:
            return False
        self.later[name] = until
        self.log.append(f"{name}: a release from after the commit, since {why}")
        return True

    def _loosen(self, name: str, why: str) -> bool:
        if name in self.loose or not any(n.specifier for n in self.asked.get(name, [])):
            return False
        self.loose.add(name)
        self.log.append(f"{name}: without the bounds on its version, since {why}")
        return True

    def drop(self, name: str, why: str) -> bool:
        """Do without a distribution that only tests ask for; say whether there was one."""
        needs = self.asked.get(name)
        if not needs or name == "pytest":
            return False
        del self.asked[name]
        self.log.append(f"{name}: left out, since {why}")
        return True

    def texts(self) -> tuple[str, ...]:
        """Return the requirements as they now stand."""
        out: dict[str, None] = {}
        for name, needs in self.asked.items():
            if name in self.wheels:
                out[f"{name} @ {self.wheels[name].resolve().as_uri()}"] = None
                continue
            for need in needs:
                extras = f"[{','.join(need.extras)}]" if need.extras else ""
                loose = name in self.loose or (need.pinned and need.role != "runtime")
                out[f"{name}{extras}{'' if loose else need.specifier}"] = None
        return (*out, f"pytest>={RUNS}")

    def climb(self) -> list[Pin]:
        """Return a resolution, giving way step by step until there is one.

        Raises:
            Fallen: there is none.
            SetupError: the index cannot be reached.
        """
        for _ in range(STEPS):
            try:
                question = Question(self.texts(), self.when, self.later)
                return [p for p in resolve(question, self.cache) if p.name != self.project]
            except Unresolved as error:
                if not self._give(error):
                    raise Fallen(_sentence(error.text)) from error
        raise Fallen(f"no set of versions was found in {STEPS} steps")

    def _give(self, error: Unresolved) -> bool:
        """Give way to one failure; say whether anything changed."""
        moved = [self._wheel(name) for name in error.wheels]
        moved += [self._missing(name) for name in error.unknown]
        moved += [self._late(name, error) for name in error.late]
        return any(moved) or self._conflict(error)

    def _bounds(self, name: str) -> str:
        if name in self.loose:
            return ""
        return ",".join(n.specifier for n in self.asked.get(name, []) if n.specifier)

    def _wheel(self, name: str) -> bool:
        """Find a wheel of a distribution: later, without its bounds, or made from its source."""
        found = index.files(name, self.cache)
        after = self.later.get(name, self.when)
        for bounds in dict.fromkeys((self._bounds(name), "")):
            time_ = index.first(found, bounds, after)
            if time_:
                why = "older ones have no wheel for this Python"
                if not bounds and self._bounds(name):
                    self._loosen(name, why)
                return self.lift(name, max(time_, after + 1), why)
        if index.fitting(found, "", "wheel") and self._loosen(
            name, "no release within them has a wheel for this Python"
        ):
            return True
        return self._source(name)

    def _source(self, name: str) -> bool:
        return self._dispensable(name, "it has no wheel for this Python")

    def _dispensable(self, name: str, why: str) -> bool:
        needs = self.asked.get(name, [])
        return bool(needs) and all(n.role != "runtime" for n in needs) and self.drop(name, why)

    def _missing(self, name: str) -> bool:
        found = [f for f in index.files(name, self.cache) if f.kind == "wheel"]
        if not found:
            if index.files(name, self.cache):
                return self._source(name)
            needs = self.asked.get(name, [])
            return bool(needs) and self.drop(name, "the index does not have it")
        return self.lift(name, max(found[0].when, self.when) + 1, "there was none before")

    def _late(self, name: str, error: Unresolved) -> bool:
        own = self._bounds(name)
        wished = re.findall(rf"\b{re.escape(name)}((?:>=|==|>|~=)[\d.]+\w*)", error.text)
        bounds = own or max(wished, key=len, default="")
        if not bounds:
            return False
        found = index.files(name, self.cache)
        time_ = index.first(found, bounds, self.later.get(name, self.when))
        if time_:
            return self.lift(name, time_, f"none before satisfies {name}{bounds}")
        return self._loosen(name, "no release that the index has satisfies them")

    def _conflict(self, error: Unresolved) -> bool:
        """Give way where bounds exclude one another: those of tests first."""
        named = [n for n in self.asked if re.search(rf"\b{re.escape(n)}\b", error.text)]
        why = "they exclude one another: " + _sentence(error.text)
        for roles in (("hint", "dev", "other"), ("test",), ("runtime",)):
            names = [n for n in named if any(r.role in roles for r in self.asked[n])]
            if max([self._loosen(n, why) for n in names], default=False):
                return True
        for until in (dating.python_released(), time.time()):
            words = set(re.findall(r"[a-z0-9][a-z0-9._-]*", error.text.lower()))
            known = {w.rstrip(".").replace("_", "-").replace(".", "-") for w in words}
            names = [
                n for n in known if (self.cache / "index" / f"{n}.json").exists() or n in named
            ]
            if max([self.lift(n, until, why) for n in names], default=False):
                return True
        return any(self._dispensable(n, why) for n in named)


def _admits(specifier: str) -> bool:
    bounds = SpecifierSet(specifier)
    newer = [
        RUNS,
        *(f"7.{minor}.{patch}" for minor in range(5) for patch in range(5)),
        *(f"8.{minor}.{patch}" for minor in range(6) for patch in range(6)),
        "9.0.0",
        "9.0.1",
    ]
    return any(bounds.contains(version) for version in newer)


def _sentence(text: str) -> str:
    """Return the cause that uv names, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    start = next((i for i, line in enumerate(lines) if line.startswith("cause:")), 0)
    body = []
    for line in lines[start:]:
        if not line or line.startswith("hint:"):
            break
        body.append(line)
    return " ".join(body).removeprefix("cause: ").removeprefix("error: ")[:400]
