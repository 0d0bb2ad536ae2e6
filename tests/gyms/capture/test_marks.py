import pytest

from banbury.gyms.capture import actions as do
from banbury.gyms.capture.marks import AHEAD_S, BEHIND_S, impossible

TAKEN = 1_767_600_000
NOW = TAKEN + 3 * 86_400


def why(action):
    return impossible(action, TAKEN * 10**9, NOW * 10**9)


def ms(seconds):
    return int(seconds * 1000)


@pytest.mark.parametrize(
    "action",
    [
        do.BeginTake(ms(TAKEN + 60)),  # sent days later, by a phone that was without a connection
        do.BeginTake(ms(TAKEN - BEHIND_S + 1)),
        do.EndTake(ms(NOW + AHEAD_S - 1)),
        do.ShowCode(ms(TAKEN), ms(NOW), "a"),
        do.Confirm(),
        do.Nudge(1, 3.0),
    ],
)
def test_what_may_have_been_done_then_passes(action):
    assert why(action) == ""


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (do.Clap(ms(NOW + 840)), "14 min from now"),
        (do.EndTake(ms(NOW + 5 * 3600)), "5 h from now"),
        (do.ShowCode(ms(NOW), ms(NOW + 400 * 86_400)), "400 days from now"),
        (do.BeginBreak(ms(TAKEN - 2400)), "40 min before you took the task"),
        (do.ShowCode(0, ms(NOW)), "days before you took the task"),
        (do.ReadBrief(0), "days before you took the task"),
    ],
)
def test_what_cannot_have_been_done_then_is_told_with_what_to_do(action, said):
    assert said in why(action)
    assert why(action).endswith("Let the phone set its clock by the network, then tap again")
