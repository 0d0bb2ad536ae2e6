"""Skills and their parts: dotted paths, of which the longer is a part of the shorter."""

from __future__ import annotations


def within(skill: str, whole: str) -> bool:
    """Say whether a skill is another one or a part of it, as `a.b.c` is of `a.b`."""
    return skill == whole or skill.startswith(whole + ".")


def wholes(skill: str) -> list[str]:
    """Return a skill and what it is a part of, down to two words: the first word is no skill."""
    words = skill.split(".")
    return [skill, *(".".join(words[:n]) for n in range(len(words) - 1, 1, -1))]
