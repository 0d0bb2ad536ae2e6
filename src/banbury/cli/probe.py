"""`banbury probe`: find where a model fails, with few rollouts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from banbury.actors.open import open_policy
from banbury.cli.choose import skills as chosen
from banbury.cli.judge import Judge
from banbury.cli.terminal import (
    Json,
    Place,
    bar,
    between,
    counted,
    next_command,
    notes,
    out,
    percent,
    print_json,
    print_table,
)
from banbury.cycle.diagnose.picture import picture as draw_map
from banbury.cycle.probe import probe as run_probe
from banbury.store import Artifact


def probe(
    model: str,
    skills: Annotated[Sequence[str], Parameter(consume_multiple=True)],
    *,
    name: str = "probe",
    seed: int = 0,
    threshold: float = 0.5,
    alpha: float = 0.05,
    zone: float = 0.0,
    batch: int = 6,
    most: int = 24,
    budget: int | None = None,
    uniform: Annotated[bool, Parameter(negative="")] = False,
    repeats: int = 1,
    k: int | None = None,
    difficulty: str | None = None,
    dial: Annotated[bool, Parameter(negative="")] = False,
    picture: Path | None = None,
    judge: Judge = Judge(),
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
        alpha: chance that any skill is called wrongly by more than the zone.
        zone: half width of the zone around the threshold in which either call is right.
        batch: tasks of each undecided skill between two looks.
        most: most tasks of one skill.
        budget: rollouts in all, spent on the skills whose side is least certain.
        uniform: the same number to each skill, decided or not: the baseline.
        repeats: attempts at each task, for pass@k; needs a model that samples.
        k: of pass@k; `repeats` if not given.
        difficulty: of the tasks; each skill's easiest if not given.
        dial: find for each skill the difficulty at which some pass and some fail; probe there.
        picture: file to write the pass rates to, as SVG.
        judge: which model grades, where a gym asks one.
        place: where the work is kept.
        json: print JSON instead.
    """
    with place.open() as lab, judge.asked(lab):
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
                zone=zone,
                batch=batch,
                most=most,
                budget=budget,
                uniform=uniform,
                repeats=repeats,
                k=k,
                difficulty=difficulty,
                dial=dial,
                progress=show,
            )
    _tell(artifact, model, picture, place, json)


def _tell(artifact: Artifact, model: str, picture: Path | None, place: Place, json: bool) -> None:
    """Print what a probe found and what comes next, or JSON; draw it into a file if asked for."""
    if picture:
        picture.write_text(draw_map(artifact.body), encoding="utf-8")
        notes.print(f"the pass rates are in {picture}")
    if json:
        print_json({"id": artifact.id, "version": artifact.version, **artifact.body})
    else:
        show_probe(artifact.body)
        next_command(place, "gaps", model, "--probe", artifact.name)


def show_probe(body: dict[str, Any]) -> None:
    """Print a probe as tables, the lowest rates first, and what its numbers mean."""
    rows = sorted(body["skills"], key=lambda r: (r["passes"] / max(1, r["n"]), r["skill"]))
    line = body["threshold"]
    print_table(
        f"Pass rates of {body['actor']['name']}, {counted(body['rollouts'], 'rollout')} in "
        f"{body['seconds']:.0f} s",
        ("skill", "passes", "interval", "0 to 100 %", "any form", "the line"),
        [
            (
                r["skill"],
                f"{r['passes']}/{r['n']}",
                between(r["low"], r["high"]),
                strip(r["low"], r["passes"] / r["n"] if r["n"] else None, r["high"], line),
                percent(r["lenient"]),
                call(r),
            )
            for r in rows
        ],
        right=("passes", "any form"),
    )
    if body["repeats"] > 1:
        show_repeats(body, rows)
    if any(r["dial"] for r in rows):
        show_dials(rows)
    out.print("\n" + meaning(body), highlight=False)


def call(row: dict[str, Any]) -> str:
    """Return what the probe says of one skill; of an undecided one, how likely it is below."""
    text = str(row["decision"])
    if text == "undecided" and row["n"]:
        text += f" ({percent(row['leaning'])} below)"
    return text + (f", {row['failed']} failed" if row["failed"] else "")


def strip(low: float, rate: float | None, high: float, line: float, width: int = 15) -> str:
    """Return an interval within 0 and 1 as one line of text, the line drawn through it."""

    def place(share: float) -> int:
        return min(width - 1, int(share * width))

    cells = ["·"] * width
    cells[place(line)] = "│"
    if rate is not None:
        for at in range(place(low), place(high) + 1):
            cells[at] = "┼" if at == place(line) else "─"
        cells[place(rate)] = "●"
    return "".join(cells)


def show_repeats(body: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Print pass rates and pass@k over tasks that were tried several times."""
    k, tasks = body["k"], "tasks"
    out.print()
    print_table(
        f"{counted(body['repeats'], 'attempt')} at each task; intervals clustered by task",
        ("skill", tasks, "pass rate", "interval", f"pass@{k}", "its interval"),
        [
            (
                r["skill"],
                str(len(r["tasks"])),
                percent(r["rate"]["estimate"]) if r["rate"] else "-",
                between(r["rate"]["low"], r["rate"]["high"]) if r["rate"] else "-",
                percent(r["pass_at_k"]["estimate"]) if r["pass_at_k"] else "-",
                between(r["pass_at_k"]["low"], r["pass_at_k"]["high"]) if r["pass_at_k"] else "-",
            )
            for r in rows
        ],
        right=(tasks, "pass rate", f"pass@{k}"),
    )


def show_dials(rows: Sequence[dict[str, Any]]) -> None:
    """Print what the dial found at each difficulty, the chosen one marked."""
    out.print()
    table = []
    for r in rows:
        dial = r["dial"]
        note = "" if dial["ordered"] else "the difficulties are not in order"
        if dial["of"] == 1:
            table.append((r["skill"], dial["chosen"], "", "", "", "the only difficulty"))
        for tried in dial["tried"]:
            mark = " <" if tried["difficulty"] == dial["chosen"] else ""
            words = ", ".join(w for w in (tried["standing"], note) if w)
            table.append(
                (
                    r["skill"],
                    tried["difficulty"] + mark,
                    str(tried["passes"]),
                    str(tried["n"]),
                    between(tried["low"], tried["high"]),
                    words,
                )
            )
    print_table(
        "Difficulties; < is where the skill was probed",
        ("skill", "difficulty", "passes", "of", "interval", "against 10 to 90 %"),
        table,
        right=("passes", "of"),
    )


def meaning(body: dict[str, Any]) -> str:
    """Return the rule, its error and what was spent, in a few sentences."""
    line, zone = body["threshold"], body["zone"]
    wrong = f"on the wrong side of {percent(line)}"
    if zone:
        wrong = (
            f"called below at {percent(line + zone)} or more, or above at {percent(line - zone)}"
        )
        wrong += " or less"
    if body["uniform"]:
        how = "The same number of rollouts went to each skill"
    else:
        how = "Successive elimination: a skill is dropped once it is decided"
    if body["budget"] is not None:
        how += f", within a budget of {counted(body['budget'], 'rollout')}"
    undecided = sum(r["decision"] == "undecided" for r in body["skills"])
    said = (
        f"{how}. The chance that any skill is {wrong} is at most {percent(body['alpha'])}, however "
        "often one looked (a confidence sequence for each, the error shared by all)."
    )
    if not undecided:
        return said
    return (
        f"{said} Undecided: {undecided} of {len(body['skills'])}; how likely they are below is a "
        "guess from skills of the same domain."
    )
