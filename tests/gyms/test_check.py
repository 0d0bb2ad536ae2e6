import random

import msgspec
import pytest

from banbury.episode import Judgement, Problem, Secret
from banbury.errors import UnknownName
from banbury.gyms import registry
from banbury.gyms.check import act, check
from banbury.gyms.contract import Answer, final_answer
from banbury.gyms.office.gym import OfficeGym
from banbury.gyms.reasoning.gym import ReasoningGym

OURS = "reasoning.add"


def failed(findings):
    return [f"{f.skill}: {f.check}: {f.message}" for f in findings if not f.ok]


@pytest.mark.parametrize("name", registry.names())
def test_every_registered_gym_keeps_the_contract(name):
    gym = registry.gym(name)
    ours = [s.name for s in gym.skills() if s.source != "reasoning-gym"]
    findings = check(gym, per_skill=3, seed=1, skills=ours)
    assert failed(findings) == []
    assert {f.skill for f in findings} == {"", *ours}


@pytest.mark.slow
def test_every_family_of_reasoning_gym_keeps_the_contract():
    gym = ReasoningGym()
    theirs = [s.name for s in gym.skills() if s.source == "reasoning-gym"]
    assert len(theirs) > 90
    assert failed(check(gym, per_skill=1, seed=2, skills=theirs)) == []


def test_an_unknown_skill_is_named_with_the_nearest():
    with pytest.raises(UnknownName, match=r"reasoning\.add"):
        check(ReasoningGym(), skills=["reasoning.ad"])


class Believes(ReasoningGym):
    """Gives a point for every answer that holds the right one."""

    def judge(self, record, problem) -> Judgement:
        gold = msgspec.json.decode(problem.secret.answer)
        return self.verdict(record, float(gold in final_answer(record)))


class Stubborn(ReasoningGym):
    """Gives no point to anybody."""

    def judge(self, record, problem):
        return self.verdict(record, 0.0)


class Kind(ReasoningGym):
    """Gives everybody a point, even one who does nothing."""

    def judge(self, record, problem):
        return self.verdict(record, 1.0)


class Forgetful(ReasoningGym):
    """Makes other tasks at every call."""

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen"):
        lot = random.randrange(2**31)
        return super().tasks(skill, seed=lot, difficulty=difficulty, phrasing=phrasing)


class Leaky(ReasoningGym):
    """Puts the answer into the task."""

    def tasks(self, skill, **options):
        for problem in super().tasks(skill, **options):
            params = msgspec.json.encode({"key": f"{problem.task.id}-gold"}).decode()
            task = msgspec.structs.replace(problem.task, params=params)
            gold = msgspec.json.encode(f"{task.id}-gold").decode()
            yield Problem(task, Secret(task.id, gold, problem.secret.solution))


class Fragile(ReasoningGym):
    """Breaks on text that it does not expect."""

    def judge(self, record, problem):
        text = final_answer(record)
        if len(text) > 50_000:
            raise ValueError("too long")
        return super().judge(record, problem)


class Repeating(ReasoningGym):
    """Gives the first task again and again."""

    def tasks(self, skill, **options):
        first = next(super().tasks(skill, **options))
        while True:
            yield first


class Open(ReasoningGym):
    """Lets any name pass."""

    def tasks(self, skill, **options):
        return super().tasks(OURS, **{**options, "difficulty": None})


@pytest.mark.parametrize(
    ("gym", "caught"),
    [
        (Believes, "cheat: list every option"),
        (Believes, "cheat: right, then another"),
        (Stubborn, "the reference gets full marks"),
        (Kind, "doing nothing scores zero"),
        (Kind, "an empty answer scores zero"),
        (Forgetful, "same seed, same task"),
        (Leaky, "the task does not hold its answer"),
        (Fragile, "judges 100,000 letters"),
        (Repeating, "tasks are distinct"),
        (Open, "an unknown skill is refused"),
    ],
)
def test_a_broken_gym_is_caught_and_told_why(gym, caught):
    findings = check(gym(), per_skill=3, skills=[OURS])
    (found, *_) = [f for f in findings if not f.ok and f.check == caught]
    assert len(found.message) > 20


def test_an_error_of_the_gym_is_a_finding_not_a_crash():
    class Broken(OfficeGym):
        def solution(self, problem):
            raise RuntimeError("no reference today")

    assert "no reference today" in " ".join(failed(check(Broken())))


def test_act_records_what_was_shown_and_done():
    gym = ReasoningGym()
    problem = next(gym.tasks(OURS, seed=3))
    record = act(gym, problem, [Answer("one"), Answer("two")])
    assert [s.kind for s in record.steps] == ["observation", "action"]
    assert problem.task.public.instruction.encode()[:12] in record.steps[0].payload
    assert final_answer(record) == "one"
