"""Due: the job that looks at a task's footage begins by itself when its last view is in, once.

What a job is asked for names the answers that are in, so that other answers are another job, and
one that failed waits until a person starts it again.
"""

from __future__ import annotations

from typing import Any

from banbury.store import Lab
from banbury.store.footage import Due
from banbury.store.jobs import Job

VERB = "capture check"


def ask(lab: Lab) -> list[Job]:
    """Ask for a job for each task whose footage is due and for which nobody has asked."""
    asked = []
    for due in lab.footage.due():
        arguments = arguments_of(due)
        if not lab.jobs.known(VERB, arguments):
            asked.append(lab.jobs.add(VERB, arguments))
    return asked


def arguments_of(due: Due) -> dict[str, Any]:
    """Return what the job is told; `answers` only tells one job from the next."""
    return {"campaign": due.campaign, "task": due.task, "answers": list(due.answers)}
