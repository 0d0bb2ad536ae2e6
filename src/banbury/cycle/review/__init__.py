"""Review: which episodes may be trained on, and why the others may not."""

from banbury.cycle.review.candidate import Candidate
from banbury.cycle.review.checks import CHECKS, Check, Finding, Limits
from banbury.cycle.review.review import REVIEW, Rejected, Reviewed, review

__all__ = [
    "CHECKS",
    "REVIEW",
    "Candidate",
    "Check",
    "Finding",
    "Limits",
    "Rejected",
    "Reviewed",
    "review",
]
