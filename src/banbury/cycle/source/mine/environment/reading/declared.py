"""What the readers of single files find, to be put together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from banbury.cycle.source.mine.environment.needs import Requirement, Role, parsed

TESTS = re.compile(
    r"^(unit|ci|pip|py)?[-_.]?(tests?|testing|pytest|unittests?)([-_.].*)?$|[-_.]tests?$"
)
"""Names of extras, groups and files with what tests need."""
DEVELOPERS = re.compile(r"^(dev|devel|develop|development|developer|local|all[-_]?dev)([-_.].*)?$")


def role_of(name: str) -> Role:
    """Return why the distributions of an extra or a group are named."""
    plain = name.lower()
    if TESTS.search(plain):
        return "test"
    return "dev" if DEVELOPERS.search(plain) else "other"


class Found:
    """What one file, or all of them, say of a project."""

    def __init__(self) -> None:
        self.title = ""
        self.version = ""
        self.version_from = ""
        """`attr:PACKAGE.NAME`, `file:PATH`, `module:PATH`, or `tag`."""
        self.python = ""
        self.backend = ""
        self.builds: list[str] = []
        self.roots: list[str] = []
        self.entry_points: dict[str, dict[str, str]] = {}
        self.requirements: list[Requirement] = []
        self.wanted: set[str] = set()
        """Extras that tox or CI installs."""
        self.written: list[tuple[str, str]] = []
        self.extensions = False
        self.metadata = False
        """Whether it says what the project depends on."""

    def add(self, texts: Iterable[str], role: Role, origin: str, *, pinned: bool = False) -> None:
        """Add requirements; what does not parse or hold here is left out."""
        for text in texts:
            found = parsed(text, role, origin, pinned=pinned)
            if found is not None:
                self.requirements.append(found)

    def script(self, group: str, name: str, target: str) -> None:
        """Add an entry point."""
        if name and target and "\n" not in name + target:
            self.entry_points.setdefault(group, {}).setdefault(name.strip(), target.strip())
