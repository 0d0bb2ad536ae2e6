from pathlib import Path

import msgspec
import pytest

from banbury.errors import GymError
from banbury.gyms import registry
from banbury.gyms.check import act
from banbury.gyms.contract import Answer, Gym, OneAnswer, action_schema, final_answer
from banbury.gyms.office.gym import OfficeGym


def problem_of(gym):
    return next(gym.tasks(gym.skills()[0].name, seed=1))


def test_every_skill_belongs_to_one_gym():
    skills = registry.skills()
    assert sum(len(registry.gym(name).skills()) for name in registry.names()) == len(skills)
    gym, skill = registry.skill("office.email.intent")
    assert (gym.name, skill.name) == ("office", "office.email.intent")


def test_a_verdict_outside_0_to_1_is_an_error_of_the_gym():
    gym = OfficeGym()
    record = act(gym, problem_of(gym), [])
    with pytest.raises(GymError, match=r"\[0, 1\]"):
        gym.verdict(record, 1.5)


def test_the_judge_hash_covers_the_shared_source_that_judges():
    hashed = OfficeGym().judge_hash
    assert hashed == OfficeGym().judge_hash

    class Other(OfficeGym):
        judged_with = ()

    assert {Path(f).name for f in OfficeGym.judged_with} == {"answers.py", "family.py"}
    assert Other().judge_hash != hashed


def test_final_answer_is_the_last_one_and_empty_for_what_is_none():
    gym = OfficeGym()
    problem = problem_of(gym)
    record = act(gym, problem, [Answer("Answer: a")])
    assert final_answer(record) == "Answer: a"
    assert final_answer(act(gym, problem, [])) == ""
    broken = msgspec.structs.replace(record.steps[-1], payload=b"\xff")
    assert final_answer(msgspec.structs.replace(record, steps=(broken,))) == ""


def test_one_answer_cannot_snapshot_and_says_so():
    env = OneAnswer(problem_of(OfficeGym()).task)
    with pytest.raises(GymError, match="cannot snapshot"):
        env.snapshot()
    with pytest.raises(GymError, match="cannot restore"):
        env.restore(b"")


def test_the_actions_schema_is_a_form():
    schema = action_schema(Gym.actions)
    assert "text" in str(schema)
    assert "answer" in str(schema)
