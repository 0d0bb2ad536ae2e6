"""Episodes for the tests of review and release: real tasks of real gyms, played by scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from banbury.actors.script import Script
from banbury.arena import Job, draw, run
from banbury.episode import Problem, Split
from banbury.gyms import registry
from banbury.gyms.contract import Answer
from banbury.store import Lab

QUEUE = "office.email.queue"
INTENT = "office.email.intent"


def tasks(lab: Lab, skill: str, count: int, split: Split, seed: int = 0) -> list[Problem]:
    return draw(lab, skill, count, split, seed=seed)


def play(
    lab: Lab, problems: Sequence[Problem], run_name: str, said: str | None = None, samples: int = 1
) -> list[str]:
    """Play problems with the reference, or with one fixed answer; return the episodes' ids."""
    by_id = {p.task.id: p for p in problems}
    gym = registry.gym(problems[0].task.gym)

    def actions(task: object) -> Iterable[Answer]:
        return gym.solution(by_id[task.id]) if said is None else [Answer(said)]

    script = Script("reference" if said is None else "fixed", actions)
    jobs = [Job(gym, p, {gym.seats[0]: script}, k) for p in problems for k in range(samples)]
    run(lab, run_name, jobs)
    return [e.id for e in lab.episodes(run=run_name)]
