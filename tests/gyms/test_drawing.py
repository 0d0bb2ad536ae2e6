import pytest

from banbury.errors import GymError
from banbury.gyms.audit import audit
from banbury.gyms.check import check
from banbury.gyms.drawing import drawn
from banbury.gyms.office.gym import OfficeGym


class Breaks(OfficeGym):
    """Makes no task, by a slip in its code."""

    name = "breaks"

    def tasks(self, skill, **settings):
        raise KeyError("kinds")
        yield


def test_a_gym_that_raises_while_it_draws_is_one_error_with_its_line():
    skill = Breaks().skills()[0].name
    with pytest.raises(GymError, match=r"'breaks' raised KeyError\('kinds'\).*drawing\.py, line"):
        next(drawn(Breaks(), skill, seed=0))
    with pytest.raises(GymError, match=r"KeyError"):
        audit(Breaks(), skills=[skill])
    said = [f.message for f in check(Breaks(), skills=[skill]) if not f.ok]
    assert any("KeyError('kinds')" in m and "test_drawing.py, line" in m for m in said)
