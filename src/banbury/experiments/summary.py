"""From what a loop left in the store to what its report and its result file say.

Every rate, difference and verdict is computed again from the stored episodes, so that the
result can be checked, and made again by `banbury report`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from banbury.cycle.compare import report_data as rd
from banbury.cycle.compare.compare import Guarded, SkillChange, changes, guarded
from banbury.cycle.diagnose import Gap, SkillMap, reference
from banbury.cycle.probe import SkillRate
from banbury.cycle.skills import described
from banbury.episode import Cost
from banbury.experiments.loop import Plan, Stages
from banbury.experiments.made import of_source
from banbury.experiments.person import of_person
from banbury.gyms import registry
from banbury.gyms.contract import final_answer
from banbury.statistics.guard import GuardFinding
from banbury.statistics.intervals import wilson
from banbury.statistics.paired import PairedDifference
from banbury.store import Artifact, Lab

_SIDES = 3
"""Tasks of each gap that are shown before and after, side by side."""


def summary(lab: Lab, stages: Stages, *, command: str) -> rd.ReportData:
    """Return everything that the report of a loop shows.

    Args:
        lab: the loop's lab.
        stages: what its stages left.
        command: makes the loop again.
    """
    plan = msgspec.convert(stages.plan.body, Plan)
    rates = msgspec.convert(stages.probe.body["skills"], tuple[SkillRate, ...])
    found = msgspec.convert(stages.map.body, SkillMap)
    changed = _changes(lab, stages.source, stages.comparison)
    timeline = _timeline(lab, stages)
    costs = _costs(lab, stages)
    person = of_person(lab, stages.source)
    return rd.ReportData(
        model=found.actor.name,
        revision=found.actor.revision,
        made=_when(stages.guard.created_ns),
        threshold=found.threshold,
        skills=tuple(_skill(r, found, changed.get(r.skill)) for r in rates),
        gaps=tuple(_gap(g, changed) for g in found.gaps),
        sourced=of_source(lab, stages.source),
        training=_training(stages),
        router=_router(stages.checkpoint),
        guard=_guard(lab, guarded(lab, stages.guard.body)),
        joint=_joint(lab, stages),
        stages=timeline,
        cycle_seconds=timeline[-1].end if timeline else 0.0,
        rollouts=costs["rollouts"],
        episodes=costs["episodes"],
        pairs=_pairs(lab, stages, changed),
        release=_release(stages.release),
        settings=_settings(plan, stages),
        seeds=(plan.seed,),
        command=command,
        notes=_notes(stages, person),
        person=person,
    )


def result(data: rd.ReportData) -> dict[str, Any]:
    """Return the result file: the measured figures of a loop, without its texts."""
    skills = [
        {
            "skill": s.skill,
            "source": s.source,
            "kind": s.kind,
            "worked_on": s.worked_on,
            "before": {"n": s.before.n, "passes": s.before.passes},
            "after": {"n": s.after.n, "passes": s.after.passes} if s.after else None,
            "difference": s.difference.value if s.difference else None,
            "low": s.difference.low if s.difference else None,
            "high": s.difference.high if s.difference else None,
            "closed": s.closed,
            "unseen_wordings": _unseen(s),
        }
        for s in data.skills
    ]
    guard = data.guard
    return {
        "model": data.model,
        "revision": data.revision,
        "skills": skills,
        "closed": [s.skill for s in data.skills if s.closed],
        "guard": guard
        and {
            "verdict": guard.verdict,
            "pooled": guard.pooled.verdict,
            "low": guard.pooled.low,
            "n": guard.pooled.n,
        },
        "cycle_seconds": data.cycle_seconds,
        "stages": [{"stage": s.name, "seconds": s.end - s.start} for s in data.stages],
        "rollouts": data.rollouts,
        "episodes": data.episodes,
        "release": msgspec.to_builtins(data.release),
        "seed": data.seeds[0] if data.seeds else None,
        **({"person": msgspec.to_builtins(data.person)} if data.person else {}),
    }


def _unseen(row: rd.SkillRow) -> dict[str, Any] | None:
    if row.unseen_before is None or row.unseen_after is None:
        return None
    return {
        "before": {"n": row.unseen_before.n, "passes": row.unseen_before.passes},
        "after": {"n": row.unseen_after.n, "passes": row.unseen_after.passes},
    }


def _changes(lab: Lab, sourced: Artifact, comparison: Artifact) -> dict[str, SkillChange]:
    runs = comparison.body["before_run"], comparison.body["after_run"]
    return {c.skill: c for c in changes(lab, sourced, *runs)}


def _rate(n: int, share: float) -> rd.Rate:
    passes = round(n * share)
    interval = wilson(passes, n)
    return rd.Rate(n, passes, interval.low, interval.high)


def _both(change: PairedDifference | None) -> tuple[rd.Rate | None, rd.Rate | None]:
    if change is None:
        return None, None
    return _rate(change.n, change.before), _rate(change.n, change.after)


def _difference(change: PairedDifference) -> rd.Difference:
    return rd.Difference(change.difference, change.low, change.high)


def _skill(rate: SkillRate, found: SkillMap, change: SkillChange | None) -> rd.SkillRow:
    kinds = {g.skill: g.kind for g in found.gaps}
    probed = rd.Rate(rate.n, rate.passes, rate.low, rate.high)
    if change is None:
        return rd.SkillRow(
            rate.skill, rate.title, rate.gym, rate.source, probed, kind=kinds.get(rate.skill)
        )
    before, after = _both(change.change)
    unseen_before, unseen_after = _both(change.unseen)
    return rd.SkillRow(
        rate.skill,
        rate.title,
        rate.gym,
        rate.source,
        before or probed,
        after,
        kinds.get(rate.skill),
        worked_on=True,
        difference=_difference(change.change),
        closed=change.closed,
        unseen_before=unseen_before,
        unseen_after=unseen_after,
    )


def _gap(gap: Gap, changed: Mapping[str, SkillChange]) -> rd.GapRow:
    return rd.GapRow(
        gap.skill,
        gap.title,
        gap.kind,
        gap.n,
        gap.strict,
        gap.lenient,
        gap.few_shot,
        gap.few_shot_n,
        gap.skill in changed,
        tuple(rd.Failure(e.asked, e.right, e.said, e.episode) for e in gap.examples),
    )


def _training(stages: Stages) -> tuple[rd.Training, ...]:
    checkpoints = [stages.checkpoint] + ([stages.joint] if stages.joint else [])
    runs = [run for c in checkpoints for run in c.body["training"]]
    return msgspec.convert(runs, tuple[rd.Training, ...], strict=False)


def _router(checkpoint: Artifact) -> rd.Confusion | None:
    found = checkpoint.body.get("router")
    return msgspec.convert(found, rd.Confusion) if found else None


def _guard_row(found: GuardFinding, away: int, title: str) -> rd.GuardRow:
    return rd.GuardRow(
        found.skill,
        title,
        found.n,
        away,
        found.gained,
        found.lost,
        found.difference,
        found.low,
        found.verdict,
        found.dropped,
    )


def _guard(lab: Lab, found: Guarded) -> rd.GuardTable:
    gate = found.gate
    rows = tuple(
        _guard_row(f, found.routed_away[f.skill], described(lab, f.skill)[1].title)
        for f in gate.skills
    )
    pooled = _guard_row(gate.pooled, sum(found.routed_away.values()), "all pooled")
    return rd.GuardTable(gate.margin, gate.verdict, pooled, rows)


def _joint(lab: Lab, stages: Stages) -> rd.Joint | None:
    if stages.joint_comparison is None or stages.joint_guard is None:
        return None
    changed = _changes(lab, stages.source, stages.joint_comparison)
    rows = tuple(
        rd.JointRow(c.skill, described(lab, c.skill)[1].title, _difference(c.change), c.closed)
        for c in changed.values()
    )
    return rd.Joint(rows, _guard(lab, guarded(lab, stages.joint_guard.body)))


def _timeline(lab: Lab, stages: Stages) -> tuple[rd.Stage, ...]:
    """Return the stages by the lineage's own clock: each artifact's end and length."""
    named = [
        ("probe", stages.probe),
        ("diagnose", stages.map),
        ("source", stages.source),
        ("review", stages.review),
        ("release", stages.release),
        ("train", stages.checkpoint),
        ("train joint", stages.joint),
        ("compare", stages.comparison),
        ("guard", stages.guard),
        ("compare joint", stages.joint_comparison),
        ("guard joint", stages.joint_guard),
    ]
    there = [(name, a) for name, a in named if a is not None]
    begun = stages.plan.created_ns
    rows: list[rd.Stage] = []
    for name, artifact in sorted(there, key=lambda pair: pair[1].created_ns):
        end = (artifact.created_ns - begun) / 1e9
        spent = _run_cost(lab, artifact)
        length = float(artifact.body["seconds"])
        rows.append(rd.Stage(name, max(0.0, end - length), end, spent.tokens_in, spent.tokens_out))
    return tuple(rows)


def _runs(artifact: Artifact) -> list[str]:
    keys = ("run", "after_run", "few_shot_run", "grpo_run")
    return [artifact.body[k] for k in keys if artifact.body.get(k)]


def _run_cost(lab: Lab, artifact: Artifact) -> Cost:
    total = Cost()
    for run in _runs(artifact):
        for episode in lab.episodes(run=run):
            total += episode.cost
    return total


def _costs(lab: Lab, stages: Stages) -> dict[str, int]:
    name = stages.plan.name
    episodes = [e for e in lab.episodes() if e.key.run.split("/")[0] == name]
    model = [
        e
        for e in episodes
        if any(a.kind == "model" for a in e.actors)
        and not any(p.relation == "replayed" for p in e.parents)
    ]
    return {"episodes": len(episodes), "rollouts": len(model)}


def _pairs(lab: Lab, stages: Stages, changed: Mapping[str, SkillChange]) -> tuple[rd.Pair, ...]:
    runs = stages.comparison.body["before_run"], stages.comparison.body["after_run"]
    pairs: list[rd.Pair] = []
    for made in stages.source.body["skills"]:
        skill = made["skill"]
        if skill not in changed:
            continue
        title = described(lab, skill)[1].title
        wanted = made["reserved_seen"][: _SIDES - 1] + made["reserved_unseen"][:1]
        for task in wanted:
            sides = [_answer(lab, run, task) for run in runs]
            if None in sides:
                continue
            problem = lab.problem(task)
            (before, before_ok), (after, after_ok) = (s for s in sides if s is not None)
            pairs.append(
                rd.Pair(
                    skill,
                    title,
                    problem.task.public.instruction,
                    reference(registry.gym(problem.task.gym), problem),
                    before,
                    after,
                    before_ok,
                    after_ok,
                )
            )
    return tuple(pairs)


def _answer(lab: Lab, run: str, task: str) -> tuple[str, bool] | None:
    for record, judgements in lab.records(run=run, task=task, status="done"):
        if judgements:
            return final_answer(record), judgements[-1].passed
    return None


def _release(artifact: Artifact) -> rd.ReleaseRow:
    body = artifact.body
    return rd.ReleaseRow(
        artifact.name,
        artifact.version,
        body["sha256"],
        body["rows"],
        body["splits"].get("train", 0),
        body["splits"].get("validation", 0),
    )


def _settings(plan: Plan, stages: Stages) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in msgspec.to_builtins(plan).items():
        if key == "skills":
            flat[key] = f"{len(value)} skills"
        elif isinstance(value, dict):
            flat.update({f"{key}.{k}": str(v) for k, v in value.items()})
        else:
            flat[key] = str(value)
    flat["release"] = f"{stages.release.name} v{stages.release.version}"
    return flat


def _notes(stages: Stages, person: rd.PersonRow | None) -> tuple[str, ...]:
    notes = [
        "Before and after are measured on the same reserved items, drawn before any training "
        "data. Probe rates on the map come from the probe's own confidence sequence.",
        "The guard counts a right answer in any form: a base that never uses the asked form passes "
        "nothing, and by strict passes no harm to it could be seen.",
    ]
    if person is not None:
        notes.append(
            f"A person answered {person.answered} of the training tasks: {person.passed} passed "
            f"the judge, {person.released} passed review and are in the release."
        )
    if stages.joint_guard is not None:
        notes.append(
            "The joint adapter is guarded on the probe's own items, since nothing routes around "
            "it; with so few items a skill its rows are less certain than the router's."
        )
    return tuple(notes)


def _when(ns: int) -> str:
    return dt.datetime.fromtimestamp(ns / 1e9, tz=dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
