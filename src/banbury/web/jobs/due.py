"""Due: jobs that begin by themselves.

The one that looks at a task's footage begins when its last view is in, once; the one that looks for
strange records once a day, where people have answered something. What a job is asked for names the
answers that are in, or the day, so that others are another job, and one that failed waits until a
person starts it again.
"""

from __future__ import annotations

from typing import Any

from banbury import clock
from banbury.people.cases.cases import LEAST
from banbury.store import Lab
from banbury.store.footage import Due
from banbury.store.jobs import Job

VERB = "capture check"
LOOK = "people look"
_DAY_NS = 86_400 * 10**9


def ask(lab: Lab) -> list[Job]:
    """Ask for a job for each task whose footage is due and for which nobody has asked."""
    asked = []
    for due in lab.footage.due():
        arguments = arguments_of(due)
        if not lab.jobs.known(VERB, arguments):
            asked.append(lab.jobs.add(VERB, arguments))
    today = {"day": clock.wall_ns() // _DAY_NS}
    if not lab.jobs.known(LOOK, today) and _worked(lab):
        asked.append(lab.jobs.add(LOOK, today))
    return asked


def _worked(lab: Lab) -> bool:
    """Say whether people are at work on a campaign, with enough answers for somebody to tell."""
    names = [c.name for c in lab.queue.campaigns() if c.state == "open"]
    return any(share.done >= LEAST for name in names for share in lab.queue.sight.shares(name))


def arguments_of(due: Due) -> dict[str, Any]:
    """Return what the job is told; `answers` only tells one job from the next."""
    return {"campaign": due.campaign, "task": due.task, "answers": list(due.answers)}
