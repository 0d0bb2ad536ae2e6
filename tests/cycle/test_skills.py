"""Skills renamed, merged and split: drawn from, probed, sourced, and their history found."""

import pytest

from banbury.actors.script import Script
from banbury.arena import draw
from banbury.cycle import skills
from banbury.cycle.diagnose import diagnose
from banbury.cycle.probe import probe
from banbury.cycle.source import source
from banbury.episode.definition import Terms, rule
from banbury.errors import InputError, UnknownName
from banbury.gyms.contract import Answer

ADD, SUBTRACT, QUEUE = "reasoning.add", "reasoning.subtract", "office.email.queue"


def rates(artifact):
    return {r["skill"]: (r["passes"], r["n"]) for r in artifact.body["skills"]}


def test_a_renamed_skill_keeps_its_episodes_its_tasks_and_its_id(lab, student):
    before = probe(lab, student(lab, {ADD: 0.0}), [ADD], name="p")
    old = lab.taxonomy.skill(ADD)
    taxonomy = skills.rename(lab, ADD, "maths.plus", who="ann", why="clearer")
    assert taxonomy.skill("maths.plus") == old
    assert len(lab.outcomes(skill="maths.plus")) == len(lab.outcomes(skill=ADD)) == 12
    assert {o.skill for o in lab.outcomes(skill="maths.plus")} == {ADD}
    assert len(list(lab.episodes(skill="maths.*"))) == 12
    after = probe(lab, student(lab, {ADD: 0.0}), ["maths.plus"], name="p")
    assert after.body["skills"][0]["tasks"] == before.body["skills"][0]["tasks"]
    assert len(lab.outcomes(run="p")) == 12
    skills.rename(lab, "maths.plus", "maths.sum", who="bob")
    assert [len(lab.outcomes(skill=n)) for n in (ADD, "maths.plus", "maths.sum")] == [12] * 3
    assert skills.described(lab, ADD)[1].name == ADD
    assert skills.described(lab, "maths.sum")[1].title == "add two whole numbers"


def test_a_merged_skill_is_drawn_from_both_in_equal_parts(lab, student):
    probe(lab, student(lab, {}), [ADD, SUBTRACT], name="p")
    skills.merge(lab, [ADD, QUEUE], "mixed.both", who="ann")
    drawn = draw(lab, "mixed.both", 10, "train", seed=1)
    assert [p.task.skill for p in drawn] == [ADD, QUEUE] * 5
    assert len(lab.outcomes(skill="mixed.both")) == 12
    found = rates(probe(lab, student(lab, {QUEUE: 0.0}), ["mixed.both"], name="q"))
    assert found == {"mixed.both": (12, 24)}
    assert len(lab.outcomes(skill=ADD)) == 12 + 24


def test_a_split_skill_is_two_and_the_old_name_finds_both(lab, student):
    failing = {QUEUE: 0.0}
    probe(lab, student(lab, failing), [QUEUE], name="p")
    a, b = "office.email.from_city", "office.email.from_firms"
    skills.split_by_rule(lab, QUEUE, [a, b], rule("text~city.gov"), who="ann", why="offices differ")
    assert len(lab.outcomes(skill=a)) + len(lab.outcomes(skill=b)) == 12
    assert all("city.gov" in p.task.public.instruction for p in draw(lab, a, 5, "probe", seed=3))
    assert not any(
        "city.gov" in p.task.public.instruction for p in draw(lab, b, 9, "probe", seed=3)
    )
    again = probe(lab, student(lab, failing), [a, b], name="q")
    assert rates(again) == {a: (0, 12), b: (0, 12)}
    assert len(lab.outcomes(skill=QUEUE)) == 36
    assert lab.taxonomy.current(QUEUE) == (a, b)
    mapped = diagnose(lab, again, lambda s, n: Script("student", lambda t: [Answer("?")]), name="m")
    assert {g["skill"]: g["kind"] for g in mapped.body["gaps"]} == {a: "knowledge", b: "knowledge"}
    made = source(lab, [a, b], name="s", train=4, reserve=2, unseen=1)
    assert made.body["passed"] == 8
    assert [len(lab.outcomes(run="s", skill=n)) for n in (a, b, QUEUE)] == [4, 4, 8]


def test_a_split_by_difficulty_draws_at_that_difficulty(lab):
    skills.split_by_rule(
        lab, ADD, ["maths.small", "maths.large"], rule("difficulty=easy"), who="ann"
    )
    for name, level in (("maths.small", "easy"), ("maths.large", "hard")):
        drawn = draw(lab, name, 4, "probe", seed=0)
        assert all(f'"difficulty":"{level}"' in p.task.params for p in drawn)


def test_a_split_by_terms_leaves_no_episode_out(lab, student):
    probe(lab, student(lab, {}), [QUEUE], name="p", batch=24)
    one, two = Terms({"refund": 1.0}, -0.5), Terms({"invoice": 1.0}, -0.5)
    with pytest.raises(InputError, match="do not split"):
        skills.split_by_terms(lab, QUEUE, ["x.a", "x.b", "x.c", "x.d"], [one, two], who="ann")
    three = ["x.refund", "x.invoice", "x.rest"]
    skills.split_by_terms(lab, QUEUE, three, [one, two], who="ann")
    counts = [len(lab.outcomes(skill=n)) for n in three]
    assert sum(counts) == 24
    assert all(counts)
    assert len(lab.outcomes(skill=QUEUE)) == 24


def test_acts_that_mean_nothing_are_refused_and_leave_no_trace(lab, student):
    probe(lab, student(lab, {}), [ADD], name="p")
    with pytest.raises(UnknownName, match=r"reasoning\.add"):
        skills.rename(lab, "reasoning.ad", "x.y", who="ann")
    with pytest.raises(InputError, match="a gym's own"):
        skills.rename(lab, ADD, SUBTRACT, who="ann")
    with pytest.raises(InputError, match="no name of a skill"):
        skills.rename(lab, ADD, "Sums!", who="ann")
    with pytest.raises(InputError, match="at least two"):
        skills.merge(lab, [ADD, ADD], "x.y", who="ann")
    with pytest.raises(InputError, match=r"no task of reasoning\.add would be x\.a"):
        skills.split_by_rule(lab, ADD, ["x.a", "x.b"], rule("text~refund"), who="ann")
    with pytest.raises(UnknownName):
        draw(lab, "x.y", 1, "probe", seed=0)
    assert lab.taxonomy.version == 0


def test_a_condition_that_nothing_fulfils_ends(lab):
    skills.accept(lab, "x.a", [ADD], Terms({"refund": 1.0}, -0.5), proposal="", who="ann")
    with pytest.raises(InputError, match=r"x\.a has only 0 of 1"):
        draw(lab, "x.a", 1, "probe", seed=0)
