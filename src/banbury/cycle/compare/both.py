"""Two actors on the same items; where the second would let the first answer, it is not asked.

Where the repaired checkpoint's router picks the base and decoding is greedy, the base's own rollout
is the answer, token for token, so it is taken over as a replayed episode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from banbury import clock
from banbury.actors.policy import BASE, Policy, route_of
from banbury.arena import Job, Tally, jobs_of, results, run
from banbury.episode import Cost, Judgement, Parent, Problem, Record, RunKey, new_id
from banbury.store import Lab, Outcome

Progress = Callable[[Tally], None]


def play_both(
    lab: Lab,
    before: Policy,
    after: Policy,
    problems: Sequence[Problem],
    *,
    before_run: str,
    after_run: str,
    progress: Progress | None = None,
) -> None:
    """Play `before` and `after` on the same items, into two runs; what is there is kept.

    Args:
        lab: where the problems are.
        before: the base.
        after: the repaired checkpoint.
        problems: the items.
        before_run: name of the run of `before`.
        after_run: name of the run of `after`.
        progress: called after each episode.

    Raises:
        ActorError, GymError, DeadlineError: not one episode of a run came to a judgement.
    """
    first = jobs_of(problems, before)
    run(lab, before_run, first, tags=("compare",), progress=progress).check(before_run)
    jobs = jobs_of(problems, after)
    same = {p.task.id for p in problems if route_of(after, p.task, before) == BASE}
    base = {task: o for task, o in results(lab, before_run, first).items() if task in same}
    take_over(lab, base, after_run, jobs)
    rest = [job for job in jobs if job.problem.task.id not in same]
    run(lab, after_run, rest, tags=("compare",), progress=progress).check(after_run)


def take_over(lab: Lab, base: Mapping[str, Outcome], after_run: str, jobs: Sequence[Job]) -> int:
    """Write the base's own rollouts as replayed episodes of the repaired checkpoint.

    Args:
        lab: where they are.
        base: what the base did, by task; failed rollouts are left out.
        after_run: the run to write into.
        jobs: who is said to have acted, by task.

    Returns:
        How many were new.
    """
    wanted = {o.episode: o for o in base.values() if o.status == "done"}
    if not wanted:
        return 0
    after = {job.problem.task.id: job for job in jobs}
    records: list[Record] = []
    verdicts: list[Judgement] = []
    for record, judgements in lab.records(run=next(iter(wanted.values())).run, status="done"):
        if record.episode.id not in wanted or not judgements:
            continue
        job = after[record.episode.key.task]
        episode = msgspec.structs.replace(
            record.episode,
            id=new_id(),
            key=RunKey(after_run, *job.key),
            actors=tuple(job.policies[seat].actor for seat in job.gym.seats),
            parents=(Parent(record.episode.id, "replayed"),),
            segments=(),
            cost=Cost(),
            route=BASE,
        )
        records.append(Record(episode, record.steps))
        verdicts.append(
            msgspec.structs.replace(
                judgements[-1], id=new_id(), episode=episode.id, created_ns=clock.wall_ns()
            )
        )
    return sum(w.new for w in lab.write(records, verdicts))
