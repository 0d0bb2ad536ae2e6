"""Whose move it is: every seat is heard, and sees all that it was shown, once and in order."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from banbury.actors.policy import Move
from banbury.actors.script import Script
from banbury.arena import Limits, play
from banbury.arena.table import Table
from banbury.episode import Actor
from banbury.errors import GymError
from banbury.gyms.contract import Answer, Observation, Turn

SEATS = ("red", "blue", "green")


def shown(turns):
    return [
        Turn({seat: (Observation(f"{seat} {i}"),) for seat in seats})
        for i, seats in enumerate(turns)
    ]


@given(st.lists(st.sets(st.sampled_from(SEATS)), max_size=40))
def test_every_seat_sees_all_it_was_shown_once_and_in_order(echo, turns):
    gym = echo()
    gym.seats = SEATS
    table = Table(gym, moves=1000)
    seen = {seat: [] for seat in SEATS}
    turns = shown(turns)
    for turn in turns:
        table.show(turn)
        seat = table.next()
        seen[seat] += table.take(seat)
    for _ in SEATS:
        seat = table.next()
        seen[seat] += table.take(seat)
    for seat in SEATS:
        assert seen[seat] == [o for t in turns for o in t.observations.get(seat, ())]


@given(st.lists(st.sets(st.sampled_from(SEATS), min_size=1), min_size=9, max_size=40))
def test_a_seat_with_news_never_waits_for_another_to_act_twice(echo, turns):
    gym = echo()
    gym.seats = SEATS
    table = Table(gym, moves=1000)
    others = {}
    for turn in shown(turns):
        table.show(turn)
        for seat in turn.observations:
            others.setdefault(seat, [])
        seat = table.next()
        table.take(seat)
        others.pop(seat, None)
        for waiting, acted in others.items():
            acted.append(seat)
            assert len(acted) == len(set(acted)), f"{waiting} waited while {acted} acted"


def test_seats_take_turns_where_everybody_sees_everything(echo):
    gym = echo()
    gym.seats = SEATS
    table = Table(gym, moves=2)
    order = []
    while True:
        table.show(Turn({seat: (Observation("x"),) for seat in SEATS}))
        if (seat := table.next()) is None:
            break
        order.append(seat)
        table.take(seat)
    assert order == [*SEATS, *SEATS]


def test_a_gym_that_shows_nothing_hears_its_seats_in_turn(echo):
    gym = echo()
    gym.seats = SEATS
    table = Table(gym, moves=10)
    order = []
    for _ in range(4):
        order.append(table.next())
        table.take(order[-1])
    assert order == [*SEATS, "red"]


class _Speaks:
    """A policy and its session: says its name and counts, and keeps what it saw."""

    def __init__(self, name):
        self.actor = Actor("script", name)
        self.saw = []

    def sit(self, task, seat, actions, sample):
        return self

    async def act(self, observations):
        self.saw += [o.text for o in observations]
        return Move(Answer(f"{self.actor.name} {len(self.saw)}"))

    async def close(self):
        pass


def conversation(echo, echo_environment, rounds):
    class Talk(echo_environment):
        """Two people hear one another, from an opening that both see."""

        said = 0

        def opening(self):
            return Turn({seat: (Observation("You have met."),) for seat in ("ann", "bob")})

        def step(self, seat, action):
            self.said += 1
            other = "bob" if seat == "ann" else "ann"
            return Turn({other: (Observation(action.text),)}, terminated=self.said == rounds)

    gym = echo(environment=Talk)
    gym.seats = ("ann", "bob")
    return gym


def test_two_people_hear_one_another(echo, echo_environment, numbered):
    gym = conversation(echo, echo_environment, 4)
    ann, bob = _Speaks("a"), _Speaks("b")
    policies = {"ann": ann, "bob": bob}
    record, _ = asyncio.run(play(gym, numbered(gym), policies, lab="l", run="r"))
    assert [s.seat for s in record.actions()] == ["ann", "bob", "ann", "bob"]
    assert ann.saw == ["You have met.", "b 2"]
    assert bob.saw == ["You have met.", "a 1", "a 2"]
    assert [a.name for a in record.episode.actors] == ["a", "b"]
    assert record.episode.key.actor == f"{ann.actor.key}+{bob.actor.key}"


def test_moves_are_counted_for_each_seat(echo, echo_environment, numbered):
    gym = conversation(echo, echo_environment, -1)
    policies = {"ann": _Speaks("a"), "bob": _Speaks("b")}
    record, _ = asyncio.run(
        play(gym, numbered(gym), policies, lab="l", run="r", limits=Limits(moves=3))
    )
    assert record.episode.truncated
    assert len(record.actions("ann")) == len(record.actions("bob")) == 3


def test_a_seat_that_falls_silent_ends_the_episode_not_the_run(echo, echo_environment, numbered):
    gym = conversation(echo, echo_environment, -1)
    policies = {"ann": _Speaks("a"), "bob": Script("bob", lambda task: [Answer("hello")])}
    record, verdict = asyncio.run(play(gym, numbered(gym), policies, lab="l", run="r"))
    assert record.episode.truncated
    assert verdict is not None
    assert len(record.actions("bob")) == 1


def test_what_is_shown_to_nobody_is_the_gyms_fault(echo):
    table = Table(echo(), moves=1)
    try:
        table.show(Turn({"zoe": (Observation("x"),)}))
    except GymError as error:
        assert "'zoe'" in str(error)
    else:
        raise AssertionError("an unknown seat was accepted")
