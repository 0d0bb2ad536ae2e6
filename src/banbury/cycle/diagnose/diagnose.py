"""From a probe to a map: which skills are gaps, of what kind, and which are worth the work.

Three scores of the same items name a gap's kind:

- strict: the answer in the form that was asked for;
- lenient: the right answer in any form;
- few-shot: strict again, after three solved examples.

A *form* gap is one that leniency or examples close: either reaches the threshold, counted in the
room above what a guess in the right form would get. The model knows it and says it wrongly. A
*knowledge* gap rests on what the model was never told, as its gym declares (a house's own routing
rules), and neither score closes it. Every other one is a *skill* gap: the model cannot do it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from banbury import clock
from banbury.actors.chat import Shot, Shots
from banbury.actors.policy import Policy
from banbury.arena import Tally, jobs_of, results, run
from banbury.cycle.skills import described
from banbury.episode import Actor, Problem, Record, Task
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Gym, Skill, final_answer
from banbury.store import Artifact, Lab

Kind = Literal["form", "skill", "knowledge"]
SHOTS = 3


class Example(msgspec.Struct, frozen=True):
    """A failure to look at: what was asked, what would have been right, what was said."""

    episode: str
    asked: str
    right: str
    said: str


class Gap(msgspec.Struct, frozen=True):
    """A skill below the threshold.

    Attributes:
        skill: dotted path.
        gym: its gym.
        title: a few words for people.
        source: `ours`, or where the tasks come from.
        kind: form, skill or knowledge.
        n: rollouts of the probe.
        strict: share passed as asked.
        lenient: share right in any form.
        few_shot: share passed after three examples, of `few_shot_n`.
        few_shot_n: rollouts with examples.
        low: lower end of the strict rate's confidence sequence.
        high: upper end.
        signal: share of an example's characters that stand in the reference, which alone is
            trained on: how much a unit of training computes for the gap.
        rank: headroom above the interval and above guessing, times `signal`; the gaps are sorted
            by it.
        examples: up to three failures.
        difficulty: of the probe's tasks, at which the gap was found; "" for that at which the
            skill is drawn by itself.
    """

    skill: str
    gym: str
    title: str
    source: str
    kind: Kind
    n: int
    strict: float
    lenient: float
    few_shot: float
    few_shot_n: int
    low: float
    high: float
    signal: float
    rank: float
    examples: tuple[Example, ...]
    difficulty: str = ""


class SkillMap(msgspec.Struct, frozen=True):
    """The map of skills that one probe gave."""

    probe: str
    actor: Actor
    threshold: float
    seconds: float
    gaps: tuple[Gap, ...]


def diagnose(
    lab: Lab,
    probed: Artifact,
    with_shots: Callable[[Shots, str], Policy],
    *,
    name: str,
    few_shot: int = 8,
    progress: Callable[[Tally], None] | None = None,
) -> Artifact:
    """Name the gaps of a probe and leave a `map` artifact.

    Args:
        lab: the probe's lab.
        probed: the `probe` artifact.
        with_shots: makes the probed model again, shown solved examples.
        name: name of the map and of its few-shot run.
        few_shot: items of each gap that are tried again with examples.
        progress: called after each episode.

    Raises:
        InputError: `with_shots` makes another model than the one that was probed.
        ActorError, GymError, DeadlineError: not one rollout with examples came to a judgement.
    """
    begun = clock.mono_ns()
    rates = {r["skill"]: r for r in probed.body["skills"]}
    threshold = float(probed.body["threshold"])
    below = [r for r in probed.body["skills"] if r["decision"] == "below"]
    problems = {r["skill"]: _problems(lab, r["tasks"]) for r in below}
    shots = _shots(problems)
    policy = with_shots(shots, f"{SHOTS} solved examples")
    actor = _same(policy, msgspec.convert(probed.body["actor"], Actor), probed)
    jobs = jobs_of((p for ps in problems.values() for p in ps[:few_shot]), policy)
    run_name = f"{name}/few-shot"
    run(lab, run_name, jobs, tags=("few-shot",), progress=progress).check(run_name)
    found = results(lab, run_name, jobs)
    shown = {task: bool(o.passed) for task, o in found.items() if o.status == "done"}
    gaps: list[Gap] = []
    for skill, ps in problems.items():
        tried = [shown[p.task.id] for p in ps[:few_shot] if p.task.id in shown]
        gym, about = described(lab, skill)
        examples = _examples(lab, probed.body["run"], actor, gym, skill, ps)
        gaps.append(_gap(rates[skill], about, ps, tried, threshold, examples))
    gaps.sort(key=lambda g: (-g.rank, g.skill))
    body = SkillMap(
        probe=probed.id,
        actor=actor,
        threshold=threshold,
        seconds=(clock.mono_ns() - begun) / 1e9,
        gaps=tuple(gaps),
    )
    made = msgspec.to_builtins(body)
    return lab.put_artifact("map", name, made, parents=[probed.id], same_but=("seconds",))


def choose(gaps: Sequence[Gap], count: int) -> list[Gap]:
    """Return the gaps to work on: the best-ranked of each kind, then of each kind and source.

    So that one loop learns about several kinds of gap, and about tasks that others wrote, and not
    about four of the cheapest kind; what is left of `count` goes by rank.
    """
    firsts: list[Gap] = []
    for key in (lambda g: (g.kind, None), lambda g: (g.kind, g.source == "ours")):
        best: dict[tuple[str, bool | None], Gap] = {}
        for gap in gaps:
            best.setdefault(key(gap), gap)
        firsts += [g for g in best.values() if g not in firsts]
    order = firsts + [g for g in gaps if g not in firsts]
    return order[:count]


def _same(policy: Policy, actor: Actor, probed: Artifact) -> Actor:
    now = policy.actor
    if (now.name, now.revision) != (actor.name, actor.revision):
        raise InputError(
            f"the probe was of {actor.name!r} {actor.revision[:40]}, not of {now.name!r} "
            f"{now.revision[:40]}",
            where=f"probe {probed.name!r}",
            do="give the model that was probed, or probe this one",
        )
    return actor


def _gap(
    rate: dict[str, object],
    skill: Skill,
    problems: Sequence[Problem],
    few_shot: Sequence[bool],
    threshold: float,
    examples: tuple[Example, ...],
) -> Gap:
    r = msgspec.convert(rate, _Rate)
    shown = sum(few_shot) / len(few_shot) if few_shot else 0.0
    kind: Kind = "skill" if skill.told else "knowledge"
    if max(r.lenient, shown) >= skill.chance + threshold * (1 - skill.chance):
        kind = "form"
    answers = sum(len(_right(p)) for p in problems)
    signal = answers / (answers + sum(len(p.task.public.instruction) for p in problems))
    return Gap(
        skill=r.skill,
        gym=r.gym,
        title=r.title,
        source=r.source,
        kind=kind,
        n=r.n,
        strict=r.passes / r.n if r.n else 0.0,
        lenient=r.lenient,
        few_shot=shown,
        few_shot_n=len(few_shot),
        low=r.low,
        high=r.high,
        signal=signal,
        rank=(1 - max(r.high, skill.chance)) * signal,
        examples=examples,
        difficulty=r.difficulty,
    )


def _examples(
    lab: Lab, run_name: str, actor: Actor, gym: Gym, skill: str, problems: Sequence[Problem]
) -> tuple[Example, ...]:
    """Return the probe's first failures; other probes may stand under the same run."""
    by_task = {p.task.id: p for p in problems}
    key = "+".join([actor.key] * len(gym.seats))
    failures = (
        _example(record, by_task[record.episode.key.task])
        for record, _ in lab.records(run=run_name, skill=skill, actor=key, passed=False)
        if record.episode.key.task in by_task
    )
    return tuple(itertools.islice(failures, SHOTS))


def _example(record: Record, problem: Problem) -> Example:
    return Example(
        episode=record.episode.id,
        asked=problem.task.public.instruction,
        right=_right(problem),
        said=final_answer(record),
    )


def reference(gym: Gym, problem: Problem) -> str:
    """Return the reference solution as text."""
    actions = gym.solution(problem)
    return "\n".join(
        a.text if isinstance(a, Answer) else msgspec.json.encode(a).decode() for a in actions
    )


def _right(problem: Problem) -> str:
    return reference(registry.gym(problem.task.gym), problem)


def _problems(lab: Lab, ids: Sequence[str]) -> list[Problem]:
    held = lab.problems(ids)
    return [held[i] for i in ids]


def _shots(by_skill: dict[str, list[Problem]]) -> Shots:
    """Return the examples for a task: the last three other items of its skill's probe."""
    beside = {p.task.id: ps for ps in by_skill.values() for p in ps}

    def shots(task: Task) -> Sequence[Shot]:
        others = [p for p in reversed(beside[task.id]) if p.task.id != task.id][:SHOTS]
        return [(p.task.public.instruction, _right(p)) for p in others]

    return shots


class _Rate(msgspec.Struct):
    skill: str
    gym: str
    title: str
    source: str
    n: int
    passes: int
    low: float
    high: float
    lenient: float
    difficulty: str = ""
