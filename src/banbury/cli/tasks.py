"""`banbury tasks`: import tasks for people from files, list them, export what was answered."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from banbury.actors.open import open_policy
from banbury.cli.tasks_code import Code, Leaving, leave_code, take_code
from banbury.cli.terminal import (
    Json,
    Place,
    counted,
    next_command,
    notes,
    out,
    print_json,
    print_table,
)
from banbury.cycle.source.importing import (
    Imported,
    Plan,
    Proposed,
    export_tasks,
    import_tasks,
    propose,
    read_plan,
)
from banbury.cycle.source.importing.coding import CODE, code_format
from banbury.episode import Task
from banbury.errors import InputError, UnknownName
from banbury.gyms.labelling.gym import inputs_of
from banbury.gyms.labelling.problems import GYM
from banbury.store import Lab
from banbury.store.queue import Campaign

app = App(
    name="tasks",
    help="Import tasks for people, list them, export what was answered.",
    help_format="plaintext",
)
_WIDTH = 60
ENOUGH = 0.8
"""How alike answers must be, unless a campaign says otherwise; boxes never agree to the pixel."""


@Parameter(name="*")
@dataclass(frozen=True)
class Rules:
    """Rules of a campaign that is made.

    Attributes:
        overlap: how many people do each task of a new campaign.
        review: share of the answers of a new campaign that a second person sees.
        enough: how alike answers must be so that nobody has to decide between them.
    """

    overlap: Annotated[int, Parameter(name="--overlap")] = 1
    review: Annotated[float, Parameter(name="--review")] = 1.0
    enough: Annotated[float, Parameter(name="--enough")] = ENOUGH


@app.command(name="import")
def import_(
    path: Path,
    *,
    controls: str = "",
    campaign: str = "",
    format: str = "",
    instruction: str = "",
    gold: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    known_as: Literal["", "gold", "proposals"] = "",
    rules: Rules = Rules(),
    licence: str = "",
    model: Annotated[str, Parameter(name="--propose")] = "",
    skip_broken: Annotated[bool, Parameter(negative="")] = False,
    broken: Path | None = None,
    repository: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Take the rows of a file, or the files of a folder, as tasks.

    To label: JSON lines, CSV, Parquet, a folder of images, sound, video and text, the layout of
    Hugging Face datasets, Label Studio JSON and COCO. Code to write or repair: HumanEval, MBPP,
    SWE-bench rows, a Harbor task or a folder of them; each is proven in a box. If a row is broken
    nothing is taken. The same command again takes only what is not there yet.

    Args:
        path: file or folder.
        controls: what is asked: a file (JSON, or a Label Studio XML), or words such as
            'choice mood: good, bad; spans who: person, place'.
        campaign: the campaign that the tasks go into; made if it is not there.
        format: jsonl, csv, parquet, folder, huggingface, labelstudio, coco, humaneval, mbpp,
            swebench or harbor; found out if left.
        instruction: what people are told to do, if the controls do not say it.
        gold: CONTROL=COLUMN: columns that hold known results.
        known_as: take results that come with the rows as gold, or as proposals to correct.
        rules: of a new campaign.
        licence: SPDX id of the content, or LicenseRef-NAME; not stated if left.
        model: a model that answers the campaign's tasks first; people correct what it says.
        skip_broken: leave broken rows out and write them to a file with their reasons.
        broken: that file.
        repository: of SWE-bench rows: a folder or address, with {repo} for each row's own.
        place: where the work is kept.
        json: print JSON instead.
    """
    if model and not campaign:
        raise InputError("a model proposes for a campaign, and none is named", do="add --campaign")
    if format in CODE or (not (format or controls) and (format := code_format(path))):
        code = Code(path, format, campaign, licence, repository, skip_broken, broken)
        take_code(code, place, _bar, json=json)
        return
    plan = _plan(controls, instruction, gold, licence)
    with place.open() as lab:
        into = _campaign(lab, campaign, plan, rules) if campaign else None
        with _bar("import", quiet=json) as show:
            got = import_tasks(
                lab,
                path,
                plan,
                campaign=into,
                format=format,
                skip_broken=skip_broken,
                broken_file=broken,
                known_as=known_as,
                progress=show,
            )
        proposed = _proposed(lab, campaign, model, json) if model else None
    if json:
        _print_both(got, proposed)
    else:
        _tell(got, proposed, campaign, model, place)


@app.command(name="propose")
def propose_(campaign: str, model: str, *, place: Place = Place(), json: Json = False) -> None:
    """Let a model answer a campaign's open tasks; people see that and correct it.

    Args:
        campaign: its name.
        model: such as http://host/v1#MODEL, smollm2 or checkpoint:NAME; it reads words only.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        got = _proposed(lab, campaign, model, json)
    if json:
        print_json(got)
    else:
        _say_proposed(got, model)


def _proposed(lab: Lab, campaign: str, model: str, json: bool) -> Proposed:
    with open_policy(model, lab) as policy, _bar("propose", quiet=json) as show:
        return propose(lab, campaign, policy, progress=show)


def _say_proposed(got: Proposed, model: str) -> None:
    out.print(f"{got.done} of {counted(got.tasks, 'open task')} answered by {model}", markup=False)
    out.print(f"  {got.shown} of these have the right form and are shown to people")
    if got.failed:
        out.print(f"  {got.failed} failed; the same command asks again")
    if got.unread:
        out.print(f"  {got.unread} show files, which the model cannot see; they are left to people")


def _plan(controls: str, instruction: str, gold: tuple[str, ...], licence: str) -> Plan:
    plan = read_plan(controls) if controls else Plan()
    pairs = dict(_pair(one) for one in gold)
    if lost := sorted(set(pairs) - {control.name for control in plan.controls}):
        raise InputError(f"--gold names {lost[0]!r}, which is no control")
    more = {"instruction": instruction, "licence": licence}
    given = {name: value for name, value in more.items() if value}
    return msgspec.structs.replace(plan, gold={**plan.gold, **pairs}, **given)


def _pair(said: str) -> tuple[str, str]:
    name, mark, column = said.partition("=")
    if not (mark and name and column):
        raise InputError(f"{said!r} names no column", do="write --gold CONTROL=COLUMN")
    return name, column


def _campaign(lab: Lab, name: str, plan: Plan, rules: Rules) -> Campaign:
    """Return the campaign of that name, or a new one."""
    try:
        held = lab.queue.campaign(name)
    except UnknownName:
        said = plan.words() if plan.controls else plan.instruction
        return Campaign(name, GYM, name, said, **vars(rules))
    if held.gym != GYM:
        raise InputError(f"the campaign {name!r} is of the gym {held.gym!r}, not {GYM!r}")
    return held


@contextmanager
def _bar(label: str, *, quiet: bool = False) -> Iterator[Callable[..., None]]:
    """Show rows done and time left on standard error."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )
    hidden = quiet or not notes.is_terminal
    with Progress(*columns, console=notes, transient=True, disable=hidden) as progress:
        line = progress.add_task(label, total=None)

        def show(done: int, total: int, phase: str = label) -> None:
            progress.update(line, completed=done, total=total or None, description=phase)

        yield show


def _print_both(got: Imported, proposed: Proposed | None) -> None:
    told = msgspec.to_builtins(got)
    print_json(told if proposed is None else {**told, "model": proposed})


def _tell(
    got: Imported, proposed: Proposed | None, campaign: str, model: str, place: Place
) -> None:
    _say(got, campaign)
    if proposed is not None:
        _say_proposed(proposed, model)
    next_command(place, "tasks", "list", *(["--campaign", campaign] if campaign else []))


def _say(got: Imported, campaign: str) -> None:
    rows = counted(got.rows, "row")
    out.print(f"{rows} of {got.source} ({got.format}), {got.seconds:.1f} s", markup=False)
    if got.carried_on == got.rows:
        out.print("  all of them were taken before; nothing was done")
    elif got.carried_on:
        out.print(f"  carried on behind row {got.carried_on}")
    out.print(f"  {counted(got.new, 'new task')}, {got.there} there already")
    if campaign:
        out.print(f"  {got.added} put into the campaign {campaign}", markup=False)
    if got.proposed:
        out.print(f"  {counted(got.proposed, 'proposal')} kept")
    if got.broken:
        out.print(
            f"  {counted(got.broken, 'broken row')} left out, in {got.broken_file}", markup=False
        )
        for reason in got.reasons[:5]:
            out.print(f"    {reason}", markup=False)


@app.command(name="export")
def export_(
    out_file: Path,
    *,
    to: Literal["jsonl", "labelstudio", "coco", "harbor", "swebench"] = "jsonl",
    campaign: str = "",
    gold: Annotated[bool, Parameter(negative="")] = False,
    answered: Annotated[bool, Parameter(negative="")] = False,
    skill: str | None = None,
    task: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Write tasks with the answers that were accepted, and what they show, to files.

    To harbor and swebench go repairs of code, with their tests and their fix: whoever has these
    files has the answer key.

    Args:
        out_file: the file; images and recordings go into a folder beside it, `NAME-media`, and
            Label Studio's configuration into `NAME.xml`. Of harbor a folder of folders, of swebench
            JSON lines, or Parquet by its name.
        to: jsonl, labelstudio, coco, harbor or swebench.
        campaign: whose tasks; all labelling tasks of the lab, without answers, if left.
        gold: write known results too; whoever has the file then has the answer key.
        answered: leave out tasks without an accepted answer.
        skill: only repairs of this skill.
        task: only these repairs, by id or by its beginning.
        place: where the work is kept.
        json: print JSON instead.
    """
    if to == "harbor" or to == "swebench":
        leave_code(Leaving(out_file, to, skill, task), place, _bar, json=json)
        return
    with place.open(create=False) as lab, _bar("export", quiet=json) as show:
        got = export_tasks(
            lab, out_file, to, campaign=campaign, gold=gold, only=answered, progress=show
        )
    if json:
        print_json(got)
        return
    tasks = counted(got.tasks, "task")
    out.print(f"{tasks}, {got.answered} with an answer, in {got.out}", markup=False)
    if got.files:
        out.print(f"  {counted(got.files, 'file')} beside it", markup=False)


@app.command(name="list")
def list_(
    *,
    campaign: str = "",
    skill: str | None = None,
    gym: str | None = None,
    limit: int = 50,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """List campaigns with how far they are, or tasks.

    Args:
        campaign: list this campaign's tasks.
        skill: list tasks of this skill; `labelling.*` means all skills below.
        gym: list tasks of this gym.
        limit: the most tasks.
        place: where the work is kept.
        json: print JSON instead.
    """
    if limit < 1:
        raise InputError(f"{limit} tasks are none", do="give at least 1")
    with place.open(create=False) as lab:
        if not (campaign or skill or gym):
            _campaigns(lab, json)
            return
        if campaign:
            held = lab.answered(campaign=campaign)
            tasks = [one.problem.task for one in itertools.islice(held, limit)]
        else:
            tasks = list(lab.tasks(gym=gym, skill=skill, limit=limit))
    if json:
        print_json(tasks)
        return
    print_table(
        f"Tasks of {campaign}" if campaign else "Tasks",
        ("task", "skill", "split", "item"),
        [(t.id[:16], t.skill, t.split, _short(_item(t))) for t in tasks],
    )
    if len(tasks) == limit:
        out.print(f"the first {limit}; more with --limit")


def _campaigns(lab: Lab, json: bool) -> None:
    held = []
    after = ""
    while page := lab.queue.campaigns(after):
        held += page
        after = page[-1].name
    if json:
        print_json([{"campaign": c, "progress": lab.queue.progress(c.name)} for c in held])
        return
    rows = [(c.name, c.gym, c.state, str(c.tasks), str(c.overlap)) for c in held]
    print_table(
        "Campaigns", ("name", "gym", "state", "tasks", "overlap"), rows, right=("tasks", "overlap")
    )


def _item(task: Task) -> str:
    """Return the first thing that a task shows; the instruction of another gym's task."""
    if task.gym != GYM:
        return task.public.instruction
    value = next(iter(inputs_of(task.public.inputs, task.id).item.values()), "")
    return value if isinstance(value, str) else value.name or value.mime


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
