"""The pool of tasks: draw new ones of a skill into a split, never one that has another use."""

from __future__ import annotations

import msgspec

from banbury.arena.parts import tasks
from banbury.episode import Problem, Split, digest
from banbury.errors import InputError
from banbury.gyms.contract import Phrasing
from banbury.store import Lab

_PATIENCE = 200


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
    ids, texts = _taken(lab, skill, split)
    found: list[Problem] = []
    passed_over = 0
    for problem in tasks(lab, skill, split, seed, difficulty, phrasing):
        if len(found) == count or passed_over > _PATIENCE + 20 * count:
            break
        text = _text(problem.task.public.instruction)
        if problem.task.id in ids or text in texts:
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


def _taken(lab: Lab, skill: str, split: Split) -> tuple[set[str], set[str]]:
    """Return ids and texts of the skill's tasks that another use has; `open` ones have none."""
    others = [t for t in lab.tasks(skill=skill) if t.split not in (split, "open")]
    return {t.id for t in others}, {_text(t.public.instruction) for t in others}


def _text(instruction: str) -> str:
    return digest(" ".join(instruction.lower().split()).encode())
