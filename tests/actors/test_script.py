"""Scripts: the reference, a replay, a constant."""

import asyncio

import pytest

from banbury.actors.policy import clean
from banbury.actors.script import Script, fixed, replay
from banbury.arena import play
from banbury.errors import ActorError
from banbury.gyms import registry
from banbury.gyms.contract import Action, Answer

SKILL = "reasoning.add"


def played(policy, number=0):
    gym, _ = registry.skill(SKILL)
    stream = gym.tasks(SKILL, seed=0)
    problem = next(p for i, p in enumerate(stream) if i == number)
    return asyncio.run(play(gym, problem, {"solver": policy}, lab="l", run="r"))


def test_a_replay_repeats_what_was_done_and_is_judged_the_same():
    gym, _ = registry.skill(SKILL)
    problem = next(gym.tasks(SKILL, seed=0))
    record, verdict = played(Script("reference", lambda task: gym.solution(problem)))
    again, judged = played(replay(record, "solver", gym.actions))
    assert [s.payload for s in again.actions()] == [s.payload for s in record.actions()]
    assert judged.score == verdict.score == 1.0
    assert again.episode.actors[0].revision == record.episode.id


def test_a_replay_of_actions_that_the_gym_no_longer_has_is_refused():
    class Leap(Action, frozen=True):
        height: int

    record, _ = played(fixed("4"))
    with pytest.raises(ActorError, match=record.episode.id):
        replay(record, "solver", Leap)


def test_a_script_serves_many_tasks_at_once():
    """Each sits down with a plan of its own."""
    gym, _ = registry.skill(SKILL)
    policy = Script("two", lambda task: [Answer("a"), Answer("b")])
    problem = next(gym.tasks(SKILL, seed=0))

    async def main():
        sessions = [policy.sit(problem.task, "solver", Answer, k) for k in range(2)]
        return [(await s.act(())).action.text for s in (*sessions, *sessions)]

    assert asyncio.run(main()) == ["a", "a", "b", "b"]


def test_a_script_that_is_over_says_so():
    record, verdict = played(Script("empty", lambda task: []))
    assert (record.episode.truncated, verdict.score) == (True, 0.0)
    assert "no further action" in record.steps[1].payload.decode()


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("plain", "plain"),
        ("\ud800 x", "\ufffd x"),
        ("a\udc00", "a\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\U0001f600\x00", "\U0001f600\x00"),
    ],
)
def test_text_is_made_storable_and_otherwise_left_alone(text, held):
    assert clean(text) == held
    clean(text).encode()
