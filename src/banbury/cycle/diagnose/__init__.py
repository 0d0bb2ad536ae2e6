"""Diagnose: the map of skills, the gaps in it, their kind and their failures."""

from banbury.cycle.diagnose.diagnose import (
    Example,
    Gap,
    SkillMap,
    choose,
    diagnose,
    reference,
)

__all__ = ["Example", "Gap", "SkillMap", "choose", "diagnose", "reference"]
