"""What language models share: messages in, a move out, whatever the text."""

import asyncio

import pytest

from banbury.actors.chat import ChatPolicy, Sampling
from banbury.actors.conversation import PAYLOAD_LIMIT, Reply, as_move
from banbury.arena import play
from banbury.episode import Cost
from banbury.gyms import registry
from banbury.gyms.contract import Action, Answer, Observation

SKILL = "reasoning.add"


class Echoing(ChatPolicy):
    """A model that answers with what a function makes of the messages."""

    def __init__(self, speak, **more):
        super().__init__("m", "1", more.pop("sampling", Sampling()), **more)
        self.speak = speak
        self.calls = []

    async def complete(self, messages, *, seed, task, previous=None):
        self.calls.append(([dict(m) for m in messages], seed))
        return Reply(self.speak(messages), cost=Cost(3, 2), route="r", notes={"n": "x"})


class Move(Action, frozen=True, tag="move"):
    to: int


class Stop(Action, frozen=True, tag="stop"):
    pass


def problem(number=0):
    gym, _ = registry.skill(SKILL)
    return gym, next(p for i, p in enumerate(gym.tasks(SKILL, seed=0)) if i == number)


def played(policy, number=0, sample=0):
    gym, one = problem(number)
    return asyncio.run(play(gym, one, {"solver": policy}, lab="l", run="r", sample=sample))


def test_the_conversation_is_system_examples_and_task():
    policy = Echoing(lambda messages: "5", system="Be brief.", shots=lambda task: [("1 + 1", "2")])
    _, one = problem()
    record, _ = played(policy)
    (messages, _) = policy.calls[0]
    assert messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "1 + 1"},
        {"role": "assistant", "content": "2"},
        {"role": "user", "content": one.task.public.instruction},
    ]
    episode = record.episode
    assert (episode.cost.tokens_in, episode.cost.tokens_out, episode.route) == (3, 2, "r")
    assert [s.payload for s in record.steps if s.kind == "note"] == [b'{"n":"x"}']


def test_seeds_differ_by_task_sample_and_seed_and_repeat_otherwise():
    seeds = []
    for number, sample, seed in ((0, 0, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)):
        policy = Echoing(lambda messages: "5", sampling=Sampling(seed=seed))
        played(policy, number, sample)
        seeds.append(policy.calls[0][1])
    assert seeds[0] == seeds[1]
    assert len(set(seeds)) == 4
    assert all(0 <= s < 1 << 31 for s in seeds)


def test_whatever_changes_the_behaviour_is_another_actor():
    plain = Echoing(str)
    others = [
        Echoing(str, sampling=Sampling(temperature=1.0)),
        Echoing(str, system="Be brief."),
        plain.with_shots(lambda task: [], "three"),
        plain.with_shots(lambda task: [], "five"),
        plain.sampled(Sampling(max_tokens=9)),
    ]
    assert len({p.actor.key for p in [plain, *others]}) == 6
    assert plain.actor == Echoing(str).actor


def test_lone_surrogates_are_mended_before_they_reach_anybody():
    _, one = problem()
    policy = Echoing(lambda messages: "broken \ud800")
    session = policy.sit(one.task, "solver", Answer, 0)

    async def twice():
        await session.act((Observation("hello"),))
        return await session.act((Observation("again", role="tool"),))

    assert asyncio.run(twice()).action == Answer("broken \ufffd")
    roles = [(m["role"], m["content"]) for m in policy.calls[1][0]]
    assert roles == [("user", "hello"), ("assistant", "broken \ufffd"), ("user", "again")]


@pytest.mark.parametrize("text", ["", " ", "x" * 100_000, '{"do":"stop"}', "\x00"])
def test_where_only_answers_are_taken_every_text_is_one(text):
    assert as_move(Reply(text), Answer).action == Answer(text)


def test_a_text_without_end_is_cut_and_says_so():
    move = as_move(Reply("x" * (PAYLOAD_LIMIT + 5)), Answer)
    assert len(move.action.text) == PAYLOAD_LIMIT
    assert str(PAYLOAD_LIMIT + 5) in move.notes["cut"]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ('{"do": "move", "to": 3}', Move(3)),
        ('{"do":"stop"}', Stop()),
        ("", None),
        ("move to 3", None),
        ('{"do": "move"}', None),
        ('{"do": "fly"}', None),
        ('{"do": "move", "to": "3"}', None),
        ("[" * 100_000, None),
        ('I go on: {"do": "move", "to": 3}. Done.', Move(3)),
        ('```json\n{"do": "stop"}\n```', Stop()),
        ('{"do": "stop"} {"do": "stop"}', None),
        ('{"do": "stop"} or {"do": "fly"}', Stop()),
        ('{"note": "a { in a text"} {"do": "move", "to": 4}', Move(4)),
        ('{unclosed, {"do": "stop"}', Stop()),
        ('{"do": "stop", "why": "no such argument"}', None),
        ("{" * 100_000, None),
        ('{"a":' * 100_000, None),
        ('{"do": "stop"}' + " " * 300_000, None),
    ],
)
def test_elsewhere_a_text_is_an_action_or_a_fault_that_says_why(text, action):
    move = as_move(Reply(text, cost=Cost(1, 1), notes={"a": "b"}), Move | Stop)
    assert move.action == action
    assert (move.cost, move.notes) == (Cost(1, 1), {"a": "b"})
    if action is None:
        assert move.raw == text
        assert move.fault
