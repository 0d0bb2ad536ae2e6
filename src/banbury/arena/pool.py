"""The pool of tasks: draw new ones of a skill into a split, never one that has another use."""

from __future__ import annotations

from itertools import islice

import msgspec

from banbury.arena.parts import tasks
from banbury.episode import Problem, Split
from banbury.errors import InputError
from banbury.gyms.contract import Phrasing
from banbury.store import Lab

_PATIENCE = 200
_BATCH = 500
"""So many candidates the store is asked about at once."""


def draw(
    lab: Lab,
    skill: str,
    count: int,
    split: Split,
    *,
    seed: int,
    difficulty: str | None = None,
    phrasing: Phrasing = "seen",
) -> list[Problem]:
    """Return `count` problems of a skill, kept in the lab under `split`.

    The same arguments return the same problems again, so that a run that was killed carries on
    with the tasks it had, and a higher count begins with them. A task that is in another split,
    or whose text is, is passed over.

    Raises:
        UnknownName: no gym covers the skill, or it has no such difficulty.
        InputError: the gym has too few distinct tasks left, or the count is negative.
        Reserved: another process reserved one of them meanwhile; draw again.
    """
    if count < 0:
        raise InputError(f"cannot draw {count} tasks", where=skill)
    found: list[Problem] = []
    texts: set[bytes] = set()
    passed_over = 0
    stream = tasks(lab, skill, split, seed, difficulty, phrasing)
    most = _PATIENCE + 20 * count
    while len(found) < count and passed_over <= most:
        batch = list(islice(stream, min(_BATCH, count - len(found))))
        if not batch:
            break
        ids, others = lab.used([p.task for p in batch], skill, split)
        for problem in batch:
            if passed_over > most:
                break
            text = problem.task.public.text_hash
            if problem.task.id in ids or text in texts or text in others:
                passed_over += 1
                continue
            texts.add(text)
            task = msgspec.structs.replace(problem.task, split=split)
            found.append(msgspec.structs.replace(problem, task=task))
    if len(found) < count:
        raise InputError(
            f"{skill} has only {len(found)} of {count} distinct tasks left for {split!r}",
            where=f"lab {lab.name!r}",
            do="ask for fewer, or for another difficulty",
        )
    lab.put_tasks(found)
    lab.assign([p.task.id for p in found], split)
    return found
