"""The registry: every gym, ours or a third party's, comes in by one line.

A gym in Python is one entry point in the group `banbury.gyms`. A gym without Python is a folder
with a `gym.toml`, found through the environment's `BANBURY_GYMS`: a list of folders (with `:`
between them), each a gym or a folder of gyms.

A gym that cannot be loaded takes no other down: it is left out of `skills`, `faults` says why,
and asking for it by name is an error.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType

from banbury.errors import BanburyError, GymError, UnknownName
from banbury.gyms.contract import Gym, Skill
from banbury.gyms.table.gym import table_gym
from banbury.gyms.table.settings import SETTINGS

GROUP = "banbury.gyms"
FOLDERS = "BANBURY_GYMS"
_OURS = "banbury.gyms."
_COMES_IN = f"A gym of your own comes in by `pip install -e FOLDER`, a table by {FOLDERS}"


@dataclass(frozen=True)
class _Source:
    """Where a gym comes from, an entry point or a folder, and how one does without it."""

    name: str
    where: str
    load: Callable[[], object]
    leave: str


@dataclass(frozen=True)
class _Known:
    """What all sources together offer."""

    gyms: Mapping[str, Gym]
    skills: Mapping[str, tuple[Gym, Skill]]
    faults: Mapping[str, GymError]
    disputed: Mapping[str, tuple[str, ...]]


def names() -> list[str]:
    """Return the names of all registered gyms, sorted, those that cannot be loaded included."""
    return sorted({source.name for source in _sources(_folders())})


def faults() -> Mapping[str, GymError]:
    """Return why a gym, or one of its skills, is left out, by the gym's name."""
    return _known(_folders()).faults


def gym(name: str) -> Gym:
    """Return the gym of that name.

    Raises:
        UnknownName: no such gym is registered.
        GymError: it cannot be loaded, or does not hold a gym.
    """
    return _gym(name, _folders())


def skills() -> Mapping[str, tuple[Gym, Skill]]:
    """Return every skill of every gym that can be loaded, by name, in the gyms' own order."""
    return _known(_folders()).skills


def skill(name: str) -> tuple[Gym, Skill]:
    """Return the gym and the skill of that name.

    Raises:
        UnknownName: no gym covers it.
        GymError: its gym cannot be loaded, or two gyms claim it.
    """
    known = _known(_folders())
    if name in known.skills:
        return known.skills[name]
    if name in known.disputed:
        raise _claimed(name, known.disputed[name])
    for broken, error in known.faults.items():
        if name == broken or name.startswith(broken + "."):
            raise error
    left_out = f"left out: {', '.join(known.faults)}" if known.faults else ""
    hint = "" if known.faults or name.split(".")[0] in known.gyms else _COMES_IN
    raise UnknownName("skill", name, known.skills, where=left_out, hint=hint)


def refresh() -> None:
    """Forget what was found, so that gyms installed meanwhile are seen."""
    for cache in (_sources, _gym, _known):
        cache.cache_clear()


def _folders() -> str:
    return os.environ.get(FOLDERS, "")


@functools.cache
def _sources(folders: str) -> tuple[_Source, ...]:
    leave = "uninstall what registers it"
    entries = [_Source(e.name, e.value, _loader(e), leave) for e in entry_points(group=GROUP)]
    return (*entries, *_tables(folders))


def _loader(entry: EntryPoint) -> Callable[[], object]:
    return lambda: entry.load()()


def _tables(folders: str) -> Iterator[_Source]:
    for text in filter(None, folders.split(os.pathsep)):
        folder = Path(text).expanduser()
        held = [folder] if (folder / SETTINGS).exists() else _inside(folder)
        for one in held or [folder]:
            load = functools.partial(table_gym, one)
            yield _Source(_name(one), str(one), load, f"take it out of {FOLDERS}")


def _inside(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{SETTINGS}"))


def _name(folder: Path) -> str:
    """Return the name in a folder's settings, or the folder's where they cannot be read."""
    try:
        said = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8")).get("name")
    except (OSError, ValueError):
        said = None
    return said if isinstance(said, str) and said else folder.name


@functools.cache
def _gym(name: str, folders: str) -> Gym:
    held = [source for source in _sources(folders) if source.name == name]
    if not held:
        raise _unknown(name, folders)
    ours = [source for source in held if source.where.startswith(_OURS)]
    if len(held) > 1 and len(ours) != 1:
        raise GymError(
            f"gym {name!r} is registered {len(held)} times",
            where=", ".join(source.where for source in held),
            do="uninstall or rename one of them",
        )
    return _made(ours[0] if ours else held[0])


def _unknown(name: str, folders: str) -> UnknownName:
    faults = _known(folders).faults
    left_out = f"left out: {', '.join(faults)}" if faults else ""
    hint = "`banbury gym list` says why one is left out" if faults else _COMES_IN
    known = {source.name for source in _sources(folders)}
    return UnknownName("gym", name, known, where=left_out, hint=hint)


def _made(source: _Source) -> Gym:
    try:
        made = source.load()
        if isinstance(made, Gym):
            made.skills()
    except (Exception, SystemExit) as error:
        raise _unloadable(source, error) from error
    if not isinstance(made, Gym):
        raise GymError(f"{source.where} is not a Gym", where=f"entry point {GROUP}:{source.name}")
    if made.name != source.name:
        raise GymError(
            f"gym {made.name!r} is registered as {source.name!r}",
            where=source.where,
            do="give the entry point the gym's own name",
        )
    return made


def _unloadable(source: _Source, error: BaseException) -> GymError:
    what, where = f"{type(error).__name__}: {error}", source.where
    do = f"mend it, or {source.leave}"
    if isinstance(error, BanburyError):
        what, where, do = error.what, error.where or where, error.do or do
    return GymError(f"gym {source.name!r} cannot be loaded: {what}", where=where, do=do)


@functools.cache
def _known(folders: str) -> _Known:
    gyms: dict[str, Gym] = {}
    faults: dict[str, GymError] = {}
    for name in names():
        try:
            gyms[name] = _gym(name, folders)
        except GymError as error:
            faults[name] = error
    claims: dict[str, list[tuple[Gym, Skill]]] = defaultdict(list)
    for one in gyms.values():
        for skill in one.skills():
            claims[skill.name].append((one, skill))
    found: dict[str, tuple[Gym, Skill]] = {}
    disputed: dict[str, tuple[str, ...]] = {}
    for name, held in claims.items():
        owners = held if len(held) == 1 else [h for h in held if _is_ours(h[0])]
        claimants = tuple(one.name for one, _ in held)
        if len(owners) == 1:
            found[name] = owners[0]
        else:
            owners, disputed[name] = [], claimants
        for one, _ in held:
            if one not in [owner for owner, _ in owners]:
                faults.setdefault(one.name, _claimed(name, claimants))
    return _Known(gyms, MappingProxyType(found), MappingProxyType(faults), disputed)


def _is_ours(one: Gym) -> bool:
    return type(one).__module__.startswith(_OURS) and not hasattr(one, "folder")


def _claimed(skill: str, gyms: Sequence[str]) -> GymError:
    return GymError(
        f"skill {skill!r} is claimed twice",
        where=f"gyms {' and '.join(map(repr, gyms))}",
        do="rename one of them",
    )
