"""The audit finds the faults that were planted in a judge, and none in a sound one."""

from typing import ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banbury.episode import Judgement, Problem, Public, Secret, SkillWeight, Task, identity
from banbury.errors import InputError, UnknownName
from banbury.gyms.audit import audit
from banbury.gyms.audit.report import html, markdown, write_report
from banbury.gyms.audit.steps import step_mutants
from banbury.gyms.audit.text import mutants, same_value, text_trials
from banbury.gyms.contract import Action, Environment, Gym, Skill, Turn, final_answer
from banbury.gyms.reasoning.gym import ReasoningGym

SKILL = "reasoning.add"


def faults(found, verdict):
    return {case.kind for case in found.cases if case.verdict == verdict}


def test_a_sound_judge_has_no_fault():
    found = audit(ReasoningGym(), skills=[SKILL, "reasoning.sort_numbers"], tasks=6)
    assert (found.cases, found.errors) == ([], [])
    assert found.tasks == 12
    total = found.total("false accept")
    assert (total.tasks, total.wrong, total.low) == (12, 0, 0.0)
    assert 0.2 < total.high < 0.3
    assert not found.faulty


class Contains(ReasoningGym):
    """Passes every text that holds the right value."""

    def judge(self, record, problem) -> Judgement:
        gold = msgspec.json.decode(problem.secret.answer)
        return self.verdict(record, float(gold in final_answer(record)))


class Near(ReasoningGym):
    """Passes numbers that are off by one."""

    def judge(self, record, problem) -> Judgement:
        gold = int(msgspec.json.decode(problem.secret.answer))
        said = final_answer(record).rpartition("Answer: ")[2].strip()
        right = said.lstrip("-").isdigit() and abs(int(said) - gold) <= 1
        return self.verdict(record, float(right))


class Picky(ReasoningGym):
    """Refuses whatever is not the reference to the letter."""

    def judge(self, record, problem) -> Judgement:
        right = final_answer(record) == self.solution(problem)[0].text
        return self.verdict(record, float(right))


class Breaks(ReasoningGym):
    """Raises on a text that it does not expect."""

    def judge(self, record, problem) -> Judgement:
        int(final_answer(record).rpartition("Answer: ")[2])
        return super().judge(record, problem)


def test_a_judge_that_looks_for_the_value_anywhere_is_caught():
    found = audit(Contains(), skills=[SKILL], tasks=4)
    assert {"the right one in a comment", "two values", "a negation"} <= faults(
        found, "false accept"
    )
    assert found.faulty
    assert found.total("false accept", SKILL).wrong == 4


def test_a_judge_that_takes_near_misses_is_caught():
    found = audit(Near(), skills=[SKILL], tasks=6)
    assert "off by one" in faults(found, "false accept")


def test_a_judge_that_refuses_harmless_changes_is_caught():
    found = audit(Picky(), skills=[SKILL], tasks=3)
    assert {"blank lines around", "a sentence before"} <= faults(found, "false reject")
    assert faults(found, "false accept") == set()


def test_a_judge_that_raises_is_an_error_and_no_count():
    found = audit(Breaks(), skills=[SKILL], tasks=2)
    assert any("ValueError" in error for error in found.errors)


def test_bad_arguments_are_refused():
    with pytest.raises(UnknownName):
        audit(ReasoningGym(), skills=["reasoning.nosuch"])
    with pytest.raises(InputError):
        audit(ReasoningGym(), skills=[SKILL], tasks=0)


class Go(Action, frozen=True, tag="go"):
    """Move."""

    where: Literal["up", "down"]
    far: int


class Walk(Environment):
    def __init__(self):
        self._at = 0

    def opening(self):
        return Turn()

    def step(self, seat, action):
        self._at += action.far if action.where == "up" else -action.far
        return Turn()

    def evidence(self):
        return msgspec.json.encode(self._at).decode()


class Walks(Gym):
    """Go to 5, by any way."""

    name: ClassVar[str] = "walks"
    version: ClassVar[str] = "1"
    actions: ClassVar = Go
    reach = 0

    def skills(self):
        return [Skill("walks.five", "to five")]

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen"):
        id = identity("walks", "five", "1", seed)
        shown = Public("Go to 5.", phrasing="a")
        task = Task(id, "walks", "five", "1", "{}", shown, (SkillWeight(skill),))
        yield Problem(task, Secret(id, "5"))

    def start(self, problem, *, seed=0, ask=None):
        return Walk()

    def judge(self, record, problem):
        held = [s.payload for s in record.steps if s.track == "state"]
        at = int(held[-1]) if held else 0
        return self.verdict(record, float(abs(at - 5) <= self.reach))

    def solution(self, problem):
        return [Go("up", 2), Go("up", 4), Go("down", 1)]

    def cheats(self, problem):
        return {"stay": []}


class Slack(Walks):
    """Takes 4 and 6 for 5."""

    reach = 1


def test_steps_are_dropped_swapped_and_changed_and_the_same_state_is_no_mutant():
    found = audit(Walks(), tasks=1)
    assert found.same >= 2  # the steps may be taken in any order
    assert found.cases == []
    slack = audit(Slack(), tasks=1)
    assert {"a field changed", "a step dropped"} <= faults(slack, "look")


def test_step_mutants_stay_actions_of_the_gym():
    for _, actions in step_mutants(Walks().solution(None)):
        for action in actions:
            assert msgspec.json.decode(msgspec.json.encode(action), type=Go) == action


@given(st.from_regex(r" [A-Za-z0-9 ,.:-]{1,30}", fullmatch=True))
def test_no_mutant_is_the_value_in_another_notation(value):
    for kind, mutant in mutants(value):
        assert kind
        assert mutant.strip()
        assert not same_value(mutant, value.strip())


def test_a_text_without_an_answer_line_is_tried_as_prose():
    kinds = {kind for kind, _, _ in text_trials("Dear Ana, thank you.", unique=False)}
    assert {"the first half", "praise of itself", "the reference"} <= kinds
    assert "two values" not in kinds


def test_the_report_shows_the_worst_and_escapes_it(tmp_path):
    found = audit(Contains(), skills=[SKILL], tasks=2)
    page, text = html(found), markdown(found)
    assert "&lt;!--" in page
    assert "<!-- " not in page
    assert f"### {SKILL}: a negation (wrong, passed)" in text
    write_report(found, tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text() == page
    with pytest.raises(InputError, match="neither"):
        write_report(found, tmp_path / "a.pdf")
