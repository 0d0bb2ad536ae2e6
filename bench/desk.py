"""What a 10-step episode at the desk costs, from seat to disk, and the gym's own share of it.

A script plays reference solutions of exactly ten actions of three kinds of task, so what is
measured is gym, arena and store. CPU time of client and server together, as in bench/store.py.

Run: make bench NAME=desk        (about two minutes on one core)
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from banbury import store
from banbury.actors.script import Script
from banbury.arena import Job, run
from banbury.episode import Actor, Problem
from banbury.gyms.check import act
from banbury.gyms.desk.gym import DeskGym
from figures import Row, row, tell
from store import measured

STEPS = 10
KINDS = (
    ("desk.calendar.cancel", "hard"),
    ("desk.calendar.book", "hard"),
    ("desk.files.total", "hard"),
)
BATCH = 300
JOURNALED = 100
PEOPLE = 16
UNIT = "CPU ms / episode"
GYM = DeskGym()


class Person(Script):
    """A script that counts as a person, so that its episodes are journaled step by step."""

    @property
    def actor(self) -> Actor:
        return Actor("person", super().actor.name)


def drawn(count: int) -> list[Problem]:
    """Problems with ten actions, as many of each kind."""
    share = count // len(KINDS)
    found: list[Problem] = []
    for skill, difficulty in KINDS:
        stream = GYM.tasks(skill, seed=1, difficulty=difficulty)
        found += islice((p for p in stream if len(actions(p)) == STEPS), share)
    return found


def actions(problem: Problem) -> list:
    """The reference; its look round is left out where it has eleven actions."""
    found = list(GYM.solution(problem))
    return found[1:] if len(found) == STEPS + 1 else found


def figures(home: Path) -> Iterator[Row]:
    problems = drawn(BATCH)
    plans = {p.task.id: actions(p) for p in problems}
    with store.open(str(home)) as house:
        lab = house.lab("bench")
        server = json.loads((home / "server.json").read_text())["postmaster"]
        lab.put_tasks(problems)
        yield from played(lab, server, problems, plans)
        yield from alone(server, problems, plans)


def played(
    lab: store.Lab, server: int, problems: Sequence[Problem], plans: dict[str, list]
) -> Iterator[Row]:
    script = Script("reference", lambda t: plans[t.id])
    people = [Person(f"tester-{n}", lambda t: plans[t.id]) for n in range(PEOPLE)]
    for what, seated, count, must in (
        ("stored in a batch", [script], BATCH, "<= 1.5"),
        ("journaled, one person at a time", people[:1], JOURNALED, "<= 4"),
        (f"journaled, {PEOPLE} people at once", people, BATCH, "<= 4"),
    ):
        chosen = problems[:: BATCH // count]
        jobs = [Job(GYM, p, {"solver": seated[n % len(seated)]}) for n, p in enumerate(chosen)]

        def work(n: int, what=what, jobs=jobs) -> None:
            tally = run(lab, f"{what} {n}", jobs)
            if tally.passed != len(jobs):
                raise SystemExit(f"{tally.passed} of {len(jobs)} passed")

        client, behind = measured(server, len(jobs), work)
        yield row(f"{STEPS}-step episode, {what}", client + behind, UNIT, must)
        yield row(f"{what}: client", client, UNIT)
        yield row(f"{what}: server", behind, UNIT)


def alone(server: int, problems: Sequence[Problem], plans: dict[str, list]) -> Iterator[Row]:
    records = [act(GYM, p, plans[p.task.id]) for p in problems]

    def play(_: int) -> None:
        for problem in problems:
            env = GYM.start(problem)
            env.opening()
            for action in plans[problem.task.id]:
                env.step("solver", action)
            env.evidence()
            env.close()

    def judge(_: int) -> None:
        for problem, record in zip(problems, records, strict=True):
            GYM.judge(record, problem)

    def snapshot(_: int) -> None:
        for problem in problems:
            env = GYM.start(problem)
            env.restore(env.snapshot())

    playing, _ = measured(server, len(problems), play)
    judging, _ = measured(server, len(problems), judge)
    yield row("the gym alone: play and judge", playing + judging, UNIT, "<= 0.5")
    yield row("the gym alone: play", playing, UNIT)
    yield row("the gym alone: judge", judging, UNIT)
    copying, _ = measured(server, len(problems), snapshot)
    yield row("start, snapshot and restore", copying, UNIT)
    evidence = sum(len(r.steps[-1].payload) for r in records) / len(records)
    yield row("evidence of an episode, as JSON", evidence, "bytes / episode")


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rows = list(figures(Path(folder) / "home"))
    return tell("desk", rows)


if __name__ == "__main__":
    sys.exit(main())
