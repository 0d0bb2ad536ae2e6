"""A labelling task from what it shows: the one place where its identity is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banbury.episode import (
    Origin,
    Problem,
    Public,
    Secret,
    SkillWeight,
    Span,
    Task,
    canonical,
    digest,
    identity,
)
from banbury.gyms.labelling.actions import Gold, Result
from banbury.gyms.labelling.controls import Control, Inputs

GYM = "labelling"
VERSION = "1"
_IMPORTED = Origin("imported")


def skill_of(controls: Sequence[Control]) -> str:
    """Return the gym's skill for tasks with these controls."""
    kinds = {control.kind for control in controls}
    if kinds == {"spans", "relations"}:
        return f"{GYM}.relations"
    if len(kinds) > 1:
        return f"{GYM}.mixed"
    if kinds == {"choice"} and any(control.many for control in controls):
        return f"{GYM}.choices"
    if kinds == {"segments"} and any(control.text for control in controls):
        return f"{GYM}.captions"
    return f"{GYM}.{controls[0].kind}"


def problem(
    inputs: Inputs,
    gold: Mapping[str, Result],
    instruction: str,
    *,
    media: tuple[Span, ...] = (),
    skill: str = "",
    licence: str = "Apache-2.0",
    origin: Origin = _IMPORTED,
    params: Mapping[str, object] | None = None,
    phrasing: str = "",
) -> Problem:
    """Return a task with its secret.

    Args:
        inputs: what is shown.
        gold: right results by control; empty where nobody knows.
        instruction: what to do.
        media: the blobs that the item names.
        skill: that the task is of, "" for the gym's own; see `skill_of`.
        licence: SPDX id of the content.
        origin: where it comes from.
        params: what makes its identity; None for the content itself, so that the same item with
            the same controls is one task wherever it came from.
        phrasing: id of the wording.
    """
    shown = canonical(inputs)
    said = {"content": digest(shown, instruction.encode())} if params is None else params
    skill = skill or skill_of(inputs.controls)
    task = Task(
        id=identity(GYM, skill, VERSION, said),
        gym=GYM,
        family=skill,
        version=VERSION,
        params=canonical(said).decode(),
        public=Public(instruction, shown.decode(), media, phrasing),
        skills=(SkillWeight(skill),),
        licence=licence,
        origin=origin,
    )
    answer = canonical(Gold(dict(gold))).decode()
    return Problem(task, Secret(task.id, answer))
