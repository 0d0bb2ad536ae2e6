"""The audit: runs trials against a gym's judge, and counts what it gets wrong.

A rate counts tasks, not trials: a task is wrong in a kind if any trial of that kind went wrong on
it, so the tasks are independent and the exact interval (Clopper & Pearson 1934) holds.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from banbury.episode import Judgement, Problem, Record
from banbury.errors import ActorError, BanburyError, InputError, UnknownName
from banbury.gyms.audit.steps import step_mutants
from banbury.gyms.audit.text import text_trials
from banbury.gyms.audit.trial import Equivalents, Expect, Notations, Outcomes, Trial, Unique, Wrongs
from banbury.gyms.check import act
from banbury.gyms.contract import Action, Answer, Ask, Gym
from banbury.gyms.drawing import drawn
from banbury.statistics.intervals import clopper_pearson

Verdict = Literal["right", "false accept", "false reject", "value seen", "value missed", "look"]
"""What became of a trial: `value seen` is a wrong value that the lenient reading took for right,
`value missed` a right one that it did not see, `look` a change that passed and may be right."""

GROUPS: Mapping[Verdict, tuple[Expect, ...]] = {
    "false accept": ("reject", "wrong"),
    "false reject": ("accept",),
    "value seen": ("wrong",),
    "value missed": ("accept", "value"),
    "look": ("look",),
}
_SHOWN = 600
_SHORT = 300
_PATIENCE = 3
"""Trials in a row for which the model that grades could not be asked, before the audit stops."""


class Case(msgspec.Struct, frozen=True):
    """One trial that a person should look at.

    Attributes:
        skill: of the task.
        kind: of the trial.
        expect: what the judge had to do.
        verdict: what it did wrong, or `look`.
        task: id of the task.
        instruction: what the task asked, its end.
        reference: what would be right.
        tried: what was put before the judge.
        score: what it got.
        lenient: the score of the value in any form, None if the judge has none.
        evidence: what the judge says of it.
    """

    skill: str
    kind: str
    expect: Expect
    verdict: Verdict
    task: str
    instruction: str
    reference: str
    tried: str
    score: float
    lenient: float | None
    evidence: str


class Rate(msgspec.Struct, frozen=True):
    """How often a judge is wrong in one way.

    Attributes:
        skill: name, or "" for all skills together.
        kind: of trial, or "" for all kinds together.
        verdict: the way of being wrong.
        tasks: tasks tried, shape of the counts below.
        wrong: tasks on which at least one trial went wrong.
        low: of the 95 % interval of wrong / tasks.
        high: of the same.
    """

    skill: str
    kind: str
    verdict: Verdict
    tasks: int
    wrong: int
    low: float
    high: float


class Audit(msgspec.Struct, frozen=True):
    """What an audit found.

    Attributes:
        gym: name.
        version: of the gym.
        judge_hash: of the judge that was tried.
        seed: of the tasks.
        tasks: tasks tried.
        trials: trials put before the judge.
        same: changed solutions left out, since they reached the reference's own final state.
        rates: by skill and kind, then over all.
        cases: what to look at, the false accepts first.
        errors: trials on which the gym raised, as text; none of them is counted above.
        asked: words of the models that graded, where the gym asks any.
    """

    gym: str
    version: str
    judge_hash: str
    seed: int
    tasks: int
    trials: int
    same: int
    rates: list[Rate]
    cases: list[Case]
    errors: list[str]
    asked: tuple[str, ...] = ()

    @property
    def faulty(self) -> bool:
        """Return whether the judge passed something wrong, or refused something right."""
        return any(case.verdict in ("false accept", "false reject") for case in self.cases)

    def total(self, verdict: Verdict, skill: str = "") -> Rate | None:
        """Return the rate over all kinds of a skill, or of all skills; None if nothing tried it."""
        held = [r for r in self.rates if (r.skill, r.kind, r.verdict) == (skill, "", verdict)]
        return held[0] if held else None


class _Tried(msgspec.Struct, frozen=True):
    trial: Trial
    skill: str
    task: str
    verdict: Verdict


def audit(
    gym: Gym,
    *,
    skills: Iterable[str] | None = None,
    tasks: int = 20,
    seed: int = 0,
    ask: Ask | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Return what the judge of a gym gets wrong.

    Args:
        gym: the gym.
        skills: names of its skills, all if None.
        tasks: of each skill, spread over its difficulties.
        seed: of the tasks.
        ask: how a gym that needs a model reaches one.
        progress: called with (skills done, skills in all).

    Raises:
        UnknownName: the gym has no such skill.
        GymError: it raised while it made tasks.
        InputError: `tasks` is below 1, or the gym needs a model and there is none.
        ActorError: the model could not be asked, several times in a row.
    """
    known = {skill.name: skill for skill in gym.skills()}
    chosen = list(known) if skills is None else list(skills)
    if unknown := [name for name in chosen if name not in known]:
        raise UnknownName("skill", unknown[0], known, where=f"gym {gym.name}")
    if tasks < 1:
        raise InputError(f"{tasks} tasks of each skill are none", do="give at least 1")
    if gym.needs.model and ask is None:
        raise InputError(
            "its judge asks a model, and none was given",
            where=f"gym {gym.name}",
            do="name one with --judge MODEL or BANBURY_JUDGE; from Python, hand over `ask`",
        )
    bench = _Bench(gym, ask)
    for done, name in enumerate(chosen, start=1):
        for problem in _drawn(gym, name, known[name].difficulties, tasks, seed):
            bench.problem(problem)
        if progress:
            progress(done, len(chosen))
    return bench.audit(seed)


def _drawn(
    gym: Gym, skill: str, difficulties: Sequence[str], tasks: int, seed: int
) -> list[Problem]:
    streams = [drawn(gym, skill, seed=seed, difficulty=name) for name in difficulties]
    turns = itertools.zip_longest(*streams)
    each = (problem for turn in turns for problem in turn if problem is not None)
    return list(itertools.islice(each, tasks))


class _Bench:
    """Where the trials are run and kept."""

    def __init__(self, gym: Gym, ask: Ask | None) -> None:
        self._gym = gym
        self._ask = ask
        self._tried: list[_Tried] = []
        self._cases: list[Case] = []
        self._errors: list[str] = []
        self._tasks: set[str] = set()
        self._same = 0
        self._unasked = 0

    def problem(self, problem: Problem) -> None:
        """Try everything on one task."""
        self._tasks.add(problem.task.id)
        try:
            reference = list(self._gym.solution(problem))
            trials = list(self._trials(problem, reference))
        except Exception as error:
            self._fault(problem, "the reference", error)
            return
        for trial in trials:
            self._try(problem, trial, reference)

    def _trials(self, problem: Problem, reference: list[Action]) -> Iterator[Trial]:
        gym = self._gym
        unique = isinstance(gym, Unique) and gym.unique(problem)

        def means(value: str) -> bool:
            return isinstance(gym, Unique) and unique and gym.means(problem, value)

        if gym.actions is Answer and len(reference) == 1 and isinstance(reference[0], Answer):
            for kind, expect, text in text_trials(reference[0].text, unique, means):
                yield Trial(kind, expect, [Answer(text)])
        else:
            yield Trial("the reference", "accept", reference)
            yield from self._steps(problem, reference, "wrong" if unique else "look")
        if isinstance(gym, Equivalents):
            for kind, actions in gym.equivalents(problem).items():
                yield Trial(kind, "accept", actions)
        if isinstance(gym, Notations):
            for kind, actions in gym.notations(problem).items():
                yield Trial(kind, "value", actions)
        if isinstance(gym, Wrongs):
            for kind, actions in gym.wrongs(problem).items():
                yield Trial(kind, "wrong", actions)
        for kind, actions in gym.cheats(problem).items():
            yield Trial(f"cheat: {kind}", "reject", actions)

    def _steps(self, problem: Problem, reference: list[Action], expect: Expect) -> Iterator[Trial]:
        """Yield changed solutions that end in another state than the reference does."""
        right = self._outcome(act(self._gym, problem, reference, self._ask))
        seen: set[bytes] = set()
        for kind, actions in step_mutants(reference):
            key = msgspec.json.encode(actions)
            if key in seen or list(actions) == reference:
                continue
            seen.add(key)
            try:
                record = act(self._gym, problem, actions, self._ask)
            except BanburyError as error:
                self._fault(problem, kind, error)
                continue
            if right and self._outcome(record) == right:
                self._same += 1
            else:
                yield Trial(kind, expect, actions)

    def _outcome(self, record: Record) -> object:
        """Return what the gym recorded as the final state, empty if it records none."""
        if isinstance(self._gym, Outcomes):
            return self._gym.outcome(record)
        held = [s.payload for s in record.steps if s.kind == "note" and s.track == "state"]
        return held[-1] if held else b""

    def _try(self, problem: Problem, trial: Trial, reference: Sequence[Action]) -> None:
        try:
            got = self._gym.judge(act(self._gym, problem, trial.actions, self._ask), problem)
        except Exception as error:
            self._fault(problem, trial.kind, error)
            return
        self._unasked = 0
        verdict = _verdict(trial.expect, got)
        self._tried.append(_Tried(trial, problem.task.skill, problem.task.id, verdict))
        if verdict != "right":
            self._cases.append(_case(problem, trial, reference, verdict, got))

    def _fault(self, problem: Problem, kind: str, error: Exception) -> None:
        self._unasked += isinstance(error, ActorError)
        if isinstance(error, ActorError) and self._unasked >= _PATIENCE:
            raise error
        said = f"{problem.task.skill}, {kind}, task {problem.task.id[:12]}: {error!r}"
        self._errors.append(said[:_SHORT])

    def audit(self, seed: int) -> Audit:
        """Return the counts."""
        gym = self._gym
        order = list(GROUPS)
        cases = sorted(self._cases, key=lambda c: (order.index(c.verdict), c.skill, c.kind))
        return Audit(
            gym=gym.name,
            version=gym.version,
            judge_hash=gym.judge_hash,
            seed=seed,
            tasks=len(self._tasks),
            trials=len(self._tried),
            same=self._same,
            rates=list(_rates(self._tried)),
            cases=cases,
            errors=self._errors,
        )


def _verdict(expect: Expect, got: Judgement) -> Verdict:
    lenient = got.components.get("lenient")
    if expect == "accept" and not got.passed:
        return "false reject"
    if expect in ("wrong", "reject") and got.passed:
        return "false accept"
    if expect == "look" and got.passed:
        return "look"
    if lenient is not None:
        if expect == "wrong" and lenient >= 1.0:
            return "value seen"
        if expect in ("accept", "value") and lenient < 1.0:
            return "value missed"
    return "right"


def _case(
    problem: Problem, trial: Trial, reference: Sequence[Action], verdict: Verdict, got: Judgement
) -> Case:
    return Case(
        skill=problem.task.skill,
        kind=trial.kind,
        expect=trial.expect,
        verdict=verdict,
        task=problem.task.id,
        instruction=problem.task.public.instruction[-_SHOWN:],
        reference=_said(reference),
        tried=_said(trial.actions),
        score=got.score,
        lenient=got.components.get("lenient"),
        evidence=got.evidence[:_SHOWN],
    )


def _said(actions: Sequence[Action]) -> str:
    if len(actions) == 1 and isinstance(actions[0], Answer):
        text = actions[0].text
    else:
        text = "\n".join(msgspec.json.encode(action).decode() for action in actions)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ... ({len(text)} characters)"


def _rates(tried: Sequence[_Tried]) -> Iterator[Rate]:
    """Yield the rates of each skill and kind that had a fault, and all totals."""
    for verdict, expected in GROUPS.items():
        cells: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
        for one in tried:
            if one.trial.expect in expected:
                wrong = one.verdict == verdict
                for skill in (one.skill, ""):
                    for kind in (one.trial.kind, ""):
                        tasks = cells[skill, kind]
                        tasks[one.task] = tasks.get(one.task, False) or wrong
        for (skill, kind), tasks in cells.items():
            bad = sum(tasks.values())
            if bad or not kind:
                found = clopper_pearson(bad, len(tasks))
                yield Rate(skill, kind, verdict, len(tasks), bad, found.low, found.high)
