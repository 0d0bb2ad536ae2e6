"""The ladder: from what a commit asks for, as of its time, down to what can be had today."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from banbury.cycle.source.mine.environment import dating, index, modules
from banbury.cycle.source.mine.environment.lifts import Lifts
from banbury.cycle.source.mine.environment.needs import Needs, Requirement
from banbury.cycle.source.mine.environment.resolving import (
    Question,
    Unresolved,
    resolve,
    sentence,
)
from banbury.cycle.source.mine.environment.sources import wheel_of
from banbury.gyms.code_repair.building import sdists
from banbury.gyms.code_repair.recipe import Pin

STEPS = 30
"""Most resolutions of one commit."""
NEWER = tuple(
    f"{major}.{minor}.{patch}" for major in (7, 8, 9) for minor in range(6) for patch in range(6)
)
WISH = r"((?:>=|==|>|~=)[\d.]+\w*)"


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
        self.project = needs.project.name
        self.asked: dict[str, list[Requirement]] = {}
        self.later: dict[str, float] = {}
        self.loose: set[str] = set()
        self.wheels: dict[str, Path] = {}
        self._told: dict[str, str] = {}
        self._lifts = Lifts(cache)
        for need in needs.chosen:
            self.asked.setdefault(need.name, []).append(need)
        self.add(Requirement("pytest", (), "", "test", "how tests are run here"))
        self._floors()

    @property
    def log(self) -> tuple[str, ...]:
        """What was given way to, in words."""
        return tuple(f"{what}: {why}" for what, why in self._told.items())

    def _floors(self) -> None:
        self.later = {n: t for n, t in self._lifts.known().items() if t > self.when}
        floor = dating.runner_floor()
        if self.when < floor:
            for name in modules.RUNNER:
                self.later[name] = max(self.later.get(name, 0.0), floor)
            self._told["pytest, its plug-ins and build back-ends"] = (
                "the oldest releases that run on this Python, since those of the commit's time "
                "do not"
            )
        for need in self.asked["pytest"]:
            if need.specifier and not _admits(need.specifier):
                self.loosen("pytest", f"{need.text} does not run on this Python")

    def add(self, need: Requirement) -> bool:
        """Ask for one more distribution; say whether that is new."""
        if need.name == self.project or need in self.asked.get(need.name, []):
            return False
        self.asked.setdefault(need.name, []).append(need)
        return True

    def lift(self, name: str, until: float, why: str) -> bool:
        """Take releases of a distribution up to a later time; say whether that is new."""
        if self.later.get(name, self.when) >= until:
            return False
        self.later[name] = until
        self.wheels.pop(name, None)  # one that was built of an older source
        self._told.setdefault(name, f"from after the commit, since {why}")
        return True

    def loosen(self, name: str, why: str) -> bool:
        """Drop the bounds on a distribution's version; say whether there were any."""
        if name in self.loose or not any(n.specifier for n in self.asked.get(name, [])):
            return False
        self.loose.add(name)
        self._told[name] = f"without the bounds on its version, since {why}"
        return True

    def drop(self, name: str, why: str) -> bool:
        """Do without a distribution; say whether it was asked for."""
        if name == "pytest" or self.asked.pop(name, None) is None:
            return False
        self._told[name] = f"left out, since {why}"
        return True

    def texts(self) -> tuple[str, ...]:
        """Return the requirements as they now stand."""
        out = dict.fromkeys(f"{n} @ {w.resolve().as_uri()}" for n, w in self.wheels.items())
        for name, needs in self.asked.items():
            for need in needs if name not in self.wheels else ():
                extras = f"[{','.join(need.extras)}]" if need.extras else ""
                loose = name in self.loose or (need.pinned and need.role != "runtime")
                out[f"{name}{extras}{'' if loose else need.specifier}"] = None
        return (*out, f"pytest>={dating.OLDEST_PYTEST}")

    def climb(self) -> list[Pin]:
        """Return a resolution, giving way step by step until there is one.

        Raises:
            Fallen: there is none.
            SetupError: the index cannot be reached.
        """
        for _ in range(STEPS):
            try:
                pins = resolve(Question(self.texts(), self.when, self.later), self.cache)
                return [p for p in pins if p.name != self.project]
            except Unresolved as error:
                if not self._give(error):
                    raise Fallen(sentence(error.text)) from error
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
        after, why = self.later.get(name, self.when), "older ones have no wheel for this Python"
        for bounds in dict.fromkeys((self._bounds(name), "")):
            until = index.first(found, bounds, after)
            if until:
                self._lifts.learn(name, index.first(found, "", 0.0))
                if not bounds:
                    self.loosen(name, why)
                return self.lift(name, max(until, after + 1), why)
        if index.fitting(found, "", "wheel") and self.loosen(name, why):
            return True
        return self._source(name)

    def _source(self, name: str) -> bool:
        """Make a wheel of a distribution's source, in a box; else do without it."""
        found = index.files(name, self.cache)
        fitting = index.fitting(found, self._bounds(name), "sdist")
        fitting = fitting or index.fitting(found, "", "sdist")
        if name in self.wheels or not fitting:
            return self._dispense(name, "the index has no wheel of it for this Python")
        until = self.later.get(name, self.when)
        before = [f for f in fitting if f.when <= until]
        file = before[-1] if before else fitting[0]
        try:
            self.wheels[name] = wheel_of(name, file, self.when, self.cache)
        except sdists.BuildFailed as error:
            return self._dispense(name, f"it has no wheel for this Python, and {error}")
        self._told[name] = f"{file.version}, built from its source in a box, as it has no wheel"
        return True

    def _dispense(self, name: str, why: str) -> bool:
        """Do without a distribution if only tests ask for it."""
        needs = self.asked.get(name, [])
        return bool(needs) and all(n.role != "runtime" for n in needs) and self.drop(name, why)

    def _missing(self, name: str) -> bool:
        found = index.files(name, self.cache)
        wheels = [f for f in found if f.kind == "wheel"]
        if wheels:
            until = max(wheels[0].when, self.when) + 1
            return self.lift(name, until, "there was none before")
        return self._source(name) if found else self.drop(name, "the index does not have it")

    def _late(self, name: str, error: Unresolved) -> bool:
        wished = re.findall(rf"\b{re.escape(name)}{WISH}", error.text)
        bounds = self._bounds(name) or max(wished, key=len, default="")
        if not bounds:
            return False
        after = self.later.get(name, self.when)
        until = index.first(index.files(name, self.cache), bounds, after)
        if until:
            return self.lift(name, until, f"none before satisfies {name}{bounds}")
        return self.loosen(name, "the index has no release within them")

    def _conflict(self, error: Unresolved) -> bool:
        """Give way where bounds exclude one another: those of tests first."""
        named = [n for n in self.asked if re.search(rf"\b{re.escape(n)}\b", error.text)]
        why = f"its bounds and others exclude one another: {sentence(error.text)}"
        for roles in (("hint", "dev", "other"), ("test",)):
            names = [n for n in named if any(r.role in roles for r in self.asked[n])]
            if _every(self.loosen(n, why) for n in names):
                return True
        words = re.findall(r"[A-Za-z0-9][\w.-]*[A-Za-z0-9]", error.text)
        involved = [
            n
            for n in dict.fromkeys(canonicalize_name(w) for w in words)
            if n in named or (self.cache / "index" / f"{n}.json").exists()
        ]
        if _every(self.lift(n, dating.python_released(), why) for n in involved):
            return True
        if _every(self.loosen(n, why) for n in named):
            return True
        if _every(self.lift(n, time.time(), why) for n in involved):
            return True
        return any(self._dispense(n, why) for n in named)


def _every(moves: Iterable[bool]) -> bool:
    """Make all moves; say whether any changed anything."""
    return any(tuple(moves))


def _admits(specifier: str) -> bool:
    bounds = SpecifierSet(specifier)
    return any(bounds.contains(v) for v in (dating.OLDEST_PYTEST, *NEWER))
