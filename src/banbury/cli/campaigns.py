"""`banbury campaigns`: list them, fill one, mark gold, export or release what was accepted."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import App, Parameter

from banbury.arena import Tally
from banbury.arena.gold import mark_gold
from banbury.cli.terminal import (
    Json,
    Place,
    bar,
    counted,
    next_command,
    out,
    print_json,
    print_table,
)
from banbury.cycle.release import release as make_release
from banbury.cycle.review import review as check
from banbury.cycle.source.importing import export_tasks, import_tasks
from banbury.cycle.source.importing.looking import plan_of
from banbury.cycle.source.importing.uploads import opened, packed
from banbury.episode import new_id
from banbury.errors import InputError
from banbury.people.offers.profiles import skill_named
from banbury.store import Lab
from banbury.store.erasing import EXPORT
from banbury.store.queue import Campaign

app = App(
    name="campaigns",
    help="List campaigns, fill one, mark gold tasks, export or release what was accepted.",
    help_format="plaintext",
)
_SUFFIX = {"jsonl": "jsonl", "labelstudio": "json", "coco": "json"}


@app.command(name="list")
def list_(*, place: Place = Place(), json: Json = False) -> None:
    """List campaigns with how far they are.

    Args:
        place: where the work is kept.
        json: print JSON instead.
    """
    held: list[Campaign] = []
    with place.open(create=False) as lab:
        while page := lab.queue.campaigns(held[-1].name if held else ""):
            held += page
        far = [lab.queue.progress(c.name) for c in held]
    if json:
        print_json([{"campaign": c, "progress": p} for c, p in zip(held, far, strict=True)])
        return
    rows = [
        (c.name, c.gym, c.state, f"{p.tasks:,}", f"{p.review + p.third:,}", f"{p.settled:,}")
        for c, p in zip(held, far, strict=True)
    ]
    columns = ("campaign", "gym", "state", "tasks", "in review", "accepted")
    print_table("Campaigns", columns, rows, right=("tasks", "in review", "accepted"))


@app.command
def fill(
    *,
    campaign: str,
    upload: str,
    file: str = "upload.jsonl",
    known_as: Literal["", "gold", "proposals"] = "",
    skip_broken: Annotated[bool, Parameter(negative="")] = False,
    licence: str = "",
    column: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Take what was uploaded on a campaign's page as its tasks, with the campaign's questions.

    Args:
        campaign: name of the campaign.
        upload: SHA-256 of the uploaded file, which the lab holds as a blob.
        file: name of the file; a zip stands for the folder in it.
        known_as: take results that come with the rows as gold, or as proposals to correct.
        skip_broken: leave broken rows out.
        licence: SPDX id of the content, or LicenseRef-NAME; not stated if left.
        column: of a table: what is labelled; found by the columns' names if left.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab, bar("import", quiet=json) as show:
        held = lab.queue.campaign(campaign)
        if held.gym != "labelling":
            raise InputError(f"the gym {held.gym!r} makes its tasks itself", where=campaign)
        before = lab.queue.rank()
        with opened(lab, upload, file) as path, tempfile.TemporaryDirectory() as aside:
            got = import_tasks(
                lab,
                path,
                plan_of(held, column, licence),
                campaign=held,
                known_as=known_as,
                skip_broken=skip_broken,
                broken_file=Path(aside) / "broken.jsonl",
                progress=lambda done, total, phase: show(Tally(total=total, done=done)),
            )
            broken = (Path(aside) / "broken.jsonl").is_file()
            kept = _kept(lab, Path(aside) / "broken.jsonl") if broken else ""
        last = lab.queue.rank()
    held_before = got.rows - got.broken - got.added
    read = ", ".join(got.columns.values())[:150]
    if json:
        said = {"broken_file": kept, "source": file, "held": held_before, "read": read}
        ranks = {"rank_before": before, "rank_last": last}
        print_json({**msgspec.to_builtins(got), **said, **ranks})
        return
    counts = f"{got.added} new in {campaign}, {held_before} there already, {got.broken} broken"
    out.print(f"{counted(got.rows, 'row')}: {counts}", markup=False)
    if read:
        out.print(f"  labelled: column {read}", markup=False)
    for reason in got.reasons:
        out.print(f"  {reason}", markup=False)


@app.command
def gold(
    *,
    campaign: str,
    share: float = 0.1,
    line: float | None = None,
    shows: str | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Measure people's work by tasks whose right answer is known, which nobody can tell apart.

    Args:
        campaign: name of the campaign.
        share: of its tasks with a known answer, by a hash of each.
        line: share of good work that is asked for; what is set stays if left.
        shows: skill of people that good work in the campaign shows, such as `electrician`; what
            is set stays if left, "" goes by the skill of each task.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        if line is not None:
            lab.queue.change(campaign, line=line)
        if shows is not None:
            lab.queue.change(campaign, shows=skill_named(shows) if shows else "")
        new, known = mark_gold(lab, campaign, share)
        total, rules = lab.queue.gold.count(campaign), lab.queue.campaign(campaign)
    if json:
        said = {"line": rules.line, "shows": rules.shows}
        print_json({"new": new, "gold": total, "known": known, **said})
        return
    out.print(
        f"{counted(total, 'gold task')} of {known} with a known answer, {new} of them new; "
        f"{rules.line:.0%} good work is asked for"
        + (f"; it shows {rules.shows}" if rules.shows else ""), highlight=False,
    )  # fmt: skip


@app.command
def export(
    *,
    campaign: str,
    to: Literal["jsonl", "labelstudio", "coco"] = "jsonl",
    answered: Annotated[bool, Parameter(negative="")] = False,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Write a campaign's tasks and accepted answers into one file, kept as a blob of the lab.

    Args:
        campaign: name of the campaign.
        to: jsonl, labelstudio or coco.
        answered: leave out tasks without an accepted answer.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab, bar("export", quiet=json) as show:
        with tempfile.TemporaryDirectory(prefix="banbury-export-") as folder:
            written = Path(folder) / "out" / f"{to}.{_SUFFIX[to]}"
            written.parent.mkdir()
            got = export_tasks(
                lab,
                written,
                to,
                campaign=campaign,
                only=answered,
                progress=lambda done, total: show(Tally(total=total, done=done)),
            )
            made = packed(written)
            kept, name = _kept(lab, made), made.name
            if got.delivery:
                lab.deliveries.hashed(got.delivery, kept)
    said = {"sha256": kept, "name": name, "tasks": got.tasks, "answered": got.answered}
    if json:
        print_json(said)
        return
    tasks = counted(got.tasks, "task")
    out.print(f"{tasks}, {got.answered} with an answer: {name}, blob {kept}")


@app.command
def release(
    *,
    campaign: str,
    name: str,
    validation: float = 0.05,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Check what people accepted as every release is checked, and freeze what passes.

    Args:
        campaign: name of the campaign.
        name: name of the release.
        validation: share of rows kept for validation.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        ids = list(lab.queue.accepted(campaign))
        if not ids:
            raise InputError(f"no answer of {campaign!r} is accepted yet", do="review some first")
        checked = check(lab, episodes=ids, name=f"{campaign} accepted")
        if not checked.accepted:
            why = ", ".join(f"{n} {reason}" for reason, n in checked.reasons.items())
            answers = counted(len(ids), "accepted answer")
            raise InputError(f"none of {answers} passes the checks: {why}")
        parents = [checked.artifact] if checked.artifact else []
        made = make_release(
            lab, name, episodes=checked.accepted, validation=validation, parents=parents
        )
    if json:
        left = {"left_out": len(checked.rejected), "rows": made.body["rows"]}
        print_json({**msgspec.to_builtins(made), **left})
        return
    rows = counted(made.body["rows"], "row")
    out.print(f"{made.name} version {made.version}: {rows}", markup=False)
    for reason, n in checked.reasons.items():
        out.print(f"  {n} left out: {reason}", markup=False)
    next_command(place, "release", "verify", name)


def _kept(lab: Lab, path: Path) -> str:
    """Keep an export's file, under a key that ends when somebody in it is erased."""
    with path.open("rb") as file:
        return lab.blobs.put(file, key=f"{EXPORT}:{lab.name}:{new_id()}").sha256
