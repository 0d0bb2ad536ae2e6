"""Which skills a verb is about: names and patterns, or the default set of the demo."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from banbury.errors import UnknownName
from banbury.gyms import registry


def skills(patterns: Sequence[str]) -> list[str]:
    """Return the skills that the patterns name, in the registry's order, each once.

    A pattern is a dotted path (`reasoning.sort_numbers`), a branch of the tree (`office.email`),
    or a wildcard (`rg.*`).

    Raises:
        UnknownName: a pattern names nothing.
        GymError: it names a gym that cannot be loaded.
    """
    known = list(registry.skills())
    found: set[str] = set()
    for pattern in patterns:
        hits = [
            s
            for s in known
            if s == pattern or s.startswith(pattern + ".") or fnmatchcase(s, pattern)
        ]
        if not hits:
            registry.skill(pattern)  # says what is wrong with it
            raise UnknownName("skill", pattern, known)
        found.update(hits)
    return [s for s in known if s in found]
