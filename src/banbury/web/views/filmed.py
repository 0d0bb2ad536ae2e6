"""Scenes are given out one at a time, and who filmed a view of one does not confirm it.

Their own hours hang on the answer. So they do on the marks of takes and breaks, which come from the
wearer's phone: one that cannot be is told at once, and nothing of it is kept.

A campaign of confirming may say otherwise, for a lab that has nobody else: `own_views` in its
settings.
"""

from __future__ import annotations

from typing import Any

import msgspec

from banbury import clock
from banbury.episode import Problem, Record
from banbury.errors import InputError, UnknownName
from banbury.gyms.capture.actions import HandIn
from banbury.gyms.capture.film import done
from banbury.gyms.capture.marks import impossible
from banbury.gyms.capture.problems import CONFIRM, FILM
from banbury.gyms.contract import Action
from banbury.store import Lab
from banbury.store.queue import Campaign, Lease

GYM = "capture"
ALLOWED = "own_views"
"""The setting of a campaign that lets wearers confirm their own views."""
WHY = (
    "What waits here is footage that you filmed yourself. Somebody who did not film it looks "
    "whether the views are in step; you need do nothing, and your hours count once they have."
)


def at_once(rules: Campaign, count: int) -> int:
    """Return how many tasks of a campaign a person may hold who asks for some number.

    A scene lasts a day, and whoever holds one keeps it from others: it is not taken ahead.
    """
    return 1 if rules.gym == GYM else count


def barred(lab: Lab, rules: Campaign, person: str) -> list[str]:
    """Return the tasks of a campaign that a person may not have, since they filmed them."""
    if not rules.settings.get("confirms") or rules.settings.get(ALLOWED) is True:
        return []
    return lab.footage.filmed(person, rules.name)


def before(record: Record) -> tuple[Any, ...]:
    """Return what a wearer did on a day that they took back, which the page does again.

    What was filmed is filmed: takes, breaks and claps keep their times.
    """
    if record.episode.skill != FILM:
        return ()
    return tuple(msgspec.to_builtins(a) for a in done(record) if not isinstance(a, HandIn))


def timely(action: Action, taken_ns: int) -> None:
    """Let an action pass whose time can be; actions of other gyms have none.

    Raises:
        InputError: the phone's clock is ahead of ours, or this was before the task was taken.
    """
    if why := impossible(action, taken_ns, clock.wall_ns()):
        raise InputError(why, where="$.at_ms")


def checked(lab: Lab, lease: Lease, problem: Problem) -> None:
    """Give a lease back, and say why, if its holder filmed what they are to confirm.

    The queue gives no such task out; one that was taken in the moment before the queue knew who
    filmed it is found by the task's own lineage.

    Raises:
        InputError: they filmed it.
    """
    if problem.task.skill != CONFIRM or not of_theirs(lab, problem, lease.person):
        return
    if lab.queue.campaign(lease.campaign).settings.get(ALLOWED) is True:
        return
    if lease.state == "active":
        lab.queue.give_back(lease.id)
    raise InputError(
        "you filmed a view of this scene, so somebody else looks whether the views are in step",
        do="reload the page; the task went back to the others",
    )


def of_theirs(lab: Lab, problem: Problem, person: str) -> bool:
    """Say whether a person acted in an episode that a task came from."""
    for id in problem.task.origin.parents:
        try:
            actors = lab.episode(id).actors
        except (UnknownName, InputError):
            continue
        if any(actor.name == person for actor in actors):
            return True
    return False
