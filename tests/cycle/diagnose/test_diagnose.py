"""Each gap by its right name: form, knowledge or skill."""

import msgspec
import pytest

from banbury.actors.script import Script, fixed
from banbury.cycle.diagnose import SkillMap, choose, diagnose
from banbury.cycle.probe import probe
from banbury.errors import ActorError, InputError
from banbury.gyms import registry
from banbury.gyms.contract import Answer

ADD, SUBTRACT, QUEUE, LARGER = (
    "reasoning.add",
    "reasoning.subtract",
    "office.email.queue",
    "reasoning.larger",
)


def found(artifact):
    body = msgspec.convert(artifact.body, SkillMap)
    return body, {gap.skill: gap for gap in body.gaps}


def copies(answer, seen=None):
    """A model that is shown examples, and then says what `answer(task, shots)` returns."""

    def with_shots(shots, name):
        def plan(task):
            if seen is not None:
                seen.append((task, shots(task)))
            return [Answer(answer(task, shots(task)))]

        return Script("student", plan)

    return with_shots


def nothing(task, shots):
    return "I cannot say."


def test_a_gap_is_named_by_what_closes_it(lab, student):
    """Four who fail: one says it wrongly, one needs an example, one was never told, one cannot."""
    abilities = {ADD: "form", SUBTRACT: 0.0, QUEUE: 0.0, LARGER: 1.0}
    skills = [ADD, SUBTRACT, QUEUE, LARGER, "reasoning.multiply"]
    abilities["reasoning.multiply"] = 0.0
    probed = probe(lab, student(lab, abilities), skills, name="p")

    def after_examples(task, shots):
        if task.skill != SUBTRACT:
            return "I cannot say."
        return registry.gym(task.gym).solution(lab.problem(task.id))[0].text

    body, gaps = found(diagnose(lab, probed, copies(after_examples), name="m"))
    assert {skill: gap.kind for skill, gap in gaps.items()} == {
        ADD: "form",
        SUBTRACT: "form",
        QUEUE: "knowledge",
        "reasoning.multiply": "skill",
    }
    assert (gaps[ADD].lenient, gaps[ADD].few_shot, gaps[ADD].strict) == (1.0, 0.0, 0.0)
    assert (gaps[SUBTRACT].lenient, gaps[SUBTRACT].few_shot) == (0.0, 1.0)
    assert {gap.few_shot_n for gap in gaps.values()} == {8}
    assert body.probe == probed.id
    assert [g.rank for g in body.gaps] == sorted((g.rank for g in body.gaps), reverse=True)


def test_examples_are_of_the_same_skill_and_never_the_task_itself(lab, student):
    probed = probe(lab, student(lab, {ADD: 0.0, QUEUE: 0.0}), [ADD, QUEUE], name="p")
    seen = []
    diagnose(lab, probed, copies(nothing, seen), name="m")
    assert len(seen) == 16
    for task, shots in seen:
        assert len(shots) == 3
        assert task.public.instruction not in [shown for shown, _ in shots]
        for shown, answer in shots:
            own = [t for t in lab.tasks(skill=task.skill) if t.public.instruction == shown]
            gym = registry.gym(task.gym)
            assert answer == gym.solution(lab.problem(own[0].id))[0].text


def test_failures_are_shown_with_what_was_asked_said_and_right(lab, student):
    """Even where another actor's failures stand under the same run, and came before."""
    probe(lab, fixed("somebody else"), [ADD], name="p")
    probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p", seed=1)
    probed = probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p")
    _, gaps = found(diagnose(lab, probed, copies(nothing), name="m"))
    examples = gaps[ADD].examples
    assert len(examples) == 3
    for example in examples:
        record = lab.read(example.episode)
        problem = lab.problem(record.episode.key.task)
        assert problem.task.id in probed.body["skills"][0]["tasks"]
        assert example.asked == problem.task.public.instruction
        assert example.said == "I cannot say."
        assert example.right == registry.gym("reasoning").solution(problem)[0].text


def test_a_probe_without_gaps_gives_an_empty_map(lab, student):
    probed = probe(lab, student(lab, {}), [ADD], name="p")
    body, _ = found(diagnose(lab, probed, copies(nothing), name="m"))
    assert body.gaps == ()


def test_the_same_name_plays_nothing_again(lab, student):
    probed = probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p")
    seen = []
    first = diagnose(lab, probed, copies(nothing, seen), name="m")
    again = diagnose(lab, probed, copies(nothing, seen), name="m")
    assert len(seen) == 8
    assert {**again.body, "seconds": 0} == {**first.body, "seconds": 0}


def test_an_endpoint_that_went_down_names_no_gap(lab, student):
    """Few-shot scores that are missing must not turn a gap of form into one of skill."""
    probed = probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p")

    def down(task, shots):
        raise ActorError("nobody answers")

    with pytest.raises(ActorError, match="all 8 episodes failed"):
        diagnose(lab, probed, copies(down), name="m")
    assert not lab.artifacts("map")
    right = copies(lambda task, _: registry.gym(task.gym).solution(lab.problem(task.id))[0].text)
    _, gaps = found(diagnose(lab, probed, right, name="m"))
    assert (gaps[ADD].kind, gaps[ADD].few_shot, gaps[ADD].few_shot_n) == ("form", 1.0, 8)


def test_the_gaps_to_work_on_are_of_several_kinds(lab, student):
    skills = [ADD, SUBTRACT, QUEUE, "reasoning.multiply"]
    abilities = dict.fromkeys(skills, 0.0) | {ADD: "form", SUBTRACT: "form"}
    probed = probe(lab, student(lab, abilities), skills, name="p")
    body, _ = found(diagnose(lab, probed, copies(nothing), name="m"))
    assert {g.kind for g in choose(body.gaps, 3)} == {"form", "knowledge", "skill"}
    assert len({g.skill for g in choose(body.gaps, 9)}) == 4
    assert choose(body.gaps, 0) == []


def test_another_model_than_the_probed_one_is_refused(lab, student):
    probed = probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p")
    with pytest.raises(InputError, match=r"the probe was of 'student' 1, not of 'fixed'"):
        diagnose(lab, probed, lambda shots, name: fixed("x"), name="m")
