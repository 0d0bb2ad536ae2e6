"""Two checkpoints on the same reserved items: did the gap close, and did anything else break?

The items were reserved before any training data was drawn. Where the repaired checkpoint's router
picks the base and decoding is greedy, the base's own rollout is the answer, token for token (a
test proves it), so it is taken over as a replayed episode and not run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from banbury import clock
from banbury.actors.policy import BASE, Policy, route_of
from banbury.arena import draw, jobs_of, run
from banbury.cycle.compare.both import Progress, play_both
from banbury.cycle.difficulty import Difficulty, at
from banbury.episode import Actor, Problem
from banbury.errors import InputError, UnknownName
from banbury.statistics.guard import Guard, guard
from banbury.statistics.paired import PairedDifference, paired_difference
from banbury.store import Artifact, Lab, Outcome

CLOSED = 0.3
"""A gap is closed when the 95 % interval of the paired difference lies above this."""


class SkillChange(msgspec.Struct, frozen=True):
    """What changed on one skill's reserved items.

    Attributes:
        skill: dotted path.
        change: all reserved items, paired.
        seen: those in wordings that training saw, or None if there are none.
        unseen: those in wordings that training never saw, or None if there are none.
        closed: the interval of `change` lies above `CLOSED`.
        routes: how often the router chose each adapter or the base.
        missing: reserved items without a judgement in one of the runs; they count nowhere.
    """

    skill: str
    change: PairedDifference
    seen: PairedDifference | None
    unseen: PairedDifference | None
    closed: bool
    routes: dict[str, int]
    missing: int = 0


class Guarded(msgspec.Struct, frozen=True):
    """The guard gate's findings.

    Attributes:
        gate: the findings on all items that were judged. Where items are missing and the verdict
            would not be `safe` had all of those been lost, it is `not shown safe`.
        routed_away: items that were not left to the base, by skill.
        missing: those among them without a judgement in one of the runs, by skill.
    """

    gate: Guard
    routed_away: dict[str, int]
    missing: dict[str, int] = {}


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
    found = changes(lab, sourced, first, name, before=before.actor, after=after.actor)
    body = {
        "before_run": first,
        "after_run": name,
        "before": msgspec.to_builtins(before.actor),
        "after": msgspec.to_builtins(after.actor),
        "source": sourced.id,
        "skills": msgspec.to_builtins(found),
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    above = [sourced.id, *parents]
    kept = lab.put_artifact("comparison", name, body, parents=above, same_but=("seconds",))
    tell_makers(lab, after.actor, found)
    return kept


def tell_makers(lab: Lab, after: Actor, found: Sequence[SkillChange]) -> None:
    """Tell whoever made the data that a checkpoint was trained on whether their gaps closed.

    Nobody is told where the actor is no checkpoint of this lab.
    """
    made = [
        a
        for a in lab.artifacts("checkpoint")
        if after.revision and a.body.get("revision") == after.revision
    ]
    releases = {p for a in made[-1:] for p in a.parents}
    named = {id: h.name for id, h in lab.artifacts_named(releases).items() if h.kind == "release"}
    for release, name in named.items():
        for change in found:
            lab.queue.came_of(release, name, change.skill, change.closed)


def changes(
    lab: Lab,
    sourced: Artifact,
    before_run: str,
    after_run: str,
    *,
    before: Actor | None = None,
    after: Actor | None = None,
) -> list[SkillChange]:
    """Compute what changed from the stored episodes of two runs.

    Args:
        lab: where they are.
        sourced: the `source` artifact that reserved the items.
        before_run: name of the base's run.
        after_run: name of the repaired checkpoint's run.
        before: the base, where others acted in its run too.
        after: the repaired checkpoint, likewise.

    Raises:
        InputError: a skill has no item that both runs judged.
    """
    first = _judged(lab, before_run, before)
    second = _judged(lab, after_run, after)
    found: list[SkillChange] = []
    for made in sourced.body["skills"]:
        seen, unseen = made["reserved_seen"], made["reserved_unseen"]
        items = [*seen, *unseen]
        whole = _paired(first, second, items)
        if whole is None:
            raise InputError(
                f"no reserved item of {made['skill']} was judged in both runs",
                where=f"runs {before_run!r} and {after_run!r}",
                do="run `banbury compare` again",
            )
        routes = Counter(second[t].route or "none" for t in items if t in second)
        found.append(
            SkillChange(
                skill=made["skill"],
                change=whole,
                seen=_paired(first, second, seen),
                unseen=_paired(first, second, unseen),
                closed=whole.low > CLOSED,
                routes=dict(routes),
                missing=len(items) - whole.n,
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
    difficulty: Difficulty = None,
    progress: Progress | None = None,
) -> Artifact:
    """Guard every other skill on fresh items, and run only what the router sends elsewhere.

    An item that is routed to the base has a difference of exactly zero, whatever the base does
    with it; so a hundred items a skill cost no more than those that go astray. Leaves a `guard`
    artifact. `difficulty` is that of the items, for all skills or by skill; the easiest if None.

    Raises:
        InputError: no skill to guard.
        ActorError, GymError, DeadlineError: not one episode of a run came to a judgement.
    """
    _some(skills)
    begun = clock.mono_ns()
    astray: list[Problem] = []
    drawn: dict[str, list[str]] = {}
    for skill in skills:
        problems = draw(lab, skill, items, "reserved", seed=seed, difficulty=at(difficulty, skill))
        drawn[skill] = [p.task.id for p in problems]
        astray += [p for p in problems if route_of(after, p.task, before) != BASE]
    runs = {"before_run": f"{name}/before", "after_run": name}
    play_both(lab, before, after, astray, **runs, progress=progress)
    body = {
        **runs,
        "before": msgspec.to_builtins(before.actor),
        "after": msgspec.to_builtins(after.actor),
        "margin": margin,
        "items": drawn,
        "astray": [p.task.id for p in astray],
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    body["found"] = msgspec.to_builtins(guarded(lab, body))
    return lab.put_artifact("guard", name, body, same_but=("seconds",))


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

    Raises:
        InputError: no skill to guard, or one that was not probed.
        ActorError, GymError, DeadlineError: not one episode came to a judgement.
    """
    _some(skills)
    begun = clock.mono_ns()
    for skill in skills:
        if skill not in (known := [r["skill"] for r in probed.body["skills"]]):
            raise UnknownName("probed skill", skill, known, where=f"probe {probed.name!r}")
    drawn = {
        r["skill"]: list(r["tasks"][:items]) for r in probed.body["skills"] if r["skill"] in skills
    }
    held = lab.problems([t for ids in drawn.values() for t in ids])
    jobs = jobs_of(list(held.values()), after)
    run(lab, name, jobs, tags=("guard",), progress=progress).check(name)
    body = {
        "before_run": probed.body["run"],
        "after_run": name,
        "before": probed.body["actor"],
        "after": msgspec.to_builtins(after.actor),
        "margin": margin,
        "items": drawn,
        "astray": [t for ids in drawn.values() for t in ids],
        "seconds": (clock.mono_ns() - begun) / 1e9,
    }
    body["found"] = msgspec.to_builtins(guarded(lab, body))
    return lab.put_artifact("guard", name, body, same_but=("seconds",))


def guarded(lab: Lab, body: Mapping[str, object]) -> Guarded:
    """Compute the gate's findings from the stored episodes of a `guard` artifact's runs.

    What counts is the right answer in any form. A base that never uses the asked form passes
    nothing, so by strict passes no harm to it could ever be seen.
    """
    spec = msgspec.convert(body, _Guard)
    first = _judged(lab, spec.before_run, spec.before)
    second = _judged(lab, spec.after_run, spec.after)
    astray = set(spec.astray)
    pairs: dict[str, list[tuple[int, int]]] = {}
    lost: dict[str, list[tuple[int, int]]] = {}
    away: dict[str, int] = {}
    for skill, ids in sorted(spec.items.items()):
        ran = [t for t in ids if t in astray]
        both = [t for t in ran if t in first and t in second]
        # The base answers the others: no difference, whatever it says.
        judged = [(0, 0)] * (len(ids) - len(ran))
        judged += [(_able(first[t]), _able(second[t])) for t in both]
        if judged:
            pairs[skill] = judged
        lost[skill] = judged + [(1, 0)] * (len(ran) - len(both))
        away[skill] = len(ran)
    gate = _gate(pairs, spec.margin)
    missing = {s: len(lost[s]) - len(pairs.get(s, ())) for s in spec.items}
    if any(missing.values()) and _gate(lost, spec.margin).verdict != "safe" == gate.verdict:
        gate = msgspec.structs.replace(gate, verdict="not shown safe")
    return Guarded(gate, away, missing)


def _able(outcome: Outcome) -> int:
    """Return 1 where the right answer was given, in whatever form."""
    return int(bool(outcome.passed) or outcome.components.get("lenient", 0.0) >= 1.0)


def _gate(pairs: Mapping[str, Sequence[tuple[int, int]]], margin: float) -> Guard:
    columns = {skill: np.array(rows).T for skill, rows in pairs.items()}
    return guard({skill: (x, y) for skill, (x, y) in columns.items()}, margin=margin)


def _some(skills: Sequence[str]) -> None:
    if not skills:
        raise InputError("no skill to guard", do="probe skills other than the repaired ones")


def _judged(lab: Lab, run_name: str, actor: Actor | None) -> dict[str, Outcome]:
    """Return a run's judged outcomes by task, of one actor (at however many seats) if named."""
    found = lab.outcomes(run=run_name, status="done")
    if actor is not None:
        key = actor.key
        found = [o for o in found if o.actor == "+".join([key] * max(1, o.actor.count(key)))]
    return {o.task: o for o in found}


def _paired(
    first: Mapping[str, Outcome], second: Mapping[str, Outcome], tasks: Sequence[str]
) -> PairedDifference | None:
    both = [t for t in tasks if t in first and t in second]
    if not both:
        return None
    x = np.array([int(bool(first[t].passed)) for t in both])
    y = np.array([int(bool(second[t].passed)) for t in both])
    return paired_difference(x, y)


class _Guard(msgspec.Struct):
    before_run: str
    after_run: str
    margin: float
    items: dict[str, list[str]]
    astray: list[str]
    before: Actor | None = None
    after: Actor | None = None
