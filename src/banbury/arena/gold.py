"""Gold: which tasks of a campaign have a right answer that is known, so that work is measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from banbury.errors import InputError
from banbury.gyms import registry
from banbury.store import Lab


def mark_gold(lab: Lab, campaign: str, share: float = 0.1) -> tuple[int, int]:
    """Mark a share of a campaign's tasks as gold, of those whose gym knows a reference solution.

    Which ones is decided by a hash of the task, so that the same again marks the same, and a larger
    share adds to what is there.

    Returns:
        How many were newly marked, and how many have a known answer.

    Raises:
        UnknownName: there is no such campaign, or its gym is not installed.
        InputError: the share is not in (0, 1], or no task has a known answer.
    """
    if not 0 < share <= 1:
        raise InputError(f"a share of {share:g} of the tasks", do="give more than 0, at most 1")
    known = list(_known(lab, campaign))
    if not known:
        raise InputError(
            "no task of this campaign has a known answer",
            where=f"campaign {campaign!r}",
            do="bring results with the rows of a file, and say that they are right",
        )
    picked = [id for id in known if _place(campaign, id) < share]
    return lab.queue.gold.mark(campaign, picked), len(known)


def _known(lab: Lab, campaign: str) -> Iterator[str]:
    gym = registry.gym(lab.queue.campaign(campaign).gym)
    for task in lab.answered(campaign=campaign):
        if gym.solution(task.problem):
            yield task.problem.task.id


def _place(campaign: str, task: str) -> float:
    """Return a place in [0, 1) that only campaign and task decide."""
    seen = hashlib.sha256(f"gold {campaign} {task}".encode()).digest()
    return int.from_bytes(seen[:4]) / 2**32
