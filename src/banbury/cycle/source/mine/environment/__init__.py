"""Environments of mined commits: found out, resolved as of its time, proven."""

from banbury.cycle.source.mine.environment.needs import Needs, Project, Requirement
from banbury.cycle.source.mine.environment.reading.whole import requirements
from banbury.cycle.source.mine.environment.resolved import EnvironmentError, Resolved, resolve

__all__ = [
    "EnvironmentError",
    "Needs",
    "Project",
    "Requirement",
    "Resolved",
    "requirements",
    "resolve",
]
