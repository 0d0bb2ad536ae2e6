"""Gymnasium environments seated as gyms: told in text, judged by their own rewards."""

from itertools import islice

import msgspec
import pytest
from tests.gyms.gymnasium.toy import Blackjack, FrozenLake, Taxi

from banbury.actors.script import Script
from banbury.arena import draw, jobs_of, results, run
from banbury.errors import GymError
from banbury.gyms import registry
from banbury.gyms.check import act, check
from banbury.gyms.gymnasium import GymnasiumGym
from banbury.gyms.rendering import plain_text


@pytest.mark.parametrize("kind", [FrozenLake, Taxi, Blackjack])
def test_the_toy_worlds_keep_the_contract(kind):
    gym = kind()
    assert [f for f in check(gym, per_skill=2) if not f.ok] == []


def test_the_reference_of_a_lake_is_the_shortest_way():
    gym = FrozenLake()
    for problem in islice(gym.tasks("frozenlake.cross", seed=2), 5):
        way = gym.solution(problem)
        record = act(gym, problem, way)
        verdict = gym.judge(record, problem)
        assert (verdict.score, verdict.passed) == (1.0, True)
        assert msgspec.json.decode(verdict.evidence)["return"] == 1.0
        assert 6 <= len(way) <= 16
        turned = [gym.action(3 - gym.moves.index(a.move)) for a in way]
        assert gym.judge(act(gym, problem, turned), problem).score == 0.0


def test_every_lake_is_another_and_none_is_worded_both_ways():
    gym = FrozenLake()
    seen, unseen = (
        {
            msgspec.json.decode(p.task.params)["content"]["start"]
            for p in islice(gym.tasks("frozenlake.cross", seed=3, phrasing=phrasing), 12)
        }
        for phrasing in ("seen", "unseen")
    )
    assert len(seen) == len(unseen) == 12
    assert not seen & unseen


def test_a_snapshot_is_the_way_so_far():
    gym = FrozenLake()
    problem = next(gym.tasks("frozenlake.cross", seed=4))
    way = gym.solution(problem)
    env = gym.start(problem)
    env.step("solver", way[0])
    state, before = env.snapshot(), env.evidence()
    first = [env.step("solver", action) for action in way[1:]]
    env.restore(state)
    assert env.evidence() == before
    again = [env.step("solver", action) for action in way[1:]]
    assert again == first
    assert again[-1].terminated
    env.close()


def test_actions_are_named_or_numbered():
    assert msgspec.json.decode(b'{"do":"move","move":"up"}', type=FrozenLake().actions).move == "up"

    class Numbered(FrozenLake):
        moves = ()

    gym = Numbered()
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"do":"act","action":4}', type=gym.actions)
    problem = next(gym.tasks("frozenlake.cross", seed=1))
    assert gym.judge(act(gym, problem, gym.solution(problem)), problem).passed


def test_what_cannot_be_a_gym_says_why():
    class Cart(GymnasiumGym):
        name = "cart"
        env = "CartPole-v9"

    class Pendulum(GymnasiumGym):
        name = "pendulum"
        env = "Pendulum-v1"

    class Misnamed(FrozenLake):
        moves = ("left", "right")

    for kind, why in ((Cart, "cannot make"), (Pendulum, "cannot be said"), (Misnamed, "named")):
        with pytest.raises(GymError, match=why):
            kind()


def test_colours_become_words():
    one = plain_text("a\x1b[41mS\x1b[0mF")
    assert one == "a[S]F"
    assert plain_text("\x1b[43m \x1b[0m\x1b[34;1mR\x1b[0m\x1b[35mG\x1b[0m").startswith("[  yellow]")


def test_episodes_with_rewards_are_stored_by_the_arena(lab, monkeypatch):
    gym = FrozenLake()
    monkeypatch.setattr(registry, "gym", lambda name: gym)
    monkeypatch.setattr(registry, "skill", lambda name: (gym, gym.skills()[0]))
    problems = draw(lab, "frozenlake.cross", 4, "probe", seed=1)
    by_task = {p.task.id: gym.solution(p) for p in problems}
    jobs = jobs_of(problems, Script("reference", lambda task: by_task[task.id]))
    assert run(lab, "lake", jobs).passed == 4
    assert all(outcome.passed for outcome in results(lab, "lake", jobs).values())
