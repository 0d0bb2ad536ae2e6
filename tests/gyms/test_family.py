import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banbury.errors import UnknownName
from banbury.gyms import registry
from banbury.gyms.check import act
from banbury.gyms.contract import Answer
from banbury.gyms.family import side
from banbury.gyms.office.gym import OfficeGym
from banbury.gyms.reasoning.gym import ReasoningGym

GYMS = (ReasoningGym(), OfficeGym())
FAMILIES = [(gym, family) for gym in GYMS for family in gym.families().values()]
SETTINGS = [(g, f, d) for g, f in FAMILIES for d in f.dials]


def name(value):
    return getattr(value, "skill", getattr(value, "name", value))


@pytest.mark.parametrize(("gym", "family", "difficulty"), SETTINGS, ids=name)
def test_there_are_enough_tasks_in_both_kinds_of_wording(gym, family, difficulty):
    draw = {
        phrasing: list(
            itertools.islice(
                gym.tasks(family.skill, seed=5, difficulty=difficulty, phrasing=phrasing), 320
            )
        )
        for phrasing in ("seen", "unseen")
    }
    assert len(draw["seen"]) == 320
    assert len(draw["unseen"]) >= 100
    contents = [
        {msgspec.json.encode(msgspec.json.decode(p.task.params)["content"]) for p in problems}
        for problems in draw.values()
    ]
    assert not contents[0] & contents[1], "a content came in both kinds of wording"
    assert not {p.task.id for p in draw["seen"]} & {p.task.id for p in draw["unseen"]}


@pytest.mark.parametrize(("gym", "family", "difficulty"), SETTINGS, ids=name)
def test_prompts_are_short_and_no_constant_answer_wins(gym, family, difficulty):
    problems = list(itertools.islice(gym.tasks(family.skill, seed=6, difficulty=difficulty), 200))
    lengths = [len(p.task.public.instruction) for p in problems]
    assert sum(lengths) / len(lengths) < 260
    answers = [p.secret.answer for p in problems]
    most = max(answers.count(a) for a in set(answers)) / len(answers)
    assert most < 0.62


@pytest.mark.parametrize(("gym", "family"), FAMILIES, ids=name)
def test_wordings_are_many_and_their_ids_name_them(gym, family):
    assert len(family.seen) >= 4
    assert len(family.unseen) >= 3
    assert not set(family.seen) & set(family.unseen)
    problems = list(itertools.islice(gym.tasks(family.skill, seed=7), 100))
    assert len({p.task.public.phrasing for p in problems}) >= 8
    assert all("Answer: " in p.task.public.instruction for p in problems)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SETTINGS), st.integers(0, 2**31), st.text(max_size=60))
def test_only_the_reference_passes(setting, seed, noise):
    gym, family, difficulty = setting
    problem = next(gym.tasks(family.skill, seed=seed, difficulty=difficulty))
    (reference,) = gym.solution(problem)
    assert gym.judge(act(gym, problem, [reference]), problem).passed
    wrong = f"{reference.text}{noise}\n{noise}x"
    assert gym.judge(act(gym, problem, [Answer(wrong)]), problem).score == 0.0


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SETTINGS), st.integers(0, 2**31))
def test_the_right_value_in_another_form_is_lenient_not_strict(setting, seed):
    gym, family, difficulty = setting
    problem = next(gym.tasks(family.skill, seed=seed, difficulty=difficulty))
    gold = msgspec.json.decode(problem.secret.answer)
    found = gym.judge(act(gym, problem, [Answer(f"The answer is {gold}")]), problem)
    assert found.components == {"strict": 0.0, "lenient": 1.0}


def test_the_side_of_a_content_does_not_depend_on_seed_or_difficulty():
    family = ReasoningGym().family("reasoning.add")
    assert side(family, {"a": 17, "b": 25}) == side(family, {"b": 25, "a": 17})


def test_unknown_names_list_the_nearest():
    with pytest.raises(UnknownName, match=r"reasoning\.sort_numbers"):
        ReasoningGym().tasks("reasoning.sort_number", seed=0)
    with pytest.raises(UnknownName, match="easy"):
        ReasoningGym().tasks("reasoning.add", seed=0, difficulty="eazy")
    with pytest.raises(UnknownName, match="office"):
        registry.gym("ofice")
    with pytest.raises(UnknownName, match=r"office\.email\.queue"):
        registry.skill("office.email.queu")
