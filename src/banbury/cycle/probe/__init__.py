"""Probe: where does the model fail? Few rollouts, honest intervals."""

from banbury.cycle.probe.found import Dial, Probe, SkillRate
from banbury.cycle.probe.probe import probe

__all__ = ["Dial", "Probe", "SkillRate", "probe"]
