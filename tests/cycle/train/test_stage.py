"""The training stage's own draws; the stage as a whole is tried in tests/experiments."""

import msgspec

from banbury.actors.script import fixed
from banbury.arena import draw, jobs_of, run
from banbury.cycle.train.recipe import Recipe
from banbury.cycle.train.stage import _rate, _Stage

SKILL = "reasoning.larger"


def stage(lab, used):
    release = lab.put_artifact("release", "r", {})
    made = _Stage(lab, None, {}, "r", release, Recipe(), 0, None)
    made._used = used
    return made


def test_fresh_items_are_never_those_trained_on_and_always_the_same(lab):
    first = stage(lab, {SKILL: set()})._fresh(SKILL, 8)
    trained = {p.task.id for p in first[:3]}
    after = stage(lab, {SKILL: trained})
    fresh = [p.task.id for p in after._fresh(SKILL, 8)]
    assert len(fresh) == len(set(fresh)) == 8
    assert not trained & set(fresh)
    assert fresh[:5] == [p.task.id for p in first[3:]]
    assert [p.task.id for p in after._fresh(SKILL, 12)][:8] == fresh
    assert {t.split for t in lab.tasks(skill=SKILL)} == {"train"}


def test_what_other_skills_trained_on_does_not_use_up_a_small_family(lab):
    # This family has fewer tasks than the other skill was trained on.
    others = {f"{n:064x}" for n in range(30_000)}
    found = stage(lab, {SKILL: set(), "reasoning.add": others})._fresh(SKILL, 5)
    assert len(found) == 5
    assert found == draw(lab, SKILL, 5, "train", seed=7_919)


def test_fresh_items_are_of_the_difficulty_that_is_trained_on(lab):
    made = stage(lab, {SKILL: set()})
    made._difficulty = {SKILL: "hard"}
    fresh = made._fresh(SKILL, 4)
    assert {msgspec.json.decode(p.task.params)["difficulty"] for p in fresh} == {"hard"}


def test_a_second_checkpoint_of_a_name_is_not_rated_by_the_first_ones_episodes(lab):
    problems = draw(lab, "reasoning.even", 8, "train", seed=0)
    yes, nothing = (jobs_of(problems, fixed(text)) for text in ("Answer: yes", "I cannot say."))
    run(lab, "c/validation", yes)
    alone = _rate(lab, "c/validation", yes)
    run(lab, "c/validation", nothing)
    assert _rate(lab, "c/validation", yes) == alone > 0.0
    assert _rate(lab, "c/validation", nothing) == 0.0
