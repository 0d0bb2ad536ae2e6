"""`banbury review`: check what was made; keep every reason."""

from __future__ import annotations

import msgspec

from banbury.cli.terminal import Json, Place, next_command, out, print_json, print_table
from banbury.cycle.review import review as run_review


def review(run: str = "source", *, place: Place = Place(), json: Json = False) -> None:
    """Check what was made; keep every reason.

    Args:
        run: the run whose episodes are reviewed.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        found = run_review(lab, run=run)
    if json:
        print_json(msgspec.to_builtins(found))
        return
    print_table(
        f"Review of {run}",
        ("skill", "accepted", "rejected"),
        [(s, str(a), str(r)) for s, (a, r) in found.by_skill.items()],
        right=("accepted", "rejected"),
    )
    for reason, count in sorted(found.reasons.items(), key=lambda pair: -pair[1]):
        out.print(f"  {count} x {reason}", markup=False)
    for note, count in sorted(found.notes.items(), key=lambda pair: -pair[1]):
        out.print(f"  note: {count} x {note}", markup=False)
    if found.accepted:
        next_command(place, "release", "NAME", "--run", run)
