"""Which skills a verb is about: names and patterns, or the default set of the demo."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase

from banbury.cycle.skills import known
from banbury.errors import UnknownName
from banbury.gyms import registry
from banbury.store import Lab, Taxonomy


def skills(patterns: Sequence[str], lab: Lab | None = None) -> list[str]:
    """Return the skills that the patterns name, in the registry's order, each once.

    A pattern is a dotted path (`reasoning.sort_numbers`), a branch of the tree (`office.email`),
    or a wildcard (`rg.*`). With a lab, the names that it gave come after the gyms' own, and one
    that is out of use stands for what took its place.

    Raises:
        UnknownName: a pattern names nothing.
        GymError: it names a gym that cannot be loaded.
    """
    taxonomy = lab.taxonomy if lab else Taxonomy(())
    every = list(dict.fromkeys([*registry.skills(), *taxonomy.names()]))
    found: set[str] = set()
    for pattern in patterns:
        hits = [
            s
            for s in every
            if s == pattern or s.startswith(pattern + ".") or fnmatchcase(s, pattern)
        ]
        if not hits:
            with suppress(UnknownName):
                registry.skill(pattern)  # says what is wrong with its gym
            raise UnknownName("skill", pattern, known(taxonomy))
        found.update(c for s in hits for c in taxonomy.current(s))
    return [s for s in every if s in found]
