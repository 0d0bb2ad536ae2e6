"""Two checkpoints on the same reserved items: did the gap close, and did anything else break?

The items were reserved before any training data was drawn. Where the repaired checkpoint's router
picks the base and decoding is greedy, the base's own rollout is the answer, token for token (a
test proves it), so it is taken over as a replayed episode and not run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from banbury import clock
from banbury.actors.policy import Policy, route_of
from banbury.arena import Job, Tally, draw, run, seated
from banbury.episode import (
    Cost,
    Episode,
    Judgement,
    Parent,
    Problem,
    Record,
    RunKey,
    new_id,
)
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.statistics.guard import Guard, guard
from banbury.statistics.paired import PairedDifference, paired_difference
from banbury.store import Artifact, Lab, Outcome

CLOSED = 0.3
"""A gap is closed when the 95 % interval of the paired difference lies above this."""

Progress = Callable[[Tally], None]
BASE = "base"


class SkillChange(msgspec.Struct, frozen=True):
    """What changed on one skill's reserved items.

    Attributes:
        skill: dotted path.
        change: all reserved items, paired.
        seen: those in wordings that training saw, or None if there are none.
        unseen: those in wordings that training never saw, or None if there are none.
        closed: the interval of `change` lies above `CLOSED`.
        routes: how often the router chose each adapter or the base.
    """

    skill: str
    change: PairedDifference
    seen: PairedDifference | None
    unseen: PairedDifference | None
    closed: bool
    routes: dict[str, int]


class Guarded(msgspec.Struct, frozen=True):
    """The guard gate's findings and how many of its items were routed away from the base."""

    gate: Guard
    routed_away: dict[str, int]


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
    """
    run(lab, before_run, _jobs(problems, before), tags=("compare",), progress=progress)
    same = [p for p in problems if route_of(after, p.task, before) == BASE]
    take_over(lab, before_run, after_run, same, after)
    taken = {p.task.id for p in same}
    rest = [p for p in problems if p.task.id not in taken]
    run(lab, after_run, _jobs(rest, after), tags=("compare",), progress=progress)


def take_over(
    lab: Lab, before_run: str, after_run: str, problems: Sequence[Problem], after: Policy
) -> int:
    """Write the base's own rollouts as replayed episodes of the repaired checkpoint."""
    wanted = {p.task.id: p for p in problems}
    if not wanted:
        return 0
    records: list[Record] = []
    verdicts: list[Judgement] = []
    for record, judgements in lab.records(run=before_run, status="done"):
        problem = wanted.get(record.episode.key.task)
        if problem is None or not judgements:
            continue
        gym = registry.gym(record.episode.gym)
        key = RunKey(after_run, problem.task.id, seated(gym, dict.fromkeys(gym.seats, after)))
        episode = msgspec.structs.replace(
            record.episode,
            id=new_id(),
            key=key,
            actors=tuple(after.actor for _ in record.episode.actors),
            parents=(Parent(record.episode.id, "replayed"),),
            cost=Cost(),
            route=BASE,
        )
        records.append(Record(_unsealed(episode), record.steps))
        verdicts.append(
            msgspec.structs.replace(
                judgements[-1], id=new_id(), episode=episode.id, created_ns=clock.wall_ns()
            )
        )
    return sum(w.new for w in lab.write(records, verdicts))


def compare(
    lab: Lab,
    sourced: Artifact,
    before: Policy,
    after: Policy,
    *,
    name: str,
    before_run: str | None = None,
    parents: Sequence[str] = (),
    progress: Progress | None = None,
) -> Artifact:
    """Compare two checkpoints on the reserved items of a source; leave a `comparison` artifact.

    Args:
        lab: where the source and its items are.
        sourced: the `source` artifact that reserved the items.
        before: the base.
        after: the repaired checkpoint.
        name: name of the comparison and of the run of `after`.
        before_run: name of the base's run, to share it among comparisons.
        parents: artifacts that this follows from.
        progress: called after each episode.
    """
    begun = clock.mono_ns()
    first = before_run or f"{name}/before"
    ids = [t for s in sourced.body["skills"] for t in s["reserved_seen"] + s["reserved_unseen"]]
    held = lab.problems(ids)
    play_both(
        lab,
        before,
        after,
        [held[i] for i in ids],
        before_run=first,
        after_run=name,
        progress=progress,
    )
    body = {
        "before_run": first,
        "after_run": name,
        "before": msgspec.to_builtins(before.actor),
        "after": msgspec.to_builtins(after.actor),
        "source": sourced.id,
        "skills": msgspec.to_builtins(changes(lab, sourced, first, name)),
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    return lab.put_artifact("comparison", name, body, parents=[sourced.id, *parents])


def changes(lab: Lab, sourced: Artifact, before_run: str, after_run: str) -> list[SkillChange]:
    """Compute what changed from the stored episodes of two runs.

    Raises:
        InputError: a skill has no item that both runs judged.
    """
    first = {o.task: o for o in lab.outcomes(run=before_run) if o.status == "done"}
    second = {o.task: o for o in lab.outcomes(run=after_run) if o.status == "done"}
    found: list[SkillChange] = []
    for made in sourced.body["skills"]:
        seen, unseen = made["reserved_seen"], made["reserved_unseen"]
        whole = _paired(first, second, [*seen, *unseen])
        if whole is None:
            raise InputError(
                f"no reserved item of {made['skill']} was judged in both runs",
                where=f"runs {before_run!r} and {after_run!r}",
                do="run `banbury compare` again",
            )
        routes = Counter(second[t].route or "none" for t in [*seen, *unseen] if t in second)
        found.append(
            SkillChange(
                skill=made["skill"],
                change=whole,
                seen=_paired(first, second, seen),
                unseen=_paired(first, second, unseen),
                closed=whole.low > CLOSED,
                routes=dict(routes),
            )
        )
    return found


def guard_by_route(
    lab: Lab,
    before: Policy,
    after: Policy,
    skills: Sequence[str],
    *,
    name: str,
    seed: int,
    items: int = 100,
    margin: float = 0.10,
    difficulty: str | None = None,
    progress: Progress | None = None,
) -> Artifact:
    """Guard every other skill on fresh items, and run only what the router sends elsewhere.

    An item that is routed to the base has a difference of exactly zero, whatever the base does
    with it; so a hundred items a skill cost no more than those that go astray. Leaves a `guard`
    artifact.
    """
    begun = clock.mono_ns()
    astray: list[Problem] = []
    drawn: dict[str, list[str]] = {}
    for skill in skills:
        problems = draw(lab, skill, items, "reserved", seed=seed, difficulty=difficulty)
        drawn[skill] = [p.task.id for p in problems]
        astray += [p for p in problems if route_of(after, p.task, before) != BASE]
    runs = {"before_run": f"{name}/before", "after_run": name}
    play_both(lab, before, after, astray, **runs, progress=progress)
    body = {
        **runs,
        "margin": margin,
        "items": drawn,
        "astray": [p.task.id for p in astray],
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    body["found"] = msgspec.to_builtins(guarded(lab, body))
    return lab.put_artifact("guard", name, body)


def guard_by_rollout(
    lab: Lab,
    after: Policy,
    probed: Artifact,
    skills: Sequence[str],
    *,
    name: str,
    items: int,
    margin: float = 0.10,
    progress: Progress | None = None,
) -> Artifact:
    """Guard other skills on the probe's own items, where no router stands between.

    The probe's rollouts of the base serve as `before`; the first `items` of each skill are run
    again with `after`. Leaves a `guard` artifact.
    """
    begun = clock.mono_ns()
    drawn = {
        r["skill"]: list(r["tasks"][:items]) for r in probed.body["skills"] if r["skill"] in skills
    }
    held = lab.problems([t for ids in drawn.values() for t in ids])
    run(lab, name, _jobs(list(held.values()), after), tags=("guard",), progress=progress)
    body = {
        "before_run": probed.body["run"],
        "after_run": name,
        "margin": margin,
        "items": drawn,
        "astray": [t for ids in drawn.values() for t in ids],
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    body["found"] = msgspec.to_builtins(guarded(lab, body))
    return lab.put_artifact("guard", name, body)


def guarded(lab: Lab, body: Mapping[str, object]) -> Guarded:
    """Compute the gate's findings from the stored episodes of a `guard` artifact's runs."""
    spec = msgspec.convert(body, _Guard)
    first = {
        o.task: bool(o.passed) for o in lab.outcomes(run=spec.before_run) if o.status == "done"
    }
    second = {
        o.task: bool(o.passed) for o in lab.outcomes(run=spec.after_run) if o.status == "done"
    }
    astray = set(spec.astray)
    pairs: dict[str, tuple[list[int], list[int]]] = {}
    away: dict[str, int] = {}
    for skill, ids in spec.items.items():
        x: list[int] = []
        y: list[int] = []
        for task in ids:
            if task not in astray:  # the base answers: no difference, whatever it says
                x.append(0)
                y.append(0)
            elif task in first and task in second:
                x.append(int(first[task]))
                y.append(int(second[task]))
        if x:
            pairs[skill] = (x, y)
        away[skill] = sum(t in astray for t in ids)
    arrays = {s: (np.array(x), np.array(y)) for s, (x, y) in pairs.items()}
    return Guarded(guard(arrays, margin=spec.margin), away)


def _paired(
    first: Mapping[str, Outcome], second: Mapping[str, Outcome], tasks: Sequence[str]
) -> PairedDifference | None:
    both = [t for t in tasks if t in first and t in second]
    if not both:
        return None
    x = np.array([int(bool(first[t].passed)) for t in both])
    y = np.array([int(bool(second[t].passed)) for t in both])
    return paired_difference(x, y)


def _jobs(problems: Sequence[Problem], policy: Policy) -> list[Job]:
    jobs: list[Job] = []
    for problem in problems:
        gym = registry.gym(problem.task.gym)
        jobs.append(Job(gym, problem, dict.fromkeys(gym.seats, policy)))
    return jobs


def _unsealed(episode: Episode) -> Episode:
    return msgspec.structs.replace(episode, segments=())


class _Guard(msgspec.Struct):
    before_run: str
    after_run: str
    margin: float
    items: dict[str, list[str]]
    astray: list[str]
