"""The difficulty at which a skill is worked on: where the probe found what it found.

A probe may turn a skill's difficulty to where some pass and some fail. What repairs the gap and
what measures the repair is then drawn at the same one: at an easier one there may be no gap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from banbury.cycle.skills import described
from banbury.episode.definition import Part
from banbury.errors import GymError, UnknownName
from banbury.gyms import registry
from banbury.store import Artifact, Lab

Difficulty = str | Mapping[str, str] | None
"""One for all skills, or by skill; None, "" or a skill without one: where it is drawn by itself."""


def at(difficulty: Difficulty, skill: str) -> str | None:
    """Return the difficulty of one skill, None where it is drawn by itself."""
    if difficulty is None or isinstance(difficulty, str):
        return difficulty or None
    return difficulty.get(skill) or None


def easiest(lab: Lab, name: str) -> str:
    """Return the difficulty at which a skill is drawn by itself, "" where its parts differ.

    Raises:
        UnknownName: no gym covers it.
    """
    levels = {level for part in lab.taxonomy.parts(name) for level in _levels(part)}
    return levels.pop() if len(levels) == 1 else ""


def _levels(part: Part) -> Collection[str]:
    names = registry.skill(part.skill)[1].difficulties
    return part.difficulties(names) if part.asks_difficulty else names[:1]


def worked_at(lab: Lab, sources: Iterable[Artifact], skills: Iterable[str]) -> dict[str, str]:
    """Return the difficulty of those of the skills for which the sources or their probes tell it.

    A source tells those of its own skills, and the probe behind its map those of all others. Of
    several sources the last one counts. A difficulty that a skill no longer has is left out.
    """
    told: dict[str, str] = {}
    taxonomy = lab.taxonomy
    for sourced in sources:
        for row in [*_probed(lab, sourced), *sourced.body["skills"]]:
            for name in taxonomy.current(row["skill"]):
                told[name] = row.get("difficulty", "")
    return {s: told[s] for s in skills if told.get(s) and _offered(lab, s, told[s])}


def sources_of(lab: Lab, tasks: Collection[str]) -> list[Artifact]:
    """Return the sources that made some of these tasks to train on, the newest last."""
    wanted = set(tasks)
    return [
        artifact
        for artifact in lab.artifacts("source")
        if any(not wanted.isdisjoint(made["train"]) for made in artifact.body["skills"])
    ]


def _probed(lab: Lab, sourced: Artifact) -> list[dict[str, str]]:
    """Return the rows of the probe behind a source's map, none where it has no map."""
    for parent in sourced.parents:
        with suppress(UnknownName):
            mapped = lab.artifact("map", parent)
            rows: list[dict[str, str]] = lab.artifact("probe", mapped.body["probe"]).body["skills"]
            return rows
    return []


def _offered(lab: Lab, skill: str, difficulty: str) -> bool:
    with suppress(UnknownName, GymError):
        return difficulty in described(lab, skill)[1].difficulties
    return False
