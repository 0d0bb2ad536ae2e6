"""Where the dial found a gap, data is made, the model trained and the repair measured."""

import msgspec
import pytest

from banbury.actors.script import Script
from banbury.arena import draw
from banbury.cycle import skills
from banbury.cycle.compare.compare import guard_by_route
from banbury.cycle.diagnose import diagnose
from banbury.cycle.difficulty import at, easiest, sources_of, worked_at
from banbury.cycle.probe import probe
from banbury.cycle.source import source
from banbury.episode.definition import rule
from banbury.errors import UnknownName
from banbury.gyms.contract import Answer

ADD, SUBTRACT, INTENT = "reasoning.add", "reasoning.subtract", "office.email.intent"
SIZES = {"train": 6, "reserve": 3, "unseen": 2}


def level(task):
    return msgspec.json.decode(task.params)["difficulty"]


def levels(lab, ids):
    return {level(p.task) for p in lab.problems(ids).values()}


@pytest.fixture
def turned(lab, student):
    """A probe whose dial was turned to hard for ADD and SUBTRACT, and its map."""
    able, half = student(lab, {}), student(lab, {ADD: 0.2, SUBTRACT: 0.8, INTENT: 0.0})

    def plan(task):
        return (able if level(task) == "easy" else half)._plan(task)

    policy = Script("student", plan)
    probed = probe(lab, policy, [ADD, SUBTRACT, INTENT], name="p", dial=True, most=48)
    return diagnose(lab, probed, lambda s, n: Script("student", lambda t: [Answer("?")]), name="m")


def test_what_the_dial_chose_goes_with_the_gap_into_source_training_and_guard(lab, turned):
    gaps = {g["skill"]: g["difficulty"] for g in turned.body["gaps"]}
    assert gaps == {ADD: "hard", INTENT: "real"}
    made = source(lab, list(gaps), name="s", difficulty=gaps, parents=[turned.id], **SIZES)
    for one in made.body["skills"]:
        assert one["difficulty"] == gaps[one["skill"]]
        ids = [*one["train"], *one["reserved_seen"], *one["reserved_unseen"]]
        assert levels(lab, ids) == {one["difficulty"]}
    trained = [t for s in made.body["skills"] for t in s["train"]]
    assert sources_of(lab, trained[:1]) == [made]
    known = worked_at(lab, [made], [ADD, SUBTRACT, INTENT, "reasoning.even"])
    assert known == {ADD: "hard", SUBTRACT: "hard", INTENT: "real"}
    base = Script("student", lambda t: [Answer("?")])
    gate = guard_by_route(lab, base, base, [SUBTRACT], name="g", seed=0, items=4, difficulty=known)
    assert levels(lab, gate.body["items"][SUBTRACT]) == {"hard"}


def test_a_source_without_a_map_tells_its_own(lab):
    made = source(lab, [ADD, SUBTRACT], name="s", difficulty={ADD: "hard"}, **SIZES)
    assert worked_at(lab, [made], [ADD, SUBTRACT]) == {ADD: "hard", SUBTRACT: "easy"}
    one = source(lab, [ADD], name="t", difficulty="hard", **SIZES)
    assert one.body["skills"][0]["difficulty"] == "hard"
    with pytest.raises(UnknownName, match="difficulty"):
        source(lab, [ADD], name="u", difficulty="harder", **SIZES)


def test_artifacts_from_before_difficulties_were_recorded_draw_as_ever(lab):
    made = source(lab, [ADD], name="s", **SIZES)
    body = {**made.body, "skills": [{**s} for s in made.body["skills"]]}
    del body["skills"][0]["difficulty"]
    old = lab.put_artifact("source", "old", body)
    assert worked_at(lab, [old], [ADD]) == {}
    plain = draw(lab, ADD, 9, "train", seed=3)
    assert draw(lab, ADD, 9, "train", seed=3, difficulty="easy") == plain


def test_a_split_by_difficulty_is_worked_on_where_it_lies(lab, student):
    small, large = "maths.small", "maths.large"
    before = source(lab, [ADD], name="s", difficulty="hard", **SIZES)
    skills.split_by_rule(lab, ADD, [small, large], rule("difficulty=easy"), who="ann")
    assert [easiest(lab, n) for n in (small, large, ADD)] == ["easy", "hard", ""]
    assert [skills.described(lab, n)[1].difficulties for n in (small, large)] == [
        ("easy",),
        ("hard",),
    ]
    # What was sourced as one skill is known of the part that can have it.
    assert worked_at(lab, [before], [small, large]) == {large: "hard"}
    rates = probe(lab, student(lab, {}), [small, large], name="p", dial=True).body["skills"]
    assert [r["difficulty"] for r in rates] == ["easy", "hard"]
    assert [levels(lab, r["tasks"]) for r in rates] == [{"easy"}, {"hard"}]


def test_of_several_sources_the_newest_counts(lab):
    first = source(lab, [ADD], name="s", difficulty="hard", **SIZES)
    second = source(lab, [ADD], name="t", **SIZES)
    tasks = [*first.body["skills"][0]["train"], *second.body["skills"][0]["train"]]
    assert sources_of(lab, tasks) == [first, second]
    assert worked_at(lab, [first, second], [ADD]) == {ADD: "easy"}
    assert sources_of(lab, ["f" * 64]) == []


def test_one_difficulty_for_all_or_by_skill():
    assert [at(d, ADD) for d in (None, "", "hard", {ADD: "hard"}, {ADD: ""}, {})] == [
        None,
        None,
        "hard",
        "hard",
        None,
        None,
    ]
