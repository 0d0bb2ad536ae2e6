"""The probe: few rollouts, honest numbers, and one clear error where there are none."""

import msgspec
import numpy as np
import pytest

from banbury.actors.script import fixed
from banbury.cycle.probe import Probe, probe
from banbury.errors import ActorError, InputError, UnknownName
from banbury.statistics.allocation import Allocation, Rule
from banbury.statistics.hierarchy import domain

ADD, SUBTRACT, QUEUE = "reasoning.add", "reasoning.subtract", "office.email.queue"
SKILLS = (ADD, SUBTRACT, QUEUE)


def found(artifact):
    body = msgspec.convert(artifact.body, Probe)
    return body, {r.skill: r for r in body.skills}


def test_what_is_clear_is_decided_with_few_rollouts(lab, student):
    body, rates = found(probe(lab, student(lab, {ADD: 0.0, QUEUE: 0.5}), SKILLS, name="p"))
    assert rates[ADD].decision == "below"
    assert rates[SUBTRACT].decision == "above"
    assert rates[QUEUE].decision == "undecided"
    assert rates[ADD].n == rates[SUBTRACT].n == 12
    assert rates[QUEUE].n == 24
    assert (rates[ADD].passes, rates[SUBTRACT].passes) == (0, 12)
    assert body.rollouts == 48 == len(lab.outcomes(run="p"))
    assert (rates[QUEUE].gym, rates[QUEUE].source) == ("office", "ours")


@pytest.mark.parametrize(("batch", "most"), [(6, 24), (5, 13), (1, 9)])
def test_what_is_reported_is_what_is_stored(lab, student, batch, most):
    """The sequences, fed again from the stored outcomes in the same batches, say the same."""
    policy = student(lab, {ADD: 0.3, SUBTRACT: 0.7, QUEUE: "form"})
    artifact = probe(lab, policy, SKILLS, name="p", batch=batch, most=most)
    body, rates = found(artifact)
    outcomes = {o.task: o for o in lab.outcomes(run="p")}
    rule = Rule(batch=batch, most=most, alpha=body.alpha)
    again = Allocation([domain(s) for s in SKILLS], rule)
    for start in range(0, most, batch):
        counts = []
        for skill in SKILLS:
            tasks = rates[skill].tasks[start : start + batch]
            counts.append((sum(outcomes[t].passed for t in tasks), len(tasks)))
        passes, n = np.array(counts).T
        again.update(passes, n)
    low, high = again.bounds()
    assert sum(r.n for r in rates.values()) == len(outcomes) == body.rollouts
    for i, skill in enumerate(SKILLS):
        rate = rates[skill]
        own = [outcomes[t] for t in rate.tasks]
        assert {o.skill for o in own} == {skill}
        assert (rate.n, rate.passes) == (len(own), sum(o.passed for o in own))
        assert rate.lenient == pytest.approx(np.mean([o.components["lenient"] for o in own]))
        assert (rate.low, rate.high) == pytest.approx((low[i], high[i]))
        assert rate.decision == again.decisions[i]
        assert rate.n <= most
    assert rates[QUEUE].lenient == 1.0
    assert rates[QUEUE].passes == 0


def test_a_skill_at_the_line_is_seldom_called(lab, student):
    """Eight probes, each on tasks of its own: at alpha 5 % more than two wrong is 1 in 170."""
    wrong = 0
    for seed in range(8):
        policy = student(lab, {ADD: 0.5})
        artifact = probe(lab, policy, [ADD], name=f"p{seed}", seed=seed, batch=4, most=24)
        wrong += found(artifact)[1][ADD].decision != "undecided"
    assert wrong <= 2


def test_the_same_name_carries_on_and_plays_nothing_again(lab, student):
    policy = student(lab, {ADD: 0.2})
    shown = []
    first = probe(lab, policy, SKILLS, name="p", progress=lambda t: shown.append(t.done))
    assert shown == list(range(1, first.body["rollouts"] + 1))
    again = probe(lab, policy, SKILLS, name="p", progress=shown.append)
    assert len(shown) == first.body["rollouts"]
    assert again.version == 1
    assert {**again.body, "seconds": 0} == {**first.body, "seconds": 0}


def test_a_probe_stopped_midway_ends_as_if_it_had_not_been(lab, house, student):
    def stop(tally):
        if tally.done == 20:
            raise KeyboardInterrupt

    abilities = {ADD: 0.2, QUEUE: 0.4}
    with pytest.raises(KeyboardInterrupt):
        probe(lab, student(lab, abilities), SKILLS, name="p", progress=stop)
    torn = probe(lab, student(lab, abilities), SKILLS, name="p")
    other = house.lab(f"{lab.name}-whole")
    whole = probe(other, student(other, abilities), SKILLS, name="p")
    assert torn.body["skills"] == whole.body["skills"]


def test_another_seed_draws_others(lab, student):
    policy = student(lab, {})
    one, two = (found(probe(lab, policy, [ADD], name=f"p{s}", seed=s))[1][ADD] for s in (0, 1))
    assert not set(one.tasks) & set(two.tasks)


def test_two_actors_under_one_name_are_kept_apart(lab, student):
    good, bad = student(lab, {}), fixed("I cannot say.")
    first, second, third = (
        found(probe(lab, policy, [ADD], name="p"))[1][ADD] for policy in (good, bad, good)
    )
    assert (first.passes, first.n) == (12, 12) == (third.passes, third.n)
    assert second.passes == 0
    assert second.decision == "below"


def test_an_endpoint_that_is_down_is_one_error_and_no_result(lab, student):
    policy = student(lab, dict.fromkeys(SKILLS, "down"))
    with pytest.raises(ActorError, match=r"all 18 episodes failed; the first: nobody answers"):
        probe(lab, policy, SKILLS, name="p")
    assert not lab.artifacts("probe")
    assert {o.status for o in lab.outcomes(run="p")} == {"failed"}
    _, rates = found(probe(lab, student(lab, {}), SKILLS, name="p"))
    assert [(r.n, r.passes, r.failed) for r in rates.values()] == [(12, 12, 0)] * 3


def test_one_that_goes_down_midway_is_one_error_and_the_rest_is_kept(lab, student):
    abilities = {}
    policy = student(lab, abilities)

    def pull_the_plug(tally):
        if tally.done == 18:
            abilities.update(dict.fromkeys(SKILLS, "down"))

    with pytest.raises(ActorError):
        probe(lab, policy, SKILLS, name="p", progress=pull_the_plug)
    abilities.clear()
    shown = []
    _, rates = found(probe(lab, policy, SKILLS, name="p", progress=lambda t: shown.append(t)))
    assert len(shown) == 18
    assert [(r.n, r.failed) for r in rates.values()] == [(12, 0)] * 3


def test_a_skill_that_cannot_be_played_is_left_alone_and_shown(lab, student):
    body, rates = found(probe(lab, student(lab, {QUEUE: "down", ADD: 0.5}), SKILLS, name="p"))
    assert (rates[QUEUE].n, rates[QUEUE].failed, rates[QUEUE].decision) == (0, 6, "undecided")
    assert (rates[QUEUE].low, rates[QUEUE].high, rates[QUEUE].lenient) == (0.0, 1.0, 0.0)
    assert (rates[ADD].n, rates[SUBTRACT].n) == (24, 12)
    assert body.rollouts == 42


def test_single_failures_count_nowhere(lab, student):
    """A third of the tasks cannot be played; the others pass."""
    whole = student(lab, {})

    def plan(task):
        if int(task.id[-4:], 16) % 3 == 0:
            return student(lab, {ADD: "down"})._plan(task)
        return whole._plan(task)

    policy = type(whole)("flaky", plan)
    _, rates = found(probe(lab, policy, [ADD], name="p", most=30))
    outcomes = lab.outcomes(run="p")
    assert rates[ADD].n == rates[ADD].passes == sum(o.status == "done" for o in outcomes)
    assert rates[ADD].failed == len({o.task for o in outcomes if o.status == "failed"}) > 0
    assert rates[ADD].decision == "above"


@pytest.mark.parametrize(
    "bad",
    [
        {"skills": []},
        {"skills": [ADD, ADD]},
        {"batch": 0},
        {"batch": 25},
        {"threshold": 0.0},
        {"threshold": 1.5},
        {"alpha": 0.0},
    ],
)
def test_a_probe_that_can_decide_nothing_is_refused(lab, bad):
    skills = bad.pop("skills", [ADD])
    with pytest.raises(InputError):
        probe(lab, fixed("x"), skills, name="p", **bad)
    assert not lab.outcomes(run="p")


def test_an_unknown_skill_is_named_before_anything_is_played(lab):
    with pytest.raises(UnknownName, match=r"reasoning\.add"):
        probe(lab, fixed("x"), [QUEUE, "reasoning.ad"], name="p")
    assert not lab.outcomes(run="p")
