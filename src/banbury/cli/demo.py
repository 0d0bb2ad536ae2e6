"""`banbury demo`: the whole loop on a small real model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from banbury.actors.person import PersonPolicy
from banbury.actors.policy import Left
from banbury.arena import jobs_of
from banbury.cli.form import TerminalForm
from banbury.cli.judge import Judge
from banbury.cli.play import sit_through, tidy_terminal
from banbury.cli.report import tell, write
from banbury.cli.settings import settings
from banbury.cli.terminal import Json, Place, bar, counted, notes, print_json
from banbury.cli.terminal import out as console
from banbury.episode import Problem
from banbury.errors import InputError
from banbury.experiments import Plan, result, run_loop, summary
from banbury.experiments.loop import Person
from banbury.store import Lab

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

TASKS = 6
"""Tasks of a person who takes part, if no number is given."""


def demo(
    *,
    out: Path = Path("demo"),
    seed: int = 0,
    plan: Path | None = None,
    as_me: Annotated[Sequence[int] | None, Parameter(consume_multiple=(0, 1), negative="")] = None,
    judge: Judge = Judge(),
    json: Json = False,
) -> None:
    """Run the whole loop on SmolLM2-135M: find gaps, make data, train, measure again.

    The store lies in the folder `store` under `out`; the same command carries on where it was
    stopped, and once it is done it writes the report again.

    Args:
        out: folder for the store, report.html and result.json.
        seed: of tasks, training and sampling.
        plan: a JSON file that changes the plan, such as {"gaps": 3}.
        as_me: take part: after the gaps are named, do so many training tasks of them yourself
            (6 if no number is given); what passes is trained on like all the rest.
        judge: which model grades, where a gym of the plan asks one.
        json: print the result as JSON.
    """
    mine = {} if as_me is None else {"as_me": (list(as_me) or [TASKS])[0]}
    planned = settings(Plan, plan, "plan", {"skills": SKILLS, "seed": seed, **mine})
    if planned.as_me < 0 or (mine and planned.as_me < 1):
        raise InputError(f"nobody can do {planned.as_me} tasks", do="give --as-me at least 1")
    name = f"demo-{seed}"
    place = Place(store=str((out / "store").resolve()), lab="demo")
    with place.open() as lab, judge.asked(lab):
        if not json:
            notes.print("probe -> diagnose -> source -> review -> release -> train -> probe again")
        try:
            person = _asked(json) if planned.as_me else None
            done = run_loop(lab, name, planned, lambda label: bar(label, quiet=json), person)
        except Left:
            notes.print("You left; the same command carries on.")
            raise SystemExit(130) from None
        took_part = f" --as-me {planned.as_me}" if planned.as_me else ""
        data = summary(lab, done, command=f"banbury demo --seed {seed}{took_part}")
    write(data, out)
    if json:
        print_json(result(data))
    else:
        tell(data, out)
        again = f"banbury report {name} --store {out / 'store'} --lab demo --out-dir {out}"
        console.print(f"Computed again from the stored episodes: {again}", soft_wrap=True)


def _asked(quiet: bool) -> Person:
    """Return what lets a person at this terminal do tasks of a run."""

    def ask(lab: Lab, run: str, problems: Sequence[Problem]) -> bool:
        shown = notes if quiet else console
        shown.print(f"Your turn: {counted(len(problems), 'task')} that the model fails at.")
        person = PersonPolicy("me", TerminalForm(shown))
        with tidy_terminal():
            sit_through(lab, run, jobs_of(problems, person), person, shown)
        return not person.left

    return ask
