"""Which words a content gets: its hash decides, so each content is only ever worded in one way.

A quarter of all contents belongs to the `unseen` wordings. So a reserved task in an unseen wording
can never come back in training in a seen one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from banbury.episode import canonical, digest
from banbury.gyms.contract import Phrasing


def side(skill: str, content: Mapping[str, Any]) -> Phrasing:
    """Return the kind of wording that this content of a skill belongs to."""
    return "unseen" if _bucket(skill, content) % 4 == 0 else "seen"


def choose(skill: str, content: Mapping[str, Any], *wordings: Sequence[str]) -> tuple[int, ...]:
    """Return the index that this content gets in each list of wordings."""
    draw = _bucket(skill, content) // 4
    chosen = []
    for words in wordings:
        draw, index = divmod(draw, len(words))
        chosen.append(index)
    return tuple(chosen)


def fill(words: str, content: Mapping[str, Any]) -> str:
    """Return a wording with its `{slots}` filled; a list is joined by commas."""
    slots = {k: ", ".join(map(str, v)) if isinstance(v, list) else v for k, v in content.items()}
    return words.format(**slots).strip()


def _bucket(skill: str, content: Mapping[str, Any]) -> int:
    return int(digest(skill.encode(), canonical(content))[:12], 16)
