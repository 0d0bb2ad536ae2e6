"""`banbury play`: a person at a gym, in the terminal."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console

from banbury.actors.person import PERSON, PersonPolicy
from banbury.arena import Job, Limits, draw, jobs_of, results, run
from banbury.cli.choose import skills as chosen
from banbury.cli.form import TerminalForm
from banbury.cli.judge import Judge
from banbury.cli.terminal import Json, Place, notes, out, print_json, print_table
from banbury.cycle.diagnose import reference
from banbury.episode import Judgement, Problem, digest
from banbury.gyms import registry
from banbury.gyms.grading import UNGRADED
from banbury.store import Lab, Outcome
from banbury.store.reviews import Review

PATIENT = Limits(seconds=30 * 24 * 3_600.0)
"""A person may go to lunch; nothing but the person ends the episode."""

REPORTED = "person"
"""The check whose rejection says that a person found the task broken."""


def play(
    what: Annotated[Sequence[str], Parameter(consume_multiple=True)],
    *,
    count: int = 5,
    name: str = "play",
    difficulty: str | None = None,
    as_: Annotated[str, Parameter(name="--as")] = "me",
    seed: int = 0,
    judge: Judge = Judge(),
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Do tasks yourself: sit where a model sits, with the same judge.

    What you do is kept as episodes like any model's, step by step; leave with Ctrl-D or quit,
    and the same command carries on.

    Args:
        what: gyms, skills, branches or wildcards; see `banbury gym list`.
        count: how many tasks, taken from the skills in turn.
        name: name of the run; the same name carries on.
        difficulty: of the tasks.
        as_: your pseudonym in this lab; never a real name.
        seed: of the tasks.
        judge: which model grades, where a gym asks one; people do later where none is given.
        place: where the work is kept.
        json: print JSON at the end; the form then goes to standard error.
    """
    names = _skills(what)
    console = notes if json else out
    with place.open() as lab, judge.asked(lab, later=True), tidy_terminal():
        person = PersonPolicy(as_, TerminalForm(console))
        problems = _drawn(lab, names, count, seed, difficulty)
        done = sit_through(lab, name, jobs_of(problems, person), person, console)
    if json:
        print_json({"run": name, "tasks": len(problems), "left": person.left, "episodes": done})
    elif done:
        print_table(
            f"{sum(bool(o.passed) for o in done)} of {len(done)} passed, run {name}",
            ("skill", "episode", "score", ""),
            [(o.skill, o.episode, _score(o), _became(o)) for o in done],
            right=("score",),
        )
    if person.left:
        notes.print("You left; the same command carries on.")


def sit_through(
    lab: Lab, name: str, jobs: Sequence[Job], person: PersonPolicy, console: Console
) -> list[Outcome]:
    """Let a person do tasks one after the other, and return what is held of them in the end.

    What was done before is not asked again, nor what a person has reported as broken.
    """
    held = results(lab, name, jobs)
    broken = _broken(lab, name)
    for number, job in enumerate(jobs, start=1):
        task = job.problem.task
        known = held.get(task.id)
        if (known is not None and known.status == "done") or task.id in broken:
            continue
        title = registry.skill(task.skill)[1].title
        console.rule(f"Task {number} of {len(jobs)}: {title} ({task.skill})", align="left")
        run(lab, name, [job], concurrency=1, limits=PATIENT, tags=(PERSON,))
        if task.id in person.reported:
            _keep_report(lab, name, task.id, person.reported[task.id])
            console.print("Noted: the task is broken. Thank you.")
        if person.left:
            break
        outcome = results(lab, name, [job]).get(task.id)
        verdicts = lab.judgements([outcome.episode]) if outcome else {}
        waits = any(v.components.get(UNGRADED, 0.0) > 0 for ones in verdicts.values() for v in ones)
        if outcome and outcome.status == "done" and (waits or not verdicts):
            console.print(f"Not judged yet: banbury gym grade {job.gym.name} --run {name}")
        if outcome and outcome.episode in verdicts:
            _tell(console, verdicts[outcome.episode][-1])
            if not (outcome.passed or job.gym.keeps_key):
                shown = reference(job.gym, job.problem)
                console.print(f"  the reference: {shown[:1_000]}", markup=False, highlight=False)
    return [o for o in results(lab, name, jobs).values() if o.status == "done"]


@contextmanager
def tidy_terminal() -> Iterator[None]:
    """Leave the terminal as it was, also where Ctrl-C stops a thread that reads a line."""
    if not sys.stdin.isatty():
        yield
        return
    import readline  # noqa: F401, PLC0415  # it gives input() its editing and its history
    import termios  # noqa: PLC0415

    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _skills(what: Sequence[str]) -> list[str]:
    gyms = set(registry.names())
    found: list[str] = []
    for word in what:
        named = [s.name for s in registry.gym(word).skills()] if word in gyms else chosen([word])
        found += [skill for skill in named if skill not in found]
    return found


def _drawn(
    lab: Lab, names: Sequence[str], count: int, seed: int, difficulty: str | None
) -> list[Problem]:
    """Draw tasks that may be handed out, from the skills in turn."""
    order = list(names)
    if len(order) > count:
        random.Random(seed).shuffle(order)
        order = order[:count]
    shares = [count // len(order) + (i < count % len(order)) for i in range(len(order))]
    drawn = [
        draw(lab, skill, share, "train", seed=seed, difficulty=difficulty)
        for skill, share in zip(order, shares, strict=True)
    ]
    return [row[i] for i in range(max(shares)) for row in drawn if i < len(row)]


def _broken(lab: Lab, name: str) -> set[str]:
    failed = {o.episode: o.task for o in lab.outcomes(run=name, status="failed")}
    reviews = lab.reviews(list(failed))
    return {failed[e] for e, rows in reviews.items() if any(r.check == REPORTED for r in rows)}


def _keep_report(lab: Lab, name: str, task: str, reason: str) -> None:
    hash_ = digest(REPORTED.encode())
    lab.put_reviews(
        [
            Review(o.episode, REPORTED, hash_, "reject", (f"the task is broken: {reason}",))
            for o in lab.outcomes(run=name, task=task, status="failed")[-1:]
        ]
    )


def _tell(console: Console, verdict: Judgement) -> None:
    how = "[green]passed[/green]" if verdict.passed else "[red]not passed[/red]"
    console.print(f"The judge: {how}, score {verdict.score:.2f}", highlight=False)
    evidence: Any = msgspec.json.decode(verdict.evidence)
    rows = evidence.items() if isinstance(evidence, dict) else ()
    for key, shown in list(rows)[:8]:
        text = shown if isinstance(shown, str) else msgspec.json.encode(shown).decode()
        console.print(f"  {key}: {text[:300]}", markup=False, highlight=False)


def _became(outcome: Outcome) -> str:
    return {None: "not judged yet", True: "passed", False: ""}[outcome.passed]


def _score(outcome: Outcome) -> str:
    return "-" if outcome.score is None else f"{outcome.score:.2f}"
