"""The reasoning gym: short problems with computed answers."""

from __future__ import annotations

from collections.abc import Mapping

from banbury.gyms.family import Family, FamilyGym
from banbury.gyms.reasoning.families import numbers

_FAMILIES: dict[str, Family] = {f.skill: f for f in (*numbers.FAMILIES,)}


class ReasoningGym(FamilyGym):
    """Families of our own."""

    name = "reasoning"
    version = "1"

    def families(self) -> Mapping[str, Family]:
        """Return our own families by skill."""
        return _FAMILIES
