"""`banbury demo`: the whole loop on a small real model."""

from __future__ import annotations

from pathlib import Path

from banbury.cli.report import tell, write
from banbury.cli.settings import settings
from banbury.cli.terminal import Json, Place, bar, notes, print_json
from banbury.cli.terminal import out as console
from banbury.experiments import Plan, result, run_loop, summary

SKILLS: tuple[str, ...] = (
    "office.email.queue",
    "office.email.reply",
    "office.email.order",
    "office.email.intent",
    "reasoning.add",
    "reasoning.subtract",
    "reasoning.multiply",
    "reasoning.even",
    "reasoning.larger",
    "reasoning.pick_word",
    "reasoning.uppercase",
    "reasoning.count_letter",
    "reasoning.sort_numbers",
    "reasoning.table",
    "reasoning.track",
    "reasoning.date_format",
    "rg.chain_sum",
    "rg.time_intervals",
    "rg.word_sequence_reversal",
    "rg.calendar_arithmetic",
    "rg.letter_counting",
)
"""What the demo probes: our own families, real mail, and tasks that others wrote."""


def demo(
    *,
    out: Path = Path("demo"),
    seed: int = 0,
    plan: Path | None = None,
    json: Json = False,
) -> None:
    """Run the whole loop on SmolLM2-135M: find gaps, make data, train, measure again.

    The store lies in the folder `store` under `out`; the same command carries on where it was
    stopped, and once it is done it writes the report again.

    Args:
        out: folder for the store, report.html and result.json.
        seed: of tasks, training and sampling.
        plan: a JSON file that changes the plan, such as {"gaps": 3}.
        json: print the result as JSON.
    """
    planned = settings(Plan, plan, "plan", {"skills": SKILLS, "seed": seed})
    name = f"demo-{seed}"
    place = Place(store=str((out / "store").resolve()), lab="demo")
    with place.open() as lab:
        if not json:
            notes.print("probe -> diagnose -> source -> review -> release -> train -> probe again")
        done = run_loop(lab, name, planned, lambda label: bar(label, quiet=json))
        data = summary(lab, done, command=f"banbury demo --seed {seed}")
    write(data, out)
    if json:
        print_json(result(data))
    else:
        tell(data, out)
        again = f"banbury report {name} --store {out / 'store'} --lab demo --out-dir {out}"
        console.print(f"Computed again from the stored episodes: {again}", soft_wrap=True)
