"""`banbury compare`: two checkpoints on the same reserved items."""

from __future__ import annotations

import msgspec

from banbury.actors.open import open_policy
from banbury.cli.terminal import Json, Place, bar, out, percent, print_json, print_table
from banbury.cycle.compare.compare import CLOSED, SkillChange
from banbury.cycle.compare.compare import compare as run_compare
from banbury.statistics.paired import PairedDifference


def compare(
    before: str,
    after: str,
    *,
    source: str = "source",
    name: str = "compare",
    before_run: str | None = None,
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
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        sourced = lab.artifact("source", source)
        with (
            open_policy(before, lab) as first,
            open_policy(after, lab) as second,
            bar("compare", quiet=json) as show,
        ):
            artifact = run_compare(
                lab, sourced, first, second, name=name, before_run=before_run, progress=show
            )
    if json:
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body})
    else:
        show_changes(msgspec.convert(artifact.body["skills"], list[SkillChange]))


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


def _unseen(change: PairedDifference | None) -> str:
    if change is None:
        return "-"
    return f"{percent(change.before)} -> {percent(change.after)} of {change.n}"
