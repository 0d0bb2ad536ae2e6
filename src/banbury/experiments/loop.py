"""The loop: probe, diagnose, source, review, release, train, probe again.

Each stage leaves an artifact under the loop's name, so a loop that was killed carries on with the
first stage that has left none; within a stage, the arena carries on with the first episode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from banbury.actors.chat import Sampling
from banbury.actors.checkpoint import find_model, open_checkpoint, open_local
from banbury.actors.local_policy import LocalPolicy
from banbury.actors.policy import Left
from banbury.actors.pool import Pool
from banbury.arena import draw
from banbury.cycle.compare.compare import compare, guard_by_rollout, guard_by_route
from banbury.cycle.diagnose import Gap, SkillMap, choose, diagnose
from banbury.cycle.difficulty import worked_at
from banbury.cycle.probe import probe
from banbury.cycle.release import release
from banbury.cycle.review import review
from banbury.cycle.source import source
from banbury.cycle.train.recipe import Recipe
from banbury.cycle.train.stage import train
from banbury.episode import Problem
from banbury.errors import InputError, UnknownName
from banbury.store import Artifact, Lab

Watch = Callable[[str], AbstractContextManager[Callable[[Any], None]]]
"""`watch(label)`: a progress bar for one stage; what it yields is called with a `Tally`."""

Person = Callable[[Lab, str, Sequence[Problem]], bool]
"""`person(lab, run, problems)`: lets a person do tasks as episodes of a run; true once all are."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a loop; two loops with one plan do the same.

    Attributes:
        model: the base: smollm2, a folder, or a Hugging Face id.
        skills: what is probed.
        seed: of tasks, training and sampling.
        threshold: pass rate below which a skill is a gap.
        batch: rollouts of a skill between two looks.
        most: most rollouts of a skill.
        few_shot: items of each gap tried again with examples.
        gaps: how many gaps are worked on.
        train: reference episodes for each.
        reserve: items reserved for each in wordings that training sees.
        unseen: items reserved for each in wordings that training never sees.
        guard_items: fresh items of each other skill that the router must leave alone.
        joint_items: items of each other skill on which the joint adapter is guarded; 0 for none.
        recipe: of the training, and the length of every answer.
        as_me: further training tasks of the gaps worked on that a person does.
        dial: find for each skill the difficulty at which some pass and some fail, and work there.
    """

    model: str = "smollm2"
    skills: tuple[str, ...] = ()
    seed: int = 0
    threshold: float = 0.5
    batch: int = 6
    most: int = 24
    few_shot: int = 5
    gaps: int = 4
    train: int = 240
    reserve: int = 32
    unseen: int = 20
    guard_items: int = 100
    joint_items: int = 4
    recipe: Recipe = Recipe()
    as_me: int = 0
    dial: bool = False


class Stages(msgspec.Struct, frozen=True):
    """What the stages of a finished loop left, in order."""

    plan: Artifact
    probe: Artifact
    map: Artifact
    source: Artifact
    review: Artifact
    release: Artifact
    checkpoint: Artifact
    comparison: Artifact
    guard: Artifact
    joint: Artifact | None = None
    joint_comparison: Artifact | None = None
    joint_guard: Artifact | None = None


def run_loop(lab: Lab, name: str, plan: Plan, watch: Watch, person: Person | None = None) -> Stages:
    """Run a loop, or carry on with one, and return what its stages left.

    Args:
        lab: where everything is kept.
        name: the loop's name; the same name with the same plan carries on.
        plan: what to do.
        watch: makes a progress bar for a stage.
        person: asks the person whom the plan wants.

    Raises:
        InputError: the lab holds a loop of this name with another plan, or the plan wants a
            person and there is none.
        Left: the person got up; the same call carries on.
    """
    if plan.as_me and person is None:
        raise InputError("the plan wants a person and nobody is there", do="start it as a person")
    _hold_plan(lab, name, plan)
    if not _finished(lab, name):
        pool = Pool(find_model(plan.model))
        try:
            with open_local(plan.model, _greedy(plan), pool=pool) as base:
                _find(lab, name, plan, watch, base)
                make(lab, name, plan, watch, person)
                _repair(lab, name, plan, watch, pool)
                _measure(lab, name, plan, watch, base, pool)
        finally:
            pool.close()
    return stages(lab, name)


def stages(lab: Lab, name: str) -> Stages:
    """Return what a finished loop left.

    Raises:
        UnknownName: there is no such loop, or it is not finished.
    """
    found = {
        field: lab.artifact(kind, f"{name}{suffix}") for field, (kind, suffix) in _LEFT.items()
    }
    joint: dict[str, Artifact] = {}
    if found["plan"].body["joint_items"]:
        joint = {f: lab.artifact(k, f"{name}{suffix}") for f, (k, suffix) in _JOINT.items()}
    return Stages(**found, **joint)


_LEFT = {
    "plan": ("plan", ""),
    "probe": ("probe", ""),
    "map": ("map", ""),
    "source": ("source", "/references"),
    "review": ("review", "/references"),
    "release": ("release", ""),
    "checkpoint": ("checkpoint", ""),
    "comparison": ("comparison", "/after"),
    "guard": ("guard", "/guard"),
}
_JOINT = {
    "joint": ("checkpoint", "/joint"),
    "joint_comparison": ("comparison", "/joint"),
    "joint_guard": ("guard", "/joint-guard"),
}


def _find(lab: Lab, name: str, plan: Plan, watch: Watch, base: LocalPolicy) -> None:
    """Probe and diagnose."""
    if not _there(lab, "probe", name):
        with watch("probe") as show:
            probe(
                lab,
                base,
                plan.skills,
                name=name,
                seed=plan.seed,
                threshold=plan.threshold,
                batch=plan.batch,
                most=plan.most,
                dial=plan.dial,
                progress=show,
            )
    if not _there(lab, "map", name):
        with watch("diagnose") as show:
            probed = lab.artifact("probe", name)
            diagnose(lab, probed, base.with_shots, name=name, few_shot=plan.few_shot, progress=show)


def make(lab: Lab, name: str, plan: Plan, watch: Watch, person: Person | None = None) -> None:
    """Source, review and release: what a loop's map asks for, as `run_loop` does it.

    Raises:
        Left: the person got up; the same call carries on.
    """
    run = f"{name}/references"
    mapped = lab.artifact("map", name)
    gaps = choose(msgspec.convert(mapped.body, SkillMap).gaps, plan.gaps)
    if not _there(lab, "source", run):
        with watch("source") as show:
            source(
                lab,
                [g.skill for g in gaps],
                name=run,
                train=plan.train,
                reserve=plan.reserve,
                unseen=plan.unseen,
                seed=plan.seed,
                difficulty={g.skill: g.difficulty for g in gaps},
                parents=[mapped.id],
                progress=show,
            )
    if not _there(lab, "review", run):
        if person and not person(lab, run, _for_person(lab, gaps, plan)):
            raise Left("the person got up")
        with watch("review"):
            review(lab, run=run)
    if not _there(lab, "release", name):
        with watch("release"):
            release(lab, name, run=run)


def _for_person(lab: Lab, gaps: Sequence[Gap], plan: Plan) -> list[Problem]:
    """Draw the person's tasks behind the references' own, from the gaps in turn."""
    most = -(-plan.as_me // len(gaps))
    count, seed = plan.train + most, plan.seed
    rows = [
        draw(lab, g.skill, count, "train", seed=seed, difficulty=g.difficulty or None)[plan.train :]
        for g in gaps
    ]
    return [row[i] for i in range(most) for row in rows][: plan.as_me]


def _repair(lab: Lab, name: str, plan: Plan, watch: Watch, pool: Pool) -> None:
    """Train an adapter for each gap, the router, and a joint adapter to compare with."""
    released = lab.artifact("release", name)
    if not _there(lab, "checkpoint", name):
        with watch("train") as show:
            train(
                lab,
                released,
                model=plan.model,
                name=name,
                others=_others(lab, name, plan),
                recipe=plan.recipe,
                seed=plan.seed,
                pool=pool,
                progress=show,
            )


def _measure(lab: Lab, name: str, plan: Plan, watch: Watch, base: LocalPolicy, pool: Pool) -> None:
    """Probe again: the reserved items, and the guard over all other skills."""
    sourced = lab.artifact("source", f"{name}/references")
    others = _others(lab, name, plan)
    before = f"{name}/before"
    checkpoint = lab.artifact("checkpoint", name)
    with open_checkpoint(lab, checkpoint, _greedy(plan), pool=pool) as repaired:
        if not _there(lab, "comparison", f"{name}/after"):
            with watch("compare") as show:
                compare(
                    lab,
                    sourced,
                    base,
                    repaired,
                    name=f"{name}/after",
                    before_run=before,
                    progress=show,
                )
        if not _there(lab, "guard", f"{name}/guard"):
            with watch("guard") as show:
                guard_by_route(
                    lab,
                    base,
                    repaired,
                    others,
                    name=f"{name}/guard",
                    seed=plan.seed,
                    items=plan.guard_items,
                    difficulty=worked_at(lab, [sourced], others),
                    progress=show,
                )
        if plan.joint_items:
            _measure_joint(lab, name, plan, watch, base, pool)


def _measure_joint(
    lab: Lab, name: str, plan: Plan, watch: Watch, base: LocalPolicy, pool: Pool
) -> None:
    sourced = lab.artifact("source", f"{name}/references")
    artifact = lab.artifact("checkpoint", f"{name}/joint")
    with open_checkpoint(lab, artifact, _greedy(plan), pool=pool) as joint:
        if not _there(lab, "comparison", f"{name}/joint"):
            with watch("compare the joint adapter") as show:
                compare(
                    lab,
                    sourced,
                    base,
                    joint,
                    name=f"{name}/joint",
                    before_run=f"{name}/before",
                    progress=show,
                )
        if not _there(lab, "guard", f"{name}/joint-guard"):
            with watch("guard the joint adapter") as show:
                guard_by_rollout(
                    lab,
                    joint,
                    lab.artifact("probe", name),
                    _others(lab, name, plan),
                    name=f"{name}/joint-guard",
                    items=plan.joint_items,
                    progress=show,
                )


def _finished(lab: Lab, name: str) -> bool:
    try:
        stages(lab, name)
    except UnknownName:
        return False
    return True


def _others(lab: Lab, name: str, plan: Plan) -> list[str]:
    """Return the probed skills that are not worked on."""
    worked = {s["skill"] for s in lab.artifact("source", f"{name}/references").body["skills"]}
    return [s for s in plan.skills if s not in worked]


def _hold_plan(lab: Lab, name: str, plan: Plan) -> None:
    body = msgspec.to_builtins(plan)
    if not _there(lab, "plan", name):
        lab.put_artifact("plan", name, body)
    elif msgspec.convert(lab.artifact("plan", name).body, Plan) != plan:
        raise InputError(
            f"the lab {lab.name!r} holds a loop {name!r} with another plan",
            do="choose another name, or another folder",
        )


def _there(lab: Lab, kind: str, name: str) -> bool:
    try:
        lab.artifact(kind, name)
    except UnknownName:
        return False
    return True


def _greedy(plan: Plan) -> Sampling:
    return Sampling(max_tokens=plan.recipe.max_tokens, seed=plan.seed)
