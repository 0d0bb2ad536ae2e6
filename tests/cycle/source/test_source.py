"""Made tasks: the reserved ones stay apart, the references pass, and a kill changes nothing."""

import pytest

from banbury.cycle.source import source
from banbury.errors import InputError, Reserved, UnknownName

ADD, QUEUE = "reasoning.add", "office.email.queue"
SIZES = {"train": 20, "reserve": 8, "unseen": 5}


def texts(lab, ids):
    tasks = [p.task for p in lab.problems(ids).values()]
    return {" ".join(t.public.instruction.lower().split()) for t in tasks}


def test_references_pass_on_training_tasks_alone(lab):
    made = source(lab, [ADD, QUEUE], name="s", **SIZES)
    assert (made.body["episodes"], made.body["passed"], made.body["failed"]) == (40, 40, 0)
    outcomes = lab.outcomes(run="s")
    assert {(o.split, o.status, o.passed) for o in outcomes} == {("train", "done", True)}
    trained = {t for s in made.body["skills"] for t in s["train"]}
    assert {o.task for o in outcomes} == trained
    assert {o.tags for o in outcomes} == {("reference",)}


def test_reserved_items_share_nothing_with_training(lab):
    made = source(lab, [ADD, QUEUE], name="s", **SIZES)
    for one in made.body["skills"]:
        kinds = [one["reserved_seen"], one["reserved_unseen"], one["train"]]
        assert [len(k) for k in kinds] == [8, 5, 20]
        assert len({t for k in kinds for t in k}) == 33
        assert len(texts(lab, [t for k in kinds for t in k])) == 33
        wordings = [{lab.task(t).public.phrasing for t in k} for k in kinds]
        assert not wordings[1] & (wordings[0] | wordings[2])
        assert {lab.task(t).split for t in kinds[0] + kinds[1]} == {"reserved"}
        with pytest.raises(Reserved):
            lab.assign([one["reserved_unseen"][0]], "train")


@pytest.mark.parametrize("at", [1, 15, 39])
def test_a_source_stopped_midway_ends_as_if_it_had_not_been(house, lab, at):
    def stop(tally):
        if tally.done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        source(lab, [ADD, QUEUE], name="s", progress=stop, **SIZES)
    assert not lab.artifacts("source")
    torn = source(lab, [ADD, QUEUE], name="s", **SIZES)
    whole = source(house.lab(f"{lab.name}-whole"), [ADD, QUEUE], name="s", **SIZES)
    assert {**torn.body, "seconds": 0} == {**whole.body, "seconds": 0}
    assert len(lab.outcomes(run="s")) == 40


@pytest.mark.parametrize("skills", [[], [ADD, ADD]])
def test_what_cannot_be_worked_on_is_refused(lab, skills):
    with pytest.raises(InputError):
        source(lab, skills, name="s")
    with pytest.raises(UnknownName, match=r"reasoning\.add"):
        source(lab, ["reasoning.ad"], name="s")
    assert not list(lab.tasks())


def test_a_run_of_other_skills_is_not_added_to(lab):
    source(lab, [ADD], name="s", **SIZES)
    with pytest.raises(InputError, match=r"run 's' holds episodes of reasoning\.add already.*name"):
        source(lab, [QUEUE], name="s", **SIZES)
    assert not lab.outcomes(run="s", skill=QUEUE)
    assert {o.skill for o in lab.outcomes(run="s")} == {ADD}
    assert source(lab, [ADD, QUEUE], name="s", **SIZES).version == 2
    with pytest.raises(InputError, match="holds episodes of office"):
        source(lab, [ADD], name="s", **SIZES)
