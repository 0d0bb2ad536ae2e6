"""`banbury tasks import` and `export`, where the tasks are code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from banbury.cli.terminal import Place, counted, next_command, out, print_json
from banbury.cycle.source.importing.coding import Taken, export_code, import_code
from banbury.cycle.source.importing.coding.leaving import CodeTo
from banbury.errors import InputError

Bar = Callable[..., AbstractContextManager[Callable[..., None]]]
_TOLD = 5


@dataclass(frozen=True)
class Code:
    """What was asked on the command line."""

    path: Path
    format: str
    campaign: str
    licence: str
    repository: str
    skip_broken: bool
    broken: Path | None


def take_code(asked: Code, place: Place, bar: Bar, *, json: bool) -> None:
    """Take code as tasks, and say what became of it."""
    if asked.campaign:
        raise InputError(
            "code goes into no labelling campaign",
            where="--campaign",
            do="import it, then make a campaign of the gym code_write or code_repair",
        )
    with place.open() as lab, bar("prove", quiet=json) as show:
        got = import_code(
            lab,
            asked.path,
            asked.format,
            licence=asked.licence,
            repository=asked.repository,
            skip_broken=asked.skip_broken,
            broken_file=asked.broken,
            progress=show,
        )
    if json:
        print_json(got)
    else:
        _say(got)
        gym = "code_write" if asked.format in ("humaneval", "mbpp") else "code_repair"
        next_command(place, "tasks", "list", "--gym", gym)


@dataclass(frozen=True)
class Leaving:
    """What was asked to be written."""

    out: Path
    to: CodeTo
    skill: str | None
    tasks: tuple[str, ...]


def leave_code(asked: Leaving, place: Place, bar: Bar, *, json: bool) -> None:
    """Write repairs in a form of others, and say what was written."""
    with place.open(create=False) as lab, bar("export", quiet=json) as show:
        got = export_code(
            lab, asked.out, asked.to, skill=asked.skill, tasks=asked.tasks, progress=show
        )
    if json:
        print_json(got)
        return
    out.print(f"{counted(got.tasks, 'task')} in {got.out}", markup=False)
    if got.there:
        out.print(f"  {got.there} were there already")
    for reason in got.reasons:
        out.print(f"  left out: {reason}", markup=False)


def _say(got: Taken) -> None:
    rows = counted(got.rows, "row")
    out.print(f"{rows} of {got.source} ({got.format}), {got.seconds:.1f} s", markup=False)
    new = counted(got.new, "new task")
    out.print(f"  {new}, each proven with its own reference; {got.there} there already")
    if got.broken:
        out.print(f"  {got.broken} left out, in {got.broken_file}", markup=False)
        for reason in got.reasons[:_TOLD]:
            out.print(f"    {reason}", markup=False)
