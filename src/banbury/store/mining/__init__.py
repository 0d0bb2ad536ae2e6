"""Mining: repositories and candidates as rows, a queue that nobody's death disturbs."""

from banbury.store.mining.mining import Mining
from banbury.store.mining.rows import (
    FOREVER,
    LEASE_S,
    TRIES,
    Candidate,
    Count,
    Found,
    Repository,
    Sort,
    State,
)

__all__ = [
    "FOREVER",
    "LEASE_S",
    "TRIES",
    "Candidate",
    "Count",
    "Found",
    "Mining",
    "Repository",
    "Sort",
    "State",
]
