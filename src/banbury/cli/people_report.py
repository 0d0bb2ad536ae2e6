"""`banbury people report|calibrate|items`: does the interview predict, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from banbury import store
from banbury.cli.terminal import Json, Place, counted, notes, out, print_json, print_table
from banbury.errors import InputError, StoreFull, UnknownName
from banbury.people.prediction.banks import banks_of
from banbury.people.prediction.html import whole
from banbury.people.prediction.items import Items
from banbury.people.prediction.report import Report, reported
from banbury.people.prediction.simulation import simulation
from banbury.people.prediction.taken import ARROW, taken

Words = Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)]


def report(
    *,
    simulate: Annotated[bool, Parameter(negative="")] = False,
    seed: int = 0,
    retire: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Say whether the interview predicts good work, by skill and by group.

    Args:
        simulate: report simulated people by stated assumptions, and say so.
        seed: of the simulation.
        retire: ask the items no more that are shown to predict nothing; `items` takes it back.
        html: file to write it to as a page.
        place: where the work is kept.
        json: print JSON instead.
    """
    gone: list[str] = []
    if simulate:
        if retire:
            raise InputError("a simulation retires no items", do="leave out --retire")
        found = simulation(seed)
    else:
        with store.open(place.store) as house:
            found = reported(house)
            if retire:
                known, items = banks_of(house), Items(house)
                for use in found.uses:
                    skill, _, field = use.skill.partition(ARROW)
                    gone += items.by_rule(known[skill], use.retire, field)
                found = reported(house)
    if html:
        try:
            html.write_text(whole(found), encoding="utf-8")
        except OSError as error:
            raise StoreFull(f"{html} cannot be written: {error.strerror}") from error
        notes.print(f"the report is in {html}", markup=False)
    if json:
        print_json({"report": found, "retired_now": gone})
        return
    _tell(found, gone)
    if retire and not gone:
        out.print("No item was retired.")


def calibrate(
    skills: Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)] = None,
    /,
    *,
    back: int | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Estimate items' difficulty and discrimination anew, from interviews that were taken.

    Interviews of people about whose record a case is open or stands never count. Each estimate is
    a version of the bank; results of interviews keep the version under which they were asked.

    Args:
        skills: of interviews; all that have enough answers without any.
        back: ask by this older version of one skill again; 0 is the authors' estimates.
        place: where the work is kept.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        known, items = banks_of(house), Items(house)
        for name in skills or ():
            if name not in known:
                raise UnknownName("skill", name, known)
        if back is not None:
            if len(skills or ()) != 1:
                raise InputError("going back is about one skill", do="name it")
            made = [items.back((skills or [""])[0], back)]
        else:
            interviews, left_out = taken(house)
            made = []
            for name in skills or sorted(known):
                try:
                    made.append(items.calibrate(known[name], interviews, left_out))
                except InputError as error:
                    if skills:
                        raise
                    notes.print(str(error), markup=False, highlight=False)
    if json:
        print_json({"versions": made})
        return
    rows = [
        (v.skill, str(v.version), str(v.interviews), str(len(v.items)), f"{v.moved:.2f}", v.note)
        for v in made
    ]
    columns = ("skill", "version", "interviews", "items", "difficulty moved by", "note")
    print_table("Calibrated", columns, rows, right=columns[1:5])


def items(
    skill: str = "",
    item: str = "",
    /,
    *,
    do: Literal["", "retire", "restore"] = "",
    reason: str = "",
    place: Place = Place(),
    json: Json = False,
) -> None:
    """List the items that are asked no more and why; retire one, or ask it again.

    Args:
        skill: of the interview; all without it.
        item: its name; with it, whether it alone is asked no more.
        do: retire the item, or restore it.
        reason: why; it is listed.
        place: where the work is kept.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        held, known = Items(house), banks_of(house)
        if skill and skill not in known:
            raise UnknownName("skill", skill, known)
        if do:
            if not (skill and item):
                raise InputError("a decision is about one item", do="name its skill and the item")
            held.act(known[skill], item, do, "the machine", reason)
        elif skill and item:
            names = [one.id for one in known[skill].items]
            if item not in names:
                raise UnknownName("item", item, names, where=skill)
        found = [one for one in held.retired(skill) if do or item in ("", one.item)]
    if json:
        print_json({"retired": found})
        return
    if not found:
        out.print(f"{item or 'Every item'} is asked.", markup=False, highlight=False)
        return
    rows = [(one.skill, one.item, one.reason) for one in found]
    print_table("Items that are asked no more", ("skill", "item", "why"), rows, whole=("item",))


def _tell(found: Report, gone: list[str]) -> None:
    out.print(found.title, style="bold", markup=False, highlight=False)
    for line in found.assumptions:
        out.print(f"  {line}", markup=False, highlight=False)
    out.print(
        f"{counted(found.interviews, 'interview')} of {counted(found.people, 'person', 'people')}; "
        f"{found.left_out:,} left out since a case is open or stands", highlight=False,
    )  # fmt: skip
    rows = []
    for p in found.predictions:
        seen, mended = (
            f"{r.estimate:.2f} ({r.low:.2f} to {r.high:.2f})" if r else p.note
            for r in (p.observed, p.corrected)
        )
        rows.append((p.skill, p.outcome, f"{p.worked:,} of {p.interviewed:,}", seen, mended))
    columns = ("interview -> work", "outcome", "worked", "correlation as seen", "corrected")
    print_table("What the score says of later work", columns, rows, right=("worked",))
    for use in found.uses:
        said = "says" if len(use.retire) == 1 else "say"
        told = f"{len(use.retire)} of {counted(use.told, 'item')} that can be told"
        line = f"{use.skill}: {told} {said} next to nothing"
        out.print(line, markup=False, highlight=False)
        for one in use.retire:
            done = " Retired now." if one.item in gone else ""
            out.print(f"  {one.item}: {one.why}{done}", markup=False, highlight=False)
    _groups(found)


def _groups(found: Report) -> None:
    rows = [
        (g.skill, g.question, r.group, f"{r.n:,}", f"{r.passed / r.n:.0%}",
         f"{r.impact.ratio:.2f} ({r.impact.low:.2f} to {r.impact.high or 0:.2f})"
         if r.impact and r.impact.ratio is not None else "")
        for g in found.groups for r in g.results
    ]  # fmt: skip
    if rows:
        columns = ("interview", "question", "group", "people", "passed", "ratio")
        print_table("Results by group", columns, rows, right=("people", "passed"))
    for g in found.groups:
        for one in g.biased:
            out.print(f"{one.item} treats “{one.group}” otherwise than their ability says "
                      f"({one.found.size})", markup=False, highlight=False)  # fmt: skip
