"""Recordings belong together by what they share, not by the order in which they were handed in."""

import pytest
from tests.gyms.capture.sync.filmed import film
from tests.gyms.capture.sync.scenes import camera, scene

from banbury.cycle.source.footage.groups import groups, placed
from banbury.cycle.source.footage.recordings import Recording
from banbury.gyms.capture.media import open_take

LENGTH_S = 20


@pytest.fixture
def recorded(tmp_path):
    """Return how a person recorded a part of a scene; what is recorded is sound."""
    worlds = {}

    def made(view, which, start_s, seconds=LENGTH_S):
        world = worlds.setdefault(which, scene(LENGTH_S + 24, 40 + which))
        number = len(list(tmp_path.iterdir()))
        heard = camera(world, start_s, seconds, 10.0 * view, 15, number)
        path = film(tmp_path / f"{number}.m4a", 0, None, heard)
        return Recording(view, (), open_take([path]))

    return made


def test_three_people_two_takes_each_and_one_take_is_missing(recorded):
    recordings = [
        *(recorded(0, 1, 0.0), recorded(0, 2, 0.0)),
        recorded(1, 2, 1.5),  # the first take of the second person never came
        *(recorded(2, 1, 2.0), recorded(2, 2, 0.5)),
    ]
    said = []
    found = groups(recordings, said.append)
    assert [one.members for one in found] == [(0, 3), (1, 2, 4)]
    assert [one.group.verdict for one in found] == ["synchronized"] * 2
    assert [placed(one) for one in found] == [{0, 3}, {1, 2, 4}]
    [loop] = found[1].group.loops
    assert abs(loop.error_ms) < 0.3
    assert said == sorted(said) and said[-1] == 1.0


def test_a_camera_that_was_started_again_has_a_group_with_each_part(recorded):
    whole = recorded(0, 3, 0.0, 40)
    parts = [recorded(1, 3, 1.0, 18), recorded(1, 3, 21.0, 18)]
    found = groups([whole, *parts])
    assert [one.members for one in found] == [(0, 1), (0, 2)]
    assert all(one.group.verdict == "synchronized" for one in found)


def test_what_matches_nobody_is_told_with_what_came_at_its_place(recorded):
    recordings = [recorded(0, 4, 0.0), recorded(1, 4, 1.0), recorded(2, 5, 0.0)]
    [found] = groups(recordings)
    assert found.members == (0, 1, 2) and placed(found) == {0, 1}
    assert "take 3 is synchronized with no other" in found.group.reasons
    assert groups(recordings[:1]) == []
