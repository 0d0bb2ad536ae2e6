"""What a person may not be given, since it comes from themselves: footage, their own interview."""

from __future__ import annotations

from banbury.episode import Problem
from banbury.errors import InputError
from banbury.people.interviews import graders
from banbury.people.interviews.room import GRADING
from banbury.store import House, Lab
from banbury.store.queue import Campaign, Lease
from banbury.web.views import filmed


def barred(house: House, lab: Lab, rules: Campaign, person: str) -> tuple[list[str], str]:
    """Return the tasks of a campaign that a person may not have, and why they get none, if so."""
    own = graders.barred(house, lab, rules.name, person)
    return [*filmed.barred(lab, rules, person), *own.tasks], own.why


def checked(lab: Lab, lease: Lease, problem: Problem) -> None:
    """Give a lease back, and say why, if what it is about comes from its holder.

    Raises:
        InputError: it does.
    """
    filmed.checked(lab, lease, problem)
    if lease.campaign != GRADING or not filmed.of_theirs(lab, problem, lease.person):
        return
    if lease.state == "active":
        lab.queue.give_back(lease.id)
    raise InputError(
        "this is an answer of your own interview, so somebody else grades it",
        do="reload the page; the task went back to the others",
    )


def why(house: House, lab: Lab, rules: Campaign, person: str, waiting: int) -> str:
    """Return why nothing of a campaign is given to somebody, "" where they are not the reason."""
    if rules.name == GRADING:
        return graders.why_none(house, lab, person)
    own = len(filmed.barred(lab, rules, person))
    return filmed.WHY if own and own >= waiting else ""
