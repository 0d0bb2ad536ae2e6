"""`banbury probe`: find where a model fails, with few rollouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from banbury.actors.open import open_policy
from banbury.cli.choose import skills as chosen
from banbury.cli.terminal import Json, Place, bar, between, out, percent, print_json, print_table
from banbury.cycle.probe import probe as run_probe


def probe(
    model: str,
    skills: Annotated[Sequence[str], Parameter(consume_multiple=True)],
    *,
    name: str = "probe",
    seed: int = 0,
    threshold: float = 0.5,
    alpha: float = 0.05,
    batch: int = 6,
    most: int = 24,
    difficulty: str | None = None,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Find where a model fails, with few rollouts.

    Args:
        model: smollm2, a Hugging Face id or folder, checkpoint:NAME, http://host/v1#MODEL,
            or script:TEXT.
        skills: dotted paths, branches or wildcards; see `banbury gym list`.
        name: name of the run; the same name carries on where it was stopped.
        seed: of the tasks.
        threshold: pass rate below which a skill is a gap.
        alpha: chance that any skill is put on the wrong side of the threshold.
        batch: rollouts of each undecided skill between two looks.
        most: most rollouts of one skill.
        difficulty: of the tasks.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open() as lab:
        names = chosen(skills, lab)
        with open_policy(model, lab) as policy, bar("probe", quiet=json) as show:
            artifact = run_probe(
                lab,
                policy,
                names,
                name=name,
                seed=seed,
                threshold=threshold,
                alpha=alpha,
                batch=batch,
                most=most,
                difficulty=difficulty,
                progress=show,
            )
    if json:
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body})
    else:
        show_probe(artifact.body)


def show_probe(body: dict[str, Any]) -> None:
    """Print a probe as a table, the lowest rates first."""
    rows = sorted(body["skills"], key=lambda r: (r["passes"] / max(1, r["n"]), r["skill"]))
    print_table(
        f"Pass rates of {body['actor']['name']}, {body['rollouts']} rollouts in "
        f"{body['seconds']:.0f} s",
        ("skill", "passes", "of", "interval", "any form", "against the line"),
        [
            (
                r["skill"],
                str(r["passes"]),
                str(r["n"]),
                between(r["low"], r["high"]),
                percent(r["lenient"]),
                r["decision"] + (f", {r['failed']} failed" if r["failed"] else ""),
            )
            for r in rows
        ],
        right=("passes", "of", "any form"),
    )
    out.print(
        f"\nThe line is at {percent(body['threshold'])}; the intervals hold together at "
        f"{percent(1 - body['alpha'])}, however often one looked."
    )
