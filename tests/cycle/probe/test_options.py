"""The probe's options: a budget, the uniform baseline, repeats with pass@k, the difficulty dial."""

import msgspec
import pytest

from banbury.actors.script import fixed
from banbury.cycle.probe import Probe, probe
from banbury.errors import InputError
from banbury.statistics.passk import mean_pass_at_k

ADD, SUBTRACT, QUEUE = "reasoning.add", "reasoning.subtract", "office.email.queue"
INTENT = "office.email.intent"
SKILLS = (ADD, SUBTRACT, QUEUE)


def found(artifact):
    body = msgspec.convert(artifact.body, Probe)
    return body, {r.skill: r for r in body.skills}


def by_difficulty(student, lab, rates):
    """Return a student whose pass rate depends on the difficulty alone."""
    base = student(lab, {})

    def plan(task):
        difficulty = msgspec.json.decode(task.params)["difficulty"]
        return student(lab, {task.skill: rates[difficulty]})._plan(task)

    return type(base)("student", plan)


def test_a_budget_is_spent_where_the_side_is_least_certain(lab, student):
    policy = student(lab, {ADD: 0.0, QUEUE: 0.5})
    body, rates = found(probe(lab, policy, SKILLS, name="p", budget=40))
    assert body.rollouts == 40 == len(lab.outcomes(run="p"))
    assert rates[QUEUE].n > max(rates[ADD].n, rates[SUBTRACT].n)
    assert rates[ADD].leaning > 0.5 > rates[SUBTRACT].leaning


def test_uniform_gives_each_the_same(lab, student):
    policy = student(lab, {ADD: 0.0, QUEUE: 0.5})
    body, rates = found(probe(lab, policy, SKILLS, name="p", uniform=True))
    assert [r.n for r in rates.values()] == [24, 24, 24]
    assert (body.uniform, rates[ADD].decision, rates[SUBTRACT].decision) == (True, "below", "above")


def test_a_zone_makes_calls_cheaper_and_says_so(lab, student):
    policy = student(lab, {ADD: 0.0})
    wide, rates = found(probe(lab, policy, SKILLS, name="wide", zone=0.2))
    narrow, _ = found(probe(lab, policy, SKILLS, name="narrow"))
    assert wide.rollouts < narrow.rollouts
    assert (wide.zone, rates[ADD].decision) == (0.2, "below")
    assert rates[ADD].high < 0.7


def test_repeats_give_pass_at_k_clustered_by_task(lab, student):
    """Each task passes or fails for good here, so pass@3 is the pass rate."""
    policy = student(lab, {ADD: 0.4})
    body, rates = found(probe(lab, policy, [ADD], name="p", repeats=3, k=2))
    rate = rates[ADD]
    outcomes = lab.outcomes(run="p")
    assert body.rollouts == rate.n == len(outcomes) == 3 * len(rate.tasks)
    assert {o.sample for o in outcomes} == {0, 1, 2}
    passes = [sum(bool(o.passed) for o in outcomes if o.task == t) for t in rate.tasks]
    again = mean_pass_at_k([3] * len(passes), passes, 2)
    assert rate.pass_at_k == again
    assert rate.rate.estimate == pytest.approx(again.estimate)
    assert rate.rate.low <= rate.rate.estimate <= rate.rate.high
    assert (body.k, rate.rate.n) == (2, rate.n)


def test_repeats_do_not_count_as_fresh_tasks(lab, student):
    """The sequence is that of the tasks: the same as without repeats, since they agree."""
    policy = student(lab, {ADD: 0.4, QUEUE: 0.0})
    _, once = found(probe(lab, policy, SKILLS, name="once"))
    _, thrice = found(probe(lab, policy, SKILLS, name="thrice", repeats=3))
    for skill in SKILLS:
        assert once[skill].tasks == thrice[skill].tasks
        assert (once[skill].low, once[skill].high) == pytest.approx(
            (thrice[skill].low, thrice[skill].high)
        )
        assert thrice[skill].n == 3 * once[skill].n
    assert once[ADD].pass_at_k is None


def test_the_dial_finds_the_difficulty_at_which_some_pass(lab, student):
    policy = by_difficulty(student, lab, {"easy": 1.0, "hard": 0.5})
    body, rates = found(probe(lab, policy, [ADD], name="p", dial=True))
    dial = rates[ADD].dial
    assert (dial.chosen, dial.of, dial.ordered) == ("hard", 2, True)
    assert [t.standing for t in dial.tried] == ["too easy", "within"]
    assert rates[ADD].difficulty == "hard"
    stored = {t.id: msgspec.json.decode(t.params)["difficulty"] for t in lab.tasks(skill=ADD)}
    assert {stored[t] for t in rates[ADD].tasks} == {"hard"}
    assert body.rollouts == len(lab.outcomes(run="p")) + len(lab.outcomes(run="p/dial"))


def test_a_skill_with_one_difficulty_has_nothing_to_turn(lab):
    _, rates = found(probe(lab, fixed("Answer: yes"), [INTENT], name="p", dial=True))
    assert (rates[INTENT].dial.of, rates[INTENT].dial.tried) == (1, ())
    assert not lab.outcomes(run="p/dial")


def test_the_difficulty_is_recorded_also_without_a_dial(lab, student):
    _, rates = found(probe(lab, student(lab, {}), [ADD], name="easy"))
    _, hard = found(probe(lab, student(lab, {}), [ADD], name="hard", difficulty="hard"))
    assert (rates[ADD].difficulty, hard[ADD].difficulty) == ("easy", "hard")
    assert rates[ADD].dial is None


@pytest.mark.parametrize("stop_at", [33, 61])
def test_a_killed_probe_with_all_options_ends_as_if_it_had_not_been(lab, house, student, stop_at):
    options = {"budget": 60, "repeats": 2, "dial": True, "zone": 0.1}
    rates = {"easy": 0.7, "hard": 0.3}

    def stop(tally):
        if tally.done == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        policy = by_difficulty(student, lab, rates)
        probe(lab, policy, SKILLS, name="p", progress=stop, **options)
    torn = probe(lab, by_difficulty(student, lab, rates), SKILLS, name="p", **options)
    other = house.lab(f"{lab.name}-whole")
    policy = by_difficulty(student, other, rates)
    whole = probe(other, policy, SKILLS, name="p", **options)
    assert torn.body["skills"] == whole.body["skills"]


@pytest.mark.parametrize(
    "bad", [{"repeats": 0}, {"k": 2}, {"repeats": 3, "k": 4}, {"budget": 0}, {"zone": 0.5}]
)
def test_options_that_cannot_be_met_are_refused(lab, bad):
    with pytest.raises(InputError):
        probe(lab, fixed("x"), [ADD], name="p", **bad)
    assert not lab.outcomes(run="p")
