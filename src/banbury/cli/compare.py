"""`banbury compare`: two checkpoints on the same reserved items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from cyclopts import Parameter

from banbury.actors.open import open_policy
from banbury.cli.choose import skills as chosen
from banbury.cli.judge import Judge
from banbury.cli.terminal import Json, Place, bar, out, percent, print_json, print_table
from banbury.cycle.compare.compare import CLOSED, Guarded, SkillChange, guard_by_route
from banbury.cycle.compare.compare import compare as run_compare
from banbury.cycle.difficulty import worked_at
from banbury.statistics.paired import PairedDifference


def compare(
    before: str,
    after: str,
    *,
    source: str = "source",
    name: str = "compare",
    before_run: str | None = None,
    guard: Annotated[Sequence[str], Parameter(consume_multiple=True)] = (),
    guard_items: int = 100,
    margin: float = 0.10,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Compare two checkpoints on the same reserved items.

    Args:
        before: the base, such as smollm2.
        after: the repaired one, such as checkpoint:NAME.
        source: name of the source that reserved the items.
        name: name of the comparison.
        before_run: run of the base's rollouts, to share them among comparisons.
        guard: other skills, which must not get worse: dotted paths, branches or wildcards.
        guard_items: fresh items of each of them.
        margin: drop in pass rate that the guard must refute.
        judge: which model grades, where a gym asks one.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab, judge.asked(lab):
        others = chosen(guard, lab) if guard else []
        sourced = lab.artifact("source", source)
        worked = {s["skill"] for s in sourced.body["skills"]}
        others = [s for s in others if s not in worked]
        with (
            open_policy(before, lab) as first,
            open_policy(after, lab) as second,
            bar("compare", quiet=json) as show,
        ):
            artifact = run_compare(
                lab, sourced, first, second, name=name, before_run=before_run, progress=show
            )
            gate = None
            if others:
                gate = guard_by_route(
                    lab,
                    first,
                    second,
                    others,
                    name=f"{name}/guard",
                    seed=sourced.body["seed"],
                    items=guard_items,
                    margin=margin,
                    difficulty=worked_at(lab, [sourced], others),
                    progress=show,
                )
    if json:
        found = {"guard": gate.body["found"]} if gate else {}
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body, **found})
        return
    show_changes(msgspec.convert(artifact.body["skills"], list[SkillChange]))
    if gate:
        show_guard(msgspec.convert(gate.body["found"], Guarded), margin)


def show_changes(changes: list[SkillChange]) -> None:
    """Print what changed as a table."""
    print_table(
        "Reserved items, paired",
        ("skill", "items", "before", "after", "difference", "95 % interval", "unseen wordings", ""),
        [
            (
                c.skill,
                str(c.change.n),
                percent(c.change.before),
                percent(c.change.after),
                f"{100 * c.change.difference:+.0f}",
                f"{100 * c.change.low:+.0f} to {100 * c.change.high:+.0f}",
                _unseen(c.unseen),
                "closed" if c.closed else "not closed",
            )
            for c in changes
        ],
        right=("items", "before", "after", "difference"),
    )
    out.print(f"\nClosed: the interval lies above {100 * CLOSED:+.0f} points.")


def show_guard(found: Guarded, margin: float) -> None:
    """Print what became of the skills that were not worked on."""
    points = f"{100 * margin:.0f} points"
    print_table(
        f"\nOther skills: {found.gate.verdict} (a drop of {points}, pooled)",
        ("skill", "items", "routed away", "difference", "verdict"),
        [
            (
                f.skill,
                str(f.n),
                str(found.routed_away.get(f.skill, 0)),
                f"{100 * f.difference:+.0f}",
                f.verdict,
            )
            for f in found.gate.skills
        ],
        right=("items", "routed away", "difference"),
    )


def _unseen(change: PairedDifference | None) -> str:
    if change is None:
        return "-"
    return f"{percent(change.before)} -> {percent(change.after)} of {change.n}"
