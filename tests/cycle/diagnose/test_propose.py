"""A planted world: an actor fails at one kind of mail that no skill names; it is found."""

import msgspec
import pytest

from banbury.actors.script import Script, fixed
from banbury.cycle import skills
from banbury.cycle.diagnose.propose import Proposals, accept, accepted, propose
from banbury.cycle.probe import probe
from banbury.cycle.source import source
from banbury.episode.definition import rule
from banbury.errors import ActorError, InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Answer

QUEUE, ADD, EVEN = "office.email.queue", "reasoning.add", "reasoning.even"


def unlucky(task, share):
    return int(task.id[:8], 16) / 16**8 < share


@pytest.fixture
def clerk(lab):
    """Return a function that makes an actor who fails at refunds, and now and then elsewhere."""

    def make(hidden="refund", noise=0.08, down=0.0):
        def plan(task):
            if unlucky(task, down):
                raise ActorError("nobody answers")
            bad = (hidden in task.public.instruction.lower()) or unlucky(task, noise)
            if bad:
                return [Answer("Answer: wren" if task.skill == QUEUE else "I cannot say.")]
            return registry.gym(task.gym).solution(lab.problem(task.id))

        return Script("clerk", plan)

    return make


def rates(artifact):
    return {r["skill"]: r["passes"] / r["n"] for r in artifact.body["skills"]}


@pytest.mark.slow
def test_a_hidden_kind_is_found_named_probed_renamed_and_split(lab, clerk):
    first = probe(lab, clerk(), [QUEUE], name="p", batch=200, most=200)
    assert rates(first)[QUEUE] > 0.7
    artifact = propose(lab, name="p", run="p", seed=1, parents=[first.id])
    found = msgspec.convert(artifact.body, Proposals)
    assert len(found.proposals) == 1
    one = found.proposals[0]
    assert one.skills == (QUEUE,)
    assert "refund" in one.words
    assert one.inside.high < one.outside.low
    assert len(one.examples) == 3
    assert all("refund" in e.asked.lower() for e in one.examples)
    assert (found.attempts, found.first, found.other) == (200, 100, 100)
    assert propose(lab, name="p", run="p", seed=1).body == artifact.body

    accept(lab, "p/P1", "office.email.refunds", who="ann", why="all of them fail")
    other = "office.email.no_refunds"
    again = rates(probe(lab, clerk(), [QUEUE, "office.email.refunds"], name="q", seed=5))
    assert again["office.email.refunds"] < 0.3 < 0.6 < again[QUEUE]
    before = len(lab.outcomes(skill="office.email.refunds"))
    assert before > len(one.episodes)

    skills.rename(lab, "office.email.refunds", "office.money_back", who="bob")
    names = ["office.money.phone", "office.money.rest"]
    skills.split_by_rule(lab, "office.money_back", names, rule("text~return"), who="ann")
    assert [r.act for r in lab.taxonomy.history("office.email.refunds")] == [
        "name", "rename", "split", "split",
    ]  # fmt: skip
    for old in ("office.email.refunds", "office.money_back"):
        assert len(lab.outcomes(skill=old)) == before
    assert sum(len(lab.outcomes(skill=n)) for n in names) == before
    made = source(lab, names, name="s", train=3, reserve=1, unseen=0)
    assert made.body["passed"] == 6

    skills.split_by_terms(
        lab, QUEUE, ["office.refund", other], [accepted(lab, ["p/P1"])[0][1].terms], who="ann"
    )
    apart = rates(probe(lab, clerk(), ["office.refund", other], name="r", seed=9))
    assert apart["office.refund"] < 0.3 < 0.8 < apart[other]


def test_failures_without_a_pattern_are_no_blind_spot(lab, clerk):
    probe(lab, clerk(hidden="\0", noise=0.35), [QUEUE, EVEN], name="p", batch=80, most=80)
    body = propose(lab, name="p", run="p").body
    assert body["proposals"] == []
    assert body["failures"] > 30
    assert body["alike"] + body["unstable"] > 0


def test_a_skill_that_fails_altogether_is_a_gap_and_no_proposal(lab, clerk):
    probe(lab, fixed("I cannot say."), [QUEUE, EVEN], name="p", batch=30, most=30)
    body = propose(lab, name="p", run="p").body
    assert body["proposals"] == []
    assert body["failures"] == 60


def test_what_the_infrastructure_failed_is_not_looked_at(lab, clerk):
    probe(lab, clerk(down=0.2), [QUEUE], name="p", batch=40, most=40)
    body = propose(lab, name="p", run="p").body
    assert body["attempts"] == len(lab.outcomes(run="p", status="done")) < 40


def test_right_in_another_form_is_no_failure_where_that_is_asked_for(lab, student):
    probe(lab, student(lab, {ADD: "form"}), [ADD], name="p")
    assert propose(lab, name="p", run="p").body["failures"] == 12
    assert propose(lab, name="p", run="p", any_form=True).body["failures"] == 0


def test_whose_failures_is_asked_where_it_is_not_clear(lab, clerk):
    with pytest.raises(InputError, match="no attempt"):
        propose(lab, name="p", run="p")
    probe(lab, clerk(), [QUEUE], name="p")
    probe(lab, fixed("x"), [QUEUE], name="p")
    with pytest.raises(InputError, match="2 actors tried these tasks"):
        propose(lab, name="p", run="p")
    with pytest.raises(UnknownName, match="clerk"):
        propose(lab, name="p", run="p", actor="clrk")
    body = propose(lab, name="p", run="p", actor="clerk").body
    assert body["attempts"] == sum(o.actor == body["actor"] for o in lab.outcomes(run="p"))
    with pytest.raises(UnknownName, match="proposal"):
        accept(lab, "p/P9", "office.none", who="ann")
    with pytest.raises(InputError, match="NAME/P1"):
        accept(lab, "P9", "office.none", who="ann")
