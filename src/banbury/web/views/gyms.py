"""Gyms of which a campaign may be: what their tasks are, of which skills they make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from banbury.gyms import registry

_ABOUT = {
    "desk": "Office work in many steps with mail, calendar, files and contacts.",
    "labelling": "Your own texts, images, sound and video, to be labelled or transcribed.",
    "office": "One mail at a time: which queue it goes to, whether it needs an answer, its order.",
    "reasoning": "Short problems with computed answers, ours and those of reasoning-gym.",
}
"""What the tasks of our own gyms are; of others their skills say it."""
_ALONE = ("review",)
"""Gyms whose tasks come up by themselves."""


class Gym(msgspec.Struct, frozen=True):
    """A gym that a campaign may be of: what its tasks are, its skills with their difficulties."""

    name: str
    skills: list[Skill]
    about: str = ""


class Skill(msgspec.Struct, frozen=True):
    """A skill of which the gym makes tasks itself."""

    name: str
    title: str
    difficulties: list[str]


def offered() -> list[Gym]:
    """Return the gyms that can be loaded, by name; one without skills takes tasks from files."""
    held: dict[str, list[Skill]] = {}
    for name, (gym, skill) in registry.skills().items():
        title = skill.title or name
        held.setdefault(gym.name, []).append(Skill(name, title, list(skill.difficulties)))
    broken: Mapping[str, object] = registry.faults()
    able = [n for n in registry.names() if n not in _ALONE and (n in held or n not in broken)]
    return [Gym(name, held.get(name, []), _about(name, held.get(name, []))) for name in able]


def _about(name: str, skills: Sequence[Skill]) -> str:
    """Return what a gym's tasks are, in a sentence."""
    titles = [skill.title.rstrip(".") for skill in skills]
    more = f", and {len(titles) - 3} more" if len(titles) > 3 else ""
    said = "; ".join(titles[:3]) + more
    return _ABOUT.get(name) or f"{said[:1].upper()}{said[1:]}{'.' if said else ''}"
