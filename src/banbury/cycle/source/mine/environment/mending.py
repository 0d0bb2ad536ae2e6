"""What to change in an environment whose tests could not be collected."""

from __future__ import annotations

import re
import shlex
import sys
import time

from packaging.utils import canonicalize_name

from banbury.cycle.source.mine.environment import dating, modules, probing, removed
from banbury.cycle.source.mine.environment.ladder import Ladder
from banbury.cycle.source.mine.environment.needs import Needs, Requirement, parsed

ASKED = (
    r"pip3? install (?:-[-\w]+ )*[\"'`]?([A-Za-z0-9][\w.-]*)",
    r"requires? (?:the )?[\"'`]?([A-Za-z0-9][\w.-]*)[\"'`]? (?:package|library|module|plugin)",
)
"""How programs ask for a distribution that they miss."""


class Mender:
    """Reads failures of pytest, and gives the ladder or pytest's arguments a new form.

    Args:
        needs: what the tree asks for.
        ladder: its resolution so far.
    """

    def __init__(self, needs: Needs, ladder: Ladder) -> None:
        self.needs, self.ladder = needs, ladder
        self.arguments = list(needs.test)
        self.install: list[tuple[str, ...]] = []
        self.notes: list[str] = []
        self.tried: set[str] = set()
        self.removed = set(needs.removed) if ladder.when < dating.python_released() else set()

    def mend(self, found: probing.Probe, owners: dict[str, str]) -> bool:
        """Change something that may mend the failure; say whether there was anything.

        Args:
            found: the failed collection.
            owners: distribution by top-level module of what was installed.
        """
        changed = False
        faults = _faults(found)
        for fault in faults:
            changed |= self._one(fault, owners)
        return changed

    def _one(self, fault: str, owners: dict[str, str]) -> bool:
        return (
            self._options(fault)
            or self._plugins(fault)
            or self._names(fault)
            or self._missing(fault, owners)
            or self._asked(fault)
            or self._warnings(fault)
            or self._guilty(fault, owners)
        )

    def _once(self, key: str) -> bool:
        new = key not in self.tried
        self.tried.add(key)
        return new

    def _options(self, fault: str) -> bool:
        match = re.search(r"error: unrecognized arguments: (.*)", fault)
        if not match or not self._once("options " + match[1]):
            return False
        changed = False
        for word in shlex.split(match[1].replace("'", "")):
            name = word.split("=")[0]
            plugin = modules.OPTIONS.get(name, "")
            if plugin and self.ladder.add(self._need(plugin, f"the option {name} of pytest")):
                changed = True
            else:
                changed |= self._without(word)
        return changed

    def _without(self, word: str) -> bool:
        """Take an option out of what pytest is called with."""
        for i, text in enumerate(self.arguments):
            if text.startswith("addopts="):
                words = shlex.split(text.removeprefix("addopts="))
                if word not in words:
                    return False
                words.remove(word)
                self.arguments[i] = f"addopts={shlex.join(words)}"
                self.notes.append(f"pytest runs without {word}, which it does not know here")
                return True
        stay = [w for w in self.needs.addopts if w != word]
        if len(stay) == len(self.needs.addopts):
            return False
        self.arguments += ["-o", f"addopts={shlex.join(stay)}"]
        self.notes.append(f"pytest runs without {word}, which it does not know here")
        return True

    def _plugins(self, fault: str) -> bool:
        match = re.search(r"Missing required plugins: (.*)", fault)
        if not match:
            return False
        names = [re.split(r"[<>=!~ ]", p.strip())[0] for p in match[1].split(",")]
        return any(
            self.ladder.add(self._need(canonicalize_name(n), "required_plugins"))
            for n in names
            if n
        )

    def _names(self, fault: str) -> bool:
        """Put back names that Python removed since."""
        more = removed.named(fault) - self.removed
        self.removed |= more
        return bool(more)

    @property
    def log(self) -> tuple[str, ...]:
        """What was changed, in words."""
        if not self.removed:
            return tuple(self.notes)
        back = f"names that Python removed since are put back in {', '.join(sorted(self.removed))}"
        return (*self.notes, back)

    def _need(self, name: str, origin: str) -> Requirement:
        """Return a requirement, with its bounds where the tree names it anywhere."""
        known = next((r for r in self.needs.pool if r.name == name), None)
        return known or Requirement(name, (), "", "test", origin)

    def _missing(self, fault: str, owners: dict[str, str]) -> bool:
        module = probing.missing(fault)
        top = module.split(".")[0]
        if not module or not self._once("module " + module):
            return False
        if top in owners:
            # The package is there without that part: another release has it.
            return self._lift(owners[top], f"it has no module {module}")
        if self._own(top):
            return self._extensions()
        if top in sys.stdlib_module_names:
            return False
        name = modules.distribution(top)
        added = self.ladder.add(self._need(name, f"the module {top}, which the tests import"))
        if added:
            self.notes.append(
                f"{name}: added, since the module {top} is imported and nothing "
                "that was declared brings it"
            )
        return added

    def _own(self, top: str) -> bool:
        return any(r.split("/")[-1] == top for r in self.needs.project.packages)

    def _extensions(self) -> bool:
        """Compile the project's extension modules, where it has some."""
        project = self.needs.project
        if not project.extensions or not self._once("extensions"):
            return False
        for text in ("setuptools", "wheel", *project.builds):
            need = parsed(text, "test", "what builds the project's extension modules")
            if need is not None:
                self.ladder.add(need)
        self.install.append(("/env/bin/python", "setup.py", "-q", "build_ext", "--inplace"))
        self.notes.append("the project's extension modules are compiled in the box")
        return True

    def _asked(self, fault: str) -> bool:
        """Add what a failure tells its reader to install, if the tree names it anywhere."""
        found = [n for pattern in ASKED for n in re.findall(pattern, fault)]
        known = {r.name: r for r in reversed(self.needs.pool)}
        names = dict.fromkeys(canonicalize_name(n) for n in found)
        # All of them are added, so no generator.
        return True in [self.ladder.add(known[n]) for n in names if n in known]

    def _guilty(self, fault: str, owners: dict[str, str]) -> bool:
        package = probing.guilty(fault)
        name = owners.get(package, "") or owners.get(package.split(".")[0], "")
        return bool(name) and self._lift(name, f"it fails on this Python: {probing.cause(fault)}")

    def _lift(self, name: str, why: str) -> bool:
        for until in (dating.python_released(), time.time()):
            if self.ladder.lift(name, until, why):
                self.ladder.loosen(name, why)
                return True
        return False

    def _warnings(self, fault: str) -> bool:
        if not re.match(r"(\w+\.)*\w*Warning\b", probing.cause(fault)):
            return False
        if not self._once("warnings"):
            return False
        lines = "\n".join(("default", *self.needs.filters))
        self.arguments += ["-o", f"filterwarnings={lines}"]
        self.notes.append("warnings stay warnings: " + probing.cause(fault)[:160])
        return True


def _faults(found: probing.Probe) -> list[str]:
    """Return the text of each failure, at most twelve."""
    parts = re.split(r"(?m)^(?=_{5,} ERROR)", found.printed)
    parts = [p for p in parts if p.startswith("____")] or [found.fault]
    return list(dict.fromkeys(p.split("=== short test summary")[0] for p in parts))[:12]
