"""Examples of a skill that the lab named stand under its name."""

from banbury.actors.script import Script
from banbury.arena import draw, jobs_of, run
from banbury.cycle import skills
from banbury.cycle.release import release
from banbury.cycle.review import review
from banbury.cycle.source import source
from banbury.cycle.train.examples import released
from banbury.episode.definition import rule
from banbury.gyms import registry


def test_examples_stand_under_the_name_that_they_were_sourced_for(lab):
    small, large = "maths.small", "maths.large"
    skills.split_by_rule(lab, "reasoning.add", [small, large], rule("difficulty=easy"), who="ann")
    source(lab, [small, large, "reasoning.even"], name="s", train=4, reserve=1, unseen=0)
    # Two more beside the source's own, as a person does them.
    more = draw(lab, small, 6, "train", seed=0)[4:]
    answers = Script("ann", lambda task: registry.gym(task.gym).solution(lab.problem(task.id)))
    run(lab, "s", jobs_of(more, answers))
    review(lab, run="s")
    made = release(lab, "r", run="s", validation=0.0)
    found = released(lab, made)
    assert {s: len(e) for s, e in found.items()} == {small: 6, large: 4, "reasoning.even": 4}
