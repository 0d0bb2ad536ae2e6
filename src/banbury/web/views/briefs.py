"""Briefs: a few words by which one task of a list is told from the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from banbury.charts.svg import shown
from banbury.episode import Task
from banbury.store import Lab
from banbury.web.views.steps import decoded

LONGEST = 160
ITEM = 80
"""Characters of an item: an instruction, which says what to do with it, gets more."""
_MOST = 200_000
"""Longer inputs are not read for a list."""


def briefs(lab: Lab, tasks: Iterable[Task]) -> dict[str, str]:
    """Return the words by task: those of its item, of what is reviewed, or its instruction."""
    inputs = {task.id: _inputs(task) for task in tasks if task.gym in ("labelling", "review")}
    about = {id: str(said["task"]) for id, said in inputs.items() if "task" in said}
    subjects = lab.pages.tasks_of(set(about.values()))
    below = {id: _own(task, _inputs(task)) for id, task in subjects.items()}
    return {
        task.id: f"Review of: {below[about[task.id]]}"
        if about.get(task.id) in below
        else _own(task, inputs.get(task.id, {}))
        for task in tasks
    }


def _own(task: Task, inputs: Mapping[str, Any]) -> str:
    item = inputs.get("item")
    found = next(filter(None, map(_said, item.values())), "") if isinstance(item, dict) else ""
    return found or _short(task.public.instruction, LONGEST)


def _said(value: Any) -> str:
    """Return the beginning of a text, or the name of a file."""
    text = value.get("name") if isinstance(value, dict) else value
    return _short(text, ITEM) if isinstance(text, str) else ""


def _short(text: str, most: int) -> str:
    return shown(" ".join(text[: 4 * most].split())[:most])


def _inputs(task: Task) -> Mapping[str, Any]:
    if len(task.public.inputs) > _MOST:
        return {}
    try:
        value, _ = decoded(task.public.inputs.encode("utf-8", "replace"))
    except msgspec.MsgspecError:
        return {}
    return value if isinstance(value, dict) else {}
