"""A model that a gym asks to grade: by name, never a 0 by accident, never two in one run."""

import asyncio
import json
import threading

import pytest
from tests.actors.server import Server, completion

from banbury.actors.chat import Sampling
from banbury.actors.endpoint import EndpointPolicy
from banbury.actors.policy import Move
from banbury.actors.script import Script, fixed
from banbury.arena import Job, Limits, Models, asking, replay, results, run
from banbury.errors import InputError
from banbury.gyms.contract import Answer
from banbury.gyms.table.gym import table_gym

SETTINGS = """name = "letters"
version = "1"
licence = "CC0-1.0"

[skills.reply]
title = "a kind reply"
form = "rubric"
seen = ["Reply to {who}."]
unseen = ["Write to {who}."]

[[skills.reply.criteria]]
name = "kind"
ask = "Is it kind to {who}?"
"""


@pytest.fixture
def letters(tmp_path):
    (tmp_path / "gym.toml").write_text(SETTINGS)
    rows = [f"P{i},Dear P{i}" for i in range(16)]
    (tmp_path / "tasks.csv").write_text("\n".join(["who,answer", *rows]))
    return table_gym(tmp_path)


def jobs(gym, count=2, said="Dear friend"):
    problems = [p for p, _ in zip(gym.tasks("letters.reply", seed=0), range(count), strict=False)]
    return [Job(gym, p, {"solver": fixed(said)}) for p in problems]


def endpoint(url):
    return EndpointPolicy(url, "grader", Sampling(max_tokens=4), key="", retries=0)


def graded(body, number):
    """Say yes of an answer that begins with Dear, as a right grader would."""
    answer = body["messages"][-1]["content"].split("==========")[3]
    return 200, completion("Yes." if "Dear" in answer else "no, it is rude")


def test_grades_come_over_the_wire_and_say_who_gave_them(letters, lab):
    with Server(graded) as server:
        policy = endpoint(server.url)
        models = Models({}, default=policy)
        kind, rude = jobs(letters), jobs(letters, said="Go away")
        assert run(lab, "r", kind, ask=models).passed == 2
        assert run(lab, "r", rude, ask=models).passed == 0  # a second event loop, the same models
    scores = [o.score for j in (kind, rude) for o in results(lab, "r", j).values()]
    assert scores == [1.0, 1.0, 0.0, 0.0]
    assert len(server.requests) == 4
    lab.put_tasks([job.problem for job in kind])
    for record, judgement in lab.records(run="r"):
        (note,) = [s for s in record.steps if s.track == "ask"]
        told = json.loads(note.payload)
        assert (told["model"], told["by"]) == ("judge", policy.actor.key)
        assert json.loads(judgement[-1].evidence)["graded_by"] == [policy.actor.key]
        assert f"judge:{policy.actor.key}" in record.episode.tags
        assert record.episode.cost.tokens_in == 30
        assert replay(lab, record.episode.id, gym=letters).same


BROKEN = [
    ((200, completion("perhaps")), "GymError"),
    ((200, completion("0")), "GymError"),
    ((200, completion("")), "GymError"),
    ((200, b"<html>"), "ActorError"),
    ((500, b"{}"), "ActorError"),
    (None, "ActorError"),
]


def test_a_broken_grade_is_no_score(letters, lab):
    for number, (sent, boundary) in enumerate(BROKEN):
        name = f"r{number}"
        with Server(lambda body, number, sent=sent: sent) as server:
            tally = run(lab, name, jobs(letters), ask=Models({}, endpoint(server.url)), retries=0)
        assert (tally.failed, tally.failures) == (2, {boundary: 2}), sent
        assert [o.score for o in lab.outcomes(run=name)] == [None, None]


def test_a_server_that_is_down_fails_the_episodes_and_the_run_carries_on_later(letters, lab):
    with Server(graded) as server:
        down = server.url
    tally = run(lab, "r", jobs(letters), ask=Models({}, endpoint(down)), retries=0)
    assert (tally.failed, tally.failures) == (2, {"ActorError": 2})
    assert "did not answer" in tally.failure.what
    assert run(lab, "r", jobs(letters), ask=Models({}, fixed("yes"))).passed == 2


def test_no_run_holds_the_grades_of_two_models(letters, lab):
    assert run(lab, "r", jobs(letters), ask=Models({}, fixed("yes"))).passed == 2
    again = run(lab, "r", jobs(letters), ask=Models({}, fixed("yes")))
    assert (again.resumed, again.passed) == (2, 2)
    with pytest.raises(InputError, match=r"were graded by fixed@.*the same judge, or another name"):
        run(lab, "r", jobs(letters, 3), ask=Models({}, fixed("no")))
    assert len(lab.outcomes(run="r")) == 2
    assert run(lab, "other", jobs(letters), ask=Models({}, fixed("no"))).passed == 0


def test_without_a_model_nothing_is_played_and_one_sentence_says_what_to_give(letters, lab):
    with pytest.raises(InputError, match=r"'letters' asks a model.*--judge MODEL or BANBURY"):
        run(lab, "r", jobs(letters))
    assert lab.outcomes(run="r") == []
    run(lab, "r", jobs(letters), ask=Models({}, fixed("yes")))
    assert run(lab, "r", jobs(letters)).resumed == 2, "what is there needs nobody to grade it"


def test_a_block_hands_over_models_only_where_a_gym_needs_one(letters, lab, echo, numbered):
    opened = []

    def models():
        opened.append(1)
        return Models({}, fixed("yes"))

    plain = echo()
    with asking(models):
        run(lab, "plain", [Job(plain, numbered(plain), {"solver": fixed("0")})])
        assert not opened
        assert run(lab, "r", jobs(letters)).passed == 2
    with pytest.raises(InputError, match="none was given"):
        run(lab, "later", jobs(letters))


def test_the_name_that_a_gym_asks_for_goes_before_the_default(letters, lab):
    both = Models({"judge": fixed("yes")}, default=fixed("no"))
    assert run(lab, "named", jobs(letters), ask=both).passed == 2
    other = Models({"strict": fixed("yes")}, default=fixed("no"))
    assert run(lab, "default", jobs(letters), ask=other).passed == 0


def test_a_router_of_the_judge_goes_by_what_the_judge_is_asked(letters, lab):
    def plan(task):
        return [Answer("yes" if "Is it kind" in task.public.instruction else "no")]

    assert run(lab, "r", jobs(letters), ask=Models({}, Script("judge", plan))).passed == 2


class Slow:
    """Answers late, as a model with a long line before it does."""

    actor = fixed("yes").actor
    in_line = False

    def sit(self, task, seat, actions, sample):
        return self

    async def act(self, observations):
        await asyncio.to_thread(threading.Event().wait, 0.4)
        return Move(Answer("yes"))

    async def close(self):
        pass


def test_a_judges_line_is_not_the_episodes_time(letters, lab):
    slow = Slow()
    limits = Limits(seconds=0.2)
    tally = run(lab, "r", jobs(letters, 1), ask=Models({}, slow), limits=limits, retries=0)
    assert tally.failures == {"DeadlineError": 1}
    slow.in_line = True
    tally = run(lab, "r", jobs(letters, 1), ask=Models({}, slow), limits=limits, retries=0)
    assert (tally.failed, tally.passed) == (0, 1)
