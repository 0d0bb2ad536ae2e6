"""A repository's history: its units, which of them are repairs, and what is told of each."""

from banbury.cycle.source.mine.history.candidate import Candidate, Dropped, Size
from banbury.cycle.source.mine.history.classify import classify
from banbury.cycle.source.mine.history.export import Exported
from banbury.cycle.source.mine.history.leak import leaks
from banbury.cycle.source.mine.history.patches import diff
from banbury.cycle.source.mine.history.public import known
from banbury.cycle.source.mine.history.repository import Repository, open_repository
from banbury.cycle.source.mine.history.statement import (
    Statement,
    checked,
    rewritten,
    statement,
)
from banbury.cycle.source.mine.history.unit import Change, Unit

__all__ = [
    "Candidate",
    "Change",
    "Dropped",
    "Exported",
    "Repository",
    "Size",
    "Statement",
    "Unit",
    "checked",
    "classify",
    "diff",
    "known",
    "leaks",
    "open_repository",
    "rewritten",
    "statement",
]
