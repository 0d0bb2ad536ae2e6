"""What became of a candidate, and how its work is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from banbury.cycle.source.mine.account import Account
from banbury.cycle.source.mine.history import Repository
from banbury.episode import Problem
from banbury.store.mining import Candidate

Say = Callable[[str], None]
"""Says in a few words what is being done."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of a candidate.

    Attributes:
        state: `task`, `rejected`, or `failed` where this machine failed it.
        kind: why, in one or two words.
        reason: one sentence.
        remedy: what a user can do.
        problems: the tasks that it became.
        account: its whole story.
        cpu_s: CPU seconds of boxes and of this process.
    """

    state: Literal["task", "rejected", "failed"]
    kind: str = ""
    reason: str = ""
    remedy: str = ""
    problems: Sequence[Problem] = ()
    account: Account = msgspec.field(default_factory=Account)
    cpu_s: float = 0.0


class Stopped(Exception):
    """The whole run is being stopped; what was done is kept."""


class Work(Protocol):
    """Turns a candidate into a verdict; called by several threads at once."""

    def __call__(self, candidate: Candidate, repository: Repository, say: Say) -> Verdict:
        """Return what became of a candidate.

        Raises:
            Stopped: `say` said so.
        """
