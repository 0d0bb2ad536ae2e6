"""A few kills of those that `make bench NAME=faults` does fifty of."""

import random

import pytest
from tests.faults.kills import DRIVER, Killer, cases, moments

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    with Killer(tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "victim", "share"),
    [
        ("probe", "command", 0.6),
        ("release", "command", 0.7),
        (DRIVER, "command", 0.4),
        (DRIVER, "postmaster", 0.3),
    ],
)
def test_a_kill_changes_nothing_in_the_end(killer, name, victim, share):
    case = next(c for c in cases("unused") if c.name == name)
    found = killer.kill(case, victim, share)
    assert found.good, str(found)


def test_there_are_fifty_kills_at_moments_that_follow_from_the_seed():
    planned = moments(cases("unused"), random.Random(11))
    assert len(planned) == 50
    assert planned == moments(cases("unused"), random.Random(11))
    assert all(0 <= share < 1 for _, _, share in planned)
