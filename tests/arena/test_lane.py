"""A gym that hangs harms those who play it, and nobody else."""

import os
import threading

import pytest

from banbury.arena import answering, lane
from banbury.arena.answering import Measure, agreement_of
from banbury.arena.lane import Lanes
from banbury.arena.player import Player
from banbury.errors import GymError
from banbury.gyms import registry


@pytest.fixture
def hanging():
    """Return a call that hangs outside of Python until the test is over, and when it began."""
    begun, over = threading.Event(), threading.Event()

    def hang():
        begun.set()
        over.wait()

    yield hang, begun
    over.set()


def looks(gym):
    return next(gym.tasks(gym.skills()[0].name, seed=0))


def test_a_gym_that_hangs_holds_up_no_other(hanging, monkeypatch):
    hang, begun = hanging
    player, office = Player(), registry.gym("office")

    async def stuck(watch):
        watch.call(hang)

    told = []

    def wait():
        try:
            player.run(office, stuck)
        except GymError as error:
            told.append(str(error))

    waits = threading.Thread(target=wait)
    waits.start()
    assert begun.wait(30)
    reasoning = registry.gym("reasoning")
    assert player.opening(reasoning, looks(reasoning), 0)
    assert not told
    monkeypatch.setattr(lane, "STUCK_S", 0.0)
    assert player.opening(office, looks(office), 0), "its own people get a new lane"
    waits.join(30)
    assert told and "has not returned" in told[0]


def test_lanes_of_a_parent_are_not_those_of_its_child(monkeypatch):
    lanes = Lanes(5.0)
    mine = lanes.of("a")
    assert lanes.of("a") is mine and lanes.of("b") is not mine
    monkeypatch.setattr(os, "getpid", lambda: -1)
    theirs = lanes.of("a")
    assert theirs is not mine
    for one in (*lanes.clear(), mine):
        one.close()


def test_a_measure_that_has_had_its_time_says_that_answers_differ(lab):
    gym = registry.gym("labelling")
    assert agreement_of(registry.gym("reasoning")) is None
    measure = Measure(gym, seconds=0.0)
    assert measure(None, None) == 0.0 and measure.spent
    broken = Measure(gym)
    assert broken(None, None) == 0.0 and not broken.spent, "it raised, and a person decides"
    assert answering.agreement_of(gym) is not None
