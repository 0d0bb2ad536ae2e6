"""The ways out: repairs as Harbor folders, or as rows of SWE-bench."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from banbury.cycle.source.importing.coding.harbor.writing import harbor_task, name
from banbury.cycle.source.importing.coding.swebench_out import swebench_row
from banbury.cycle.source.importing.files import Unfit
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.formats.harbor import write_task
from banbury.formats.swebench import write_rows
from banbury.gyms.code_repair.repair import GYM
from banbury.store import Lab

CodeTo = Literal["harbor", "swebench"]


class LeftAs(msgspec.Struct):
    """What an export of code brought.

    Attributes:
        out: file or folder.
        tasks: tasks written.
        there: folders that were there already, and were left as they are.
        reasons: of each task that was left out.
    """

    out: str
    tasks: int = 0
    there: int = 0
    reasons: list[str] = []


def export_code(
    lab: Lab,
    out: Path,
    to: CodeTo,
    *,
    skill: str | None = None,
    tasks: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> LeftAs:
    """Write a lab's repairs, with their keys and solutions, and return what was written.

    Args:
        lab: whose tasks.
        out: of `harbor`, a folder, in which each task becomes one; of `swebench`, a file,
            Parquet by its name, else JSON lines.
        to: the format.
        skill: only tasks of this skill.
        tasks: only these, by id or by its beginning; all if none.
        progress: called with (tasks done, tasks in all).

    Raises:
        InputError: there is no such task, or nothing can be written there.
    """
    ids = [task.id for task in lab.tasks(gym=GYM, skill=skill)]
    if tasks:
        ids = [_named(ids, one) for one in tasks]
    if not ids:
        raise InputError(f"the lab has no task of the gym {GYM}", do="mine or import some")
    said = LeftAs(str(out))
    rows = []
    for number, id in enumerate(ids, 1):
        problem = lab.problem(id)
        try:
            if to == "swebench":
                rows.append(swebench_row(problem, _when(lab, problem)))
                said.tasks += 1
            elif (place := out / name(problem)).exists():
                said.there += 1
            else:
                write_task(harbor_task(problem), place)
                said.tasks += 1
        except Unfit as error:
            said.reasons.append(f"{id[:16]}: {error}")
        if progress:
            progress(number, len(ids))
    if to == "swebench":
        write_rows(rows, out)
    return said


def _when(lab: Lab, problem: Problem) -> str:
    """Return when a mined bug was fixed, "" where the lab does not know."""
    for found in lab.mining.candidates(tasks=[problem.task.id]):
        return datetime.datetime.fromtimestamp(found.committed, datetime.UTC).isoformat()
    return ""


def _named(ids: Sequence[str], one: str) -> str:
    found = [id for id in ids if one and id.startswith(one)]
    if len(found) != 1:
        what = "no repair" if not found else f"{len(found)} repairs"
        raise InputError(f"{what} of this lab begin with {one!r}", where="--task")
    return found[0]
