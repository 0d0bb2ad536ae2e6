"""The registry: every gym, ours or a third party's, comes in by one entry-point line."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from banbury.errors import GymError, UnknownName
from banbury.gyms.contract import Gym, Skill

GROUP = "banbury.gyms"


@functools.cache
def _entries() -> dict[str, EntryPoint]:
    return {e.name: e for e in entry_points(group=GROUP)}


def names() -> list[str]:
    """Return the names of all registered gyms, sorted."""
    return sorted(_entries())


@functools.cache
def gym(name: str) -> Gym:
    """Return the gym of that name.

    Raises:
        UnknownName: no such gym is registered.
        GymError: its package cannot be loaded, or does not hold a gym.
    """
    entries = _entries()
    if name not in entries:
        raise UnknownName("gym", name, entries)
    entry = entries[name]
    try:
        made = entry.load()()
    except Exception as error:
        raise GymError(
            f"gym {name!r} cannot be loaded: {error}",
            where=entry.value,
            do="mend or uninstall the package that registers it",
        ) from error
    if not isinstance(made, Gym):
        raise GymError(f"{entry.value} is not a Gym", where=f"entry point {GROUP}:{name}")
    return made


@functools.cache
def skills() -> Mapping[str, tuple[Gym, Skill]]:
    """Return every skill of every gym by name, in the gyms' own order.

    Raises:
        GymError: two gyms claim one skill.
    """
    found: dict[str, tuple[Gym, Skill]] = {}
    for name in names():
        one = gym(name)
        for skill in one.skills():
            if skill.name in found:
                raise GymError(
                    f"skill {skill.name!r} is claimed twice",
                    where=f"gyms {found[skill.name][0].name!r} and {name!r}",
                    do="rename one of them",
                )
            found[skill.name] = (one, skill)
    return MappingProxyType(found)


def skill(name: str) -> tuple[Gym, Skill]:
    """Return the gym and the skill of that name.

    Raises:
        UnknownName: no gym covers it.
    """
    known = skills()
    if name not in known:
        raise UnknownName("skill", name, known)
    return known[name]
