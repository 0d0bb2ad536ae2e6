"""The pool of tasks: draw new ones of a skill into a split, never one that has another use."""

from __future__ import annotations

from banbury.episode import Problem, Split, canonical, digest
from banbury.errors import InputError
from banbury.gyms import registry
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
    with the tasks it had. A task that is in another split, or whose text is, is passed over.

    Raises:
        UnknownName: no gym covers the skill.
        InputError: the gym has too few distinct tasks left.
    """
    gym, _ = registry.skill(skill)
    taken = {t.id: t.split for t in lab.tasks(skill=skill)}
    texts = {_text(t.public.instruction): t.id for t in lab.tasks(skill=skill) if t.split != split}
    found: list[Problem] = []
    passed_over = 0
    mixed = int(digest(canonical([seed, split, skill, phrasing]))[:8], 16)
    own: set[str] = set()
    for problem in gym.tasks(skill, seed=mixed, difficulty=difficulty, phrasing=phrasing):
        if len(found) == count:
            break
        task = problem.task
        text = _text(task.public.instruction)
        if taken.get(task.id, split) != split or text in texts or text in own:
            passed_over += 1
            if passed_over > _PATIENCE + 20 * count:
                break
            continue
        own.add(text)
        found.append(problem)
    if len(found) < count:
        raise InputError(
            f"{skill} has only {len(found)} of {count} distinct tasks left for {split!r}",
            where=f"gym {gym.name!r}",
            do="ask for fewer, or for another difficulty",
        )
    lab.put_tasks(found)
    lab.assign([p.task.id for p in found], split)
    return found


def _text(instruction: str) -> str:
    return digest(" ".join(instruction.lower().split()).encode())
