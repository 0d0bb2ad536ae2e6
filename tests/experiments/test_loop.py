"""The whole loop on a model with random weights: every stage for real, in half a minute."""

import io
import sys
from contextlib import contextmanager

import msgspec
import pytest

from banbury.actors.policy import Left
from banbury.cli.demo import _asked
from banbury.cycle import skills
from banbury.cycle.compare.report import render
from banbury.cycle.train.examples import released
from banbury.cycle.train.recipe import Recipe
from banbury.errors import InputError
from banbury.experiments import Plan, result, run_loop, stages, summary
from banbury.experiments.loop import make
from banbury.experiments.person import of_person
from banbury.gyms import registry

pytestmark = pytest.mark.slow
SUMS = "maths.sums"


def named(house, name):
    """Return a lab that has a name of its own for two skills."""
    lab = house.lab(name, create=True)
    skills.merge(lab, ["reasoning.add", "reasoning.subtract"], SUMS, title="sums", who="ann")
    return lab


@contextmanager
def watch(label):
    yield lambda tally: None


@pytest.fixture(scope="module")
def plan(tiny_folder):
    return Plan(
        model=str(tiny_folder),
        skills=(SUMS, "reasoning.larger", "office.email.queue"),
        batch=6,
        most=12,
        few_shot=2,
        gaps=2,
        train=16,
        reserve=4,
        unseen=2,
        guard_items=30,
        joint_items=2,
        recipe=Recipe(validation=4, grpo_steps=1, grpo_prompts=2, grpo_group=2, max_tokens=6),
    )


@pytest.fixture(scope="module")
def ran(house, plan):
    lab = named(house, "loop-test")
    return lab, run_loop(lab, "loop", plan, watch)


def test_a_loop_leaves_what_its_report_needs(ran, plan):
    lab, left = ran
    data = summary(lab, left, command="banbury demo")
    assert {s.skill for s in data.skills} == set(plan.skills)
    worked = [s for s in data.skills if s.worked_on]
    assert len(worked) == plan.gaps
    assert all(s.before.n == s.after.n == plan.reserve + plan.unseen for s in worked)
    assert SUMS in {s.skill for s in worked}
    made = {s.skill: s for s in data.sourced}
    assert (made[SUMS].title, made[SUMS].made) == ("sums", plan.train)
    assert data.guard is not None
    assert data.guard.pooled.n == plan.guard_items
    assert data.router is not None
    assert {t.method for t in data.training} == {"sft", "grpo"}
    page = render(data)
    assert all(s.skill in page for s in worked)
    figures = result(data)
    assert figures["rollouts"] <= figures["episodes"]
    assert msgspec.json.decode(msgspec.json.encode(figures)) == figures


def test_the_checkpoint_is_left_when_all_that_belongs_to_it_is_there(ran):
    _, left = ran
    adapters = {a.id for a in ran[0].artifacts("adapter")}
    assert max(adapters | {left.joint.id}) < left.checkpoint.id


def test_a_finished_loop_runs_nothing_again(ran, plan):
    lab, left = ran
    before = [e.id for e in lab.episodes()]
    again = run_loop(lab, "loop", plan, watch)
    assert again == left
    assert [e.id for e in lab.episodes()] == before
    assert stages(lab, "loop") == left


def test_a_loop_that_was_stopped_after_a_stage_does_what_is_missing(house, plan, ran):
    lab = named(house, "loop-stopped")

    class Stop(Exception):
        pass

    @contextmanager
    def until_train(label):
        if label == "train":
            raise Stop
        yield lambda tally: None

    with pytest.raises(Stop):
        run_loop(lab, "loop", plan, until_train)
    held = {(e.key.run, e.key.task) for e in lab.episodes()}
    run_loop(lab, "loop", plan, watch)
    done = [(e.key.run, e.key.task, e.key.actor, e.key.sample) for e in lab.episodes()]
    assert held <= {(run, task) for run, task, _, _ in done}
    assert len(done) == len(set(done))
    # The actor's key holds the hash of adapters and router: they are the same to the byte.
    whole = [(e.key.run, e.key.task, e.key.actor, e.key.sample) for e in ran[0].episodes()]
    assert set(done) == set(whole)


def test_reserved_items_reach_no_training(ran):
    lab, _ = ran
    reserved = {t.id for t in lab.tasks(split="reserved")}
    trained = {o.task for o in lab.outcomes(run="loop/references")}
    trained |= {o.task for o in lab.outcomes(run="loop/grpo")}
    trained |= {o.task for o in lab.outcomes(run="loop/validation")}
    assert reserved
    assert trained
    assert not reserved & trained


def test_routes_are_on_the_episodes(ran):
    lab, left = ran
    routes = {o.route for o in lab.outcomes(run=left.comparison.body["after_run"])}
    assert routes <= {"base", *left.checkpoint.body["adapters"]}
    assert routes


def test_another_plan_under_the_same_name_is_refused(ran, plan):
    lab, _ = ran
    with pytest.raises(InputError, match="another plan"):
        run_loop(lab, "loop", msgspec.structs.replace(plan, seed=1), watch)


def test_a_person_takes_part_leaves_and_carries_on(house, plan, ran, monkeypatch):
    lab = named(house, "loop-me")
    mine = msgspec.structs.replace(plan, as_me=3)
    person = _asked(True)

    lab.put_artifact("map", "loop", ran[0].artifact("map", "loop").body)
    with pytest.raises(InputError, match="wants a person"):
        run_loop(lab, "other", mine, watch)
    monkeypatch.setattr(sys, "stdin", io.StringIO("not the answer\n"))
    with pytest.raises(Left):
        make(lab, "loop", mine, watch, person)
    run = "loop/references"
    done = [o for o in lab.outcomes(run=run, status="done") if "person" in o.tags]
    assert len(done) == 1
    left = [t for t in lab.outcomes(run=run) if t.status == "open"]
    assert len(left) == 1

    class Knows:
        """A person at a pipe who knows every answer."""

        def isatty(self):
            return False

        def readline(self):
            (task,) = [o.task for o in lab.outcomes(run=run) if o.status == "open"]
            problem = lab.problem(task)
            text = registry.gym(problem.task.gym).solution(problem)[0].text
            return text.replace("\n", "\\\n") + "\n"

    monkeypatch.setattr(sys, "stdin", Knows())
    make(lab, "loop", mine, watch, _asked(True))
    own = [o for o in lab.outcomes(run=run, status="done") if "person" in o.tags]
    assert [o.passed for o in own].count(True) == 2
    assert len(own) == 3
    frozen = lab.artifact("release", "loop")
    assert frozen.body["rows"] == plan.gaps * plan.train + 2
    worked = {s["skill"] for s in lab.artifact("source", run).body["skills"]}
    assert SUMS in worked
    assert set(released(lab, frozen)) == worked
    told = of_person(lab, lab.artifact("source", run))
    assert (told.answered, told.passed, told.released) == (3, 2, 2)
