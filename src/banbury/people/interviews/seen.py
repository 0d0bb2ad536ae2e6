"""Whom a bank cannot measure: who may see all of it, and the items that a grader has seen."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from banbury.accounts.permissions import TABLE
from banbury.episode import Problem, Task
from banbury.errors import BanburyError
from banbury.gyms.interview.bank import VERIFIABLE
from banbury.gyms.interview.gym import InterviewGym, hidden_of
from banbury.people.interviews.room import GRADING
from banbury.store import Lab

LEAST = 5
"""Items that can be checked below which a try would say too little."""
SEES = frozenset(r for r, reach in TABLE["see", "episodes"].roles.items() if reach == "all")
"""Roles of a lab that may read all its interviews: questions, answers, rubrics, what was right."""
STAFF = (
    "You work in the lab whose questions these are, and may see them with what is right, so they "
    "can say nothing of you. What you do in other work counts as everybody's does."
)
GRADED = (
    "You have graded answers to so many of these questions that too few are left that you have "
    "not seen. What you do in other work counts as everybody's does."
)
_GYM = InterviewGym()
_EVER = 1 << 20
_ROLE = "SELECT role FROM member WHERE lab = :lab AND account = CAST(:a AS uuid)"
_OF = "SELECT episode, task FROM interview WHERE lab = :lab AND skill = :s AND episode = ANY(:e)"


def sees_all(c: sa.Connection, lab: str, account: str) -> bool:
    """Say whether somebody may read every interview that lives in a lab."""
    return c.execute(sa.text(_ROLE), {"lab": lab, "a": account}).scalar() in SEES


def items(c: sa.Connection, lab: Lab, person: str, skill: str) -> frozenset[str]:
    """Return the items of a skill that a person saw as a grader in a lab, by their names.

    Whoever is given an answer to grade sees its question and rubric; with a defence, also the
    question whose answer is defended.
    """
    given = {task.id: task for task in _given(lab, person)}
    params = {t.id: msgspec.json.decode(t.params, type=dict[str, object]) for t in given.values()}
    episodes = sorted({str(p.get("interview", "")) for p in params.values()})
    if not episodes:
        return frozenset()
    rows = c.execute(sa.text(_OF), {"lab": lab.name, "s": skill, "e": episodes}).all()
    held = {row.episode: lab.problem(row.task) for row in rows}
    return frozenset(
        name
        for p in params.values()
        if (problem := held.get(str(p.get("interview", "")))) is not None
        for name in _shown(lab, str(p["interview"]), problem, str(p.get("item", "")))
    )


def enough(problem: Problem) -> bool:
    """Say whether an interview has enough items that can be checked."""
    return sum(i.kind in VERIFIABLE for i in hidden_of(problem).items) >= LEAST


def _given(lab: Lab, person: str) -> Iterator[Task]:
    leases = [*lab.queue.held(person, GRADING), *lab.queue.recent(person, limit=_EVER)]
    for id in dict.fromkeys(e.task for e in leases if e.campaign == GRADING):
        yield lab.task(id)


def _shown(lab: Lab, episode: str, problem: Problem, item: str) -> Iterator[str]:
    """Yield what a grading task showed; all that could be asked where it cannot be read now."""
    hidden = hidden_of(problem)
    if item != hidden.defence.id:
        yield item
        return
    try:
        put = [question for question, _ in _GYM.exchange(lab.read(episode), problem)]
    except BanburyError:  # Whoever was interviewed is erased.
        put = [one.ask for one in hidden.items]
    for one in hidden.items:
        if any(one.ask.strip() in question for question in put):
            yield one.id
