"""Environments of mined commits: found out, resolved as of its time, proven."""

from banbury.cycle.source.mine.environment.needs import Needs, Project, Requirement
from banbury.cycle.source.mine.environment.reading.whole import requirements
from banbury.cycle.source.mine.environment.resolved import EnvironmentError, Resolved, resolve
from banbury.cycle.source.mine.environment.shares import Attempt, Share, attempt, shares

__all__ = [
    "Attempt",
    "EnvironmentError",
    "Needs",
    "Project",
    "Requirement",
    "Resolved",
    "Share",
    "attempt",
    "requirements",
    "resolve",
    "shares",
]
