"""Probe: where does the model fail? Few rollouts, honest intervals."""

from banbury.cycle.probe.probe import Probe, SkillRate, probe

__all__ = ["Probe", "SkillRate", "probe"]
