"""`banbury gym grade`: a person grades what code cannot, beside or instead of a model."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from banbury.actors.policy import Left
from banbury.cli.play import tidy_terminal
from banbury.cli.terminal import Json, Place, notes, out, print_json
from banbury.episode import Actor, Judgement, Problem, Record
from banbury.errors import InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Gym, final_answer
from banbury.gyms.grading import PERSON, UNGRADED, Gradable, Telling
from banbury.store import Lab

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "s": None, "skip": None}


def grade(
    name: str,
    /,
    *,
    run: str,
    as_: Annotated[str, Parameter(name="--as")] = "me",
    again: Annotated[bool, Parameter(negative="")] = False,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Grade the episodes of a run yourself, criterion by criterion.

    Each becomes a new judgement beside the episode; the newest counts. Leave with Ctrl-D or q, and
    the same command carries on.

    Args:
        name: a gym that leaves criteria to a model or a person.
        run: name of the run.
        as_: your pseudonym in this lab; never a real name.
        again: also what others have judged, a model too, whose grades are not shown.
        place: where the work is kept.
        json: print JSON at the end; the questions then go to standard error.
    """
    gym = registry.gym(name)
    if not isinstance(gym, Gradable) or not gym.needs.asks:
        raise InputError("this gym's judge asks nobody", where=f"gym {name!r}")
    console = notes if json else out
    me = Actor("person", as_).key
    made: list[Judgement] = []
    skipped, left = 0, False
    with place.open(create=False) as lab, tidy_terminal():
        todo = _todo(lab, gym, run, me, again)
        try:
            for number, (record, problem) in enumerate(todo, start=1):
                console.rule(f"Episode {number} of {len(todo)}", align="left")
                met = _asked(console, record, problem, gym.questions(problem))
                if met is None:
                    skipped += 1
                    continue
                verdict = gym.graded(record, problem, met, me)
                lab.judge([verdict])
                made.append(verdict)
        except Left:
            left = True
    if json:
        rows = [{"episode": j.episode, "score": j.score, "passed": j.passed} for j in made]
        print_json({"run": run, "graded": rows, "skipped": skipped, "left": left})
        return
    passed = sum(j.passed for j in made)
    out.print(f"{len(made)} of {len(todo)} graded, {passed} passed, {skipped} skipped, run {run}")


def _todo(lab: Lab, gym: Gym, run: str, me: str, again: bool) -> list[tuple[Record, Problem]]:
    """Return what is to be graded: what nobody judged, or with `again` what I did not.

    Raises:
        UnknownName: the lab has no such run.
    """
    if not lab.known(run):
        raise UnknownName("run", run, {e.key.run for e in lab.episodes(gym=gym.name)})
    return list(_open(lab, gym, run, me, again))


def _open(lab: Lab, gym: Gym, run: str, me: str, again: bool) -> Iterator[tuple[Record, Problem]]:
    for record, judgements in lab.records(run=run, gym=gym.name, status="done"):
        mine = any(j.judge == f"{gym.name}/{PERSON}" and me in _graders(j) for j in judgements)
        waits = judgements and judgements[-1].components.get(UNGRADED, 0.0) > 0
        if mine or (judgements and not again and not waits):
            continue
        problem = lab.problem(record.episode.key.task)
        if isinstance(gym, Gradable) and gym.questions(problem):
            yield record, problem


def _graders(judgement: Judgement) -> list[str]:
    told = msgspec.json.decode(judgement.evidence, type=dict[str, object])
    found = told.get("graded_by")
    return found if isinstance(found, list) else []


def _asked(
    console: Console, record: Record, problem: Problem, questions: Mapping[str, str]
) -> dict[str, bool] | None:
    """Show an answer and return a person's grades, None where one criterion is skipped.

    Raises:
        Left: the person got up.
    """
    gym = registry.gym(problem.task.gym)
    pairs = [(problem.task.public.instruction, final_answer(record))]
    if isinstance(gym, Telling):
        pairs = list(gym.exchange(record, problem))
    for shown, answer in pairs:
        console.print(Panel(Text(shown), title="task", border_style="dim"))
        console.print(Panel(Text(answer or "(nothing)"), title="answer"))
    met: dict[str, bool] = {}
    for name, question in questions.items():
        said = _answered(console, f"{name}: {question}")
        if said is None:
            return None
        met[name] = said
    return met


def _answered(console: Console, question: str) -> bool | None:
    """Return yes, no, or None to skip the episode.

    Raises:
        Left: the person got up.
    """
    console.print(Text(question))
    while True:
        word = _read(console, "y, n, s to skip, q to leave> ").strip().lower()
        if word in _ANSWERS:
            return _ANSWERS[word]
        if word in ("q", "quit"):
            raise Left("the person got up")
        console.print(Text("Type y, n, s or q."), style="yellow")


def _read(console: Console, prompt: str) -> str:
    try:
        if sys.stdin.isatty():
            return input(prompt)
        console.print(prompt, end="", markup=False, highlight=False)
        line = sys.stdin.readline()
        console.print()
    except EOFError:
        raise Left("the person got up") from None
    if not line:
        raise Left("the person got up")
    return line
