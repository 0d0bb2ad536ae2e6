"""`banbury capture`: check footage, show what counts, import briefs of scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from banbury.arena import Tally
from banbury.cli import capture_words as words
from banbury.cli.terminal import Json, Place, bar, counted, next_command, out, print_json
from banbury.cycle.source.footage.loaded import load
from banbury.errors import InputError
from banbury.store import Lab
from banbury.store.footage import Standing

app = App(
    name="capture",
    help="Check head-camera footage, show the hours that count, import briefs, upload.",
    help_format="plaintext",
)
app.command(
    "banbury.cli.capture_upload:upload",
    name="upload",
    help="Bring files into a lab, and carry on after any break.",
)
_ROOM = "banbury.cycle.source.footage"
_PARTS = 100


@app.command
def check(
    files: Annotated[Sequence[Path], Parameter(consume_multiple=True, negative="")] = (),
    *,
    campaign: str = "",
    task: str = "",
    answers: Annotated[Sequence[str], Parameter(negative="")] = (),
    incomplete: Annotated[bool, Parameter(negative="")] = False,
    sidecar: Path | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Synchronize views of one scene, measure how good they are, and count the good hours.

    Either files on disk, of two cameras or more: nothing is kept. Or what was handed in for the
    tasks of a campaign: what is found is kept, and a person is asked to confirm it.

    Args:
        files: footage of two cameras or more; a recording's chapters count as one camera.
        campaign: look at what was handed in for this campaign.
        task: only at this task of it, by its id or how it begins.
        answers: the answers for which the workbench began this; only tells one job from the next.
        incomplete: look at what is in, though views are missing.
        sidecar: write the sidecar of the files into this file.
        place: where the work is kept.
        json: print JSON instead.
    """
    if bool(files) == bool(campaign):
        raise InputError(
            "either files or a campaign are needed",
            do="banbury capture check A.MP4 B.MP4, or --campaign NAME",
        )
    if files:
        _check_files(files, sidecar, json)
    else:
        _check_campaign(campaign, task, incomplete, place, json)


def _check_files(files: Sequence[Path], into: Path | None, json: bool) -> None:
    checking, views = load(f"{_ROOM}.checking"), load(f"{_ROOM}.views")
    form = load(f"{_ROOM}.sidecar")
    brief = load("banbury.gyms.capture.brief").Brief("", "")
    handed = views.views_of(files, hashed=into is not None)
    with _bar("check", json) as report:
        checked = checking.check(handed, brief, report=report)
    body = form.body(checked.sidecar)
    if into is not None:
        load(f"{_ROOM}.writing").write(into, body)
    if json:
        print_json(body)
    else:
        words.show_checked(checked.sidecar)


def _check_campaign(campaign: str, task: str, incomplete: bool, place: Place, json: bool) -> None:
    looking = load(f"{_ROOM}.looking")
    with place.open(create=False) as lab:
        tasks = _tasks(lab, campaign, task, incomplete)
        found: list[Standing] = []
        for number, one in enumerate(tasks):
            with _bar(f"check {number + 1} of {len(tasks)}", json) as report:
                found.append(looking.look(lab, campaign, one, incomplete=incomplete, report=report))
        people = {one.task: lab.footage.shares(campaign, one.task) for one in found}
    if json:
        print_json(
            {
                "campaign": campaign,
                "looked": len(found),
                "good_hours": round(sum(one.good_ms for one in found) / 3.6e6, 4),
                "tasks": [words.standing_json(one, people[one.task]) for one in found],
            }
        )
    else:
        words.show_standings(campaign, found, people)
        next_command(place, "capture", "show", campaign)


def _tasks(lab: Lab, campaign: str, task: str, incomplete: bool) -> list[str]:
    """Return the tasks to look at: the one that is named, or all that are due."""
    lab.queue.campaign(campaign)
    if task:
        return [words.task_of(lab, campaign, task)]
    if incomplete:
        return words.answered(lab, campaign)
    return [due.task for due in lab.footage.due(100_000) if due.campaign == campaign]


@app.command
def show(
    campaign: str = "",
    task: str = "",
    *,
    person: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Show hours by day and person with what was lost and why; of one task, the sidecar.

    Args:
        campaign: only of this campaign.
        task: what was found of one task, by its id or how it begins.
        person: only what this person filmed.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        if task:
            _show_task(lab, campaign, task, json)
            return
        if campaign:
            lab.queue.campaign(campaign)
        said = words.hours(lab, campaign or None, person or None)
    if json:
        print_json(said)
    else:
        words.show_hours(said)


def _show_task(lab: Lab, campaign: str, task: str, json: bool) -> None:
    id = words.task_of(lab, campaign, task)
    standing = lab.footage.standing(campaign, id)
    if standing is None:
        raise InputError("nobody has looked at this task's footage yet", where=f"task {id[:12]}")
    made = lab.artifact("footage", standing.artifact)
    shares = lab.footage.shares(campaign, id)
    if json:
        print_json({**words.standing_json(standing, shares), "sidecar": made.body})
        return
    words.show_standings(campaign, [standing], {id: shares})
    words.show_checked(load(f"{_ROOM}.sidecar").read(made.body))


@app.command
def schema() -> None:
    """Print the JSON Schema of the sidecar."""
    print_json(load(f"{_ROOM}.sidecar").schema())


@app.command(name="import")
def import_(
    path: Path,
    campaign: str,
    *,
    views: int | None = None,
    title: str = "",
    licence: str = "",
    skip_broken: Annotated[bool, Parameter(negative="")] = False,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Take the rows of a CSV or JSON lines file as scenes to be filmed.

    Columns: trade, action (both needed), place, light, good_hours, day, notes, views. The campaign
    is made if it is not there. The same file again adds only what is not there yet.

    Args:
        path: the file.
        campaign: that the scenes go into.
        views: how many people film each scene at once, where the rows do not say; 2 if left.
        title: of a new campaign.
        licence: SPDX id under which the footage may be used; not stated if left.
        skip_broken: leave broken rows out and say why.
        place: where the work is kept.
        json: print JSON instead.
    """
    briefs = load(f"{_ROOM}.briefs")
    with place.open() as lab:
        got = briefs.import_briefs(
            lab, path, campaign, views=views, title=title, licence=licence, skip_broken=skip_broken
        )
    if json:
        print_json(got)
        return
    are = "is" if got.new == 1 else "are"
    scenes, each = counted(got.rows, "scene"), counted(got.views, "view")
    out.print(f"{got.new} of {scenes} {are} new in {campaign}, {each} each")
    for fault in got.broken:
        out.print(f"  left out, {fault}", markup=False)
    next_command(place, "capture", "show", campaign)


@contextmanager
def _bar(label: str, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    with bar(label, quiet=quiet) as show:
        tally = Tally(total=_PARTS)

        def report(what: str, done: float) -> None:
            tally.done, tally.phase = min(_PARTS, round(_PARTS * done)), what
            show(tally)

        yield report
