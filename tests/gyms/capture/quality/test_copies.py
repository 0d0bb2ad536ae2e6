"""A copy is known again; another day in the same place is none."""

from pathlib import Path

import numpy as np
import pytest
from tests.gyms.capture.quality import altering as alter

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import Prints, Quality, look
from banbury.gyms.capture.quality.copies import copies, with_copies
from banbury.gyms.capture.quality.prints import INNER, imprint

FOOTAGE = Path(__file__).parents[3] / "footage"


@pytest.fixture(scope="module")
def place():
    return alter.wall([FOOTAGE / "karma.mp4", FOOTAGE / "fire2.mp4", FOOTAGE / "nasa_13013.mp4"])


def prints(walk, start, seconds, *, late=0.0, crop=0.0, quality=90, turn=None, pace=1.0):
    """A recording that begins at `start` of a walk, its key frames `late` by so much."""
    times = np.arange(late, seconds, 1.0)
    seen = [walk.see(start + pace * t, crop=crop, quality=quality) for t in times]
    if turn is not None:
        seen = [np.ascontiguousarray(turn(i)) for i in seen]
    whole = np.array([imprint(i) for i in seen], dtype="<u8")
    inner = np.array([imprint(i, INNER) for i in seen], dtype="<u8")
    return Prints((times * 1000).astype("<u4").tobytes(), whole.tobytes(), inner.tobytes())


@pytest.mark.parametrize(
    ("late", "crop", "quality"), [(0, 0, 90), (0.4, 0.03, 40), (0.1, 0.06, 30)]
)
def test_a_copy_is_found_at_its_offset(place, late, crop, quality):
    walk = alter.Walk(place, 600, seed=1)
    original = prints(walk, 0.0, 300.0)
    # Two minutes of it, from 100 s on, are handed in again.
    copy = prints(walk, 100.0, 120.0, late=late, crop=crop, quality=quality)
    (found,) = copies(copy, {"GX010007.MP4": original})
    assert found.other == "GX010007.MP4"
    assert found.offset_s == pytest.approx(100.0, abs=1.0)
    assert found.start_s <= 5 and found.end_s >= 115
    (fault,) = with_copies(Quality(120.0, (), (), ""), [found]).faults
    assert fault.loses and fault.kind == "duplicate"
    assert "GX010007.MP4 from 0:01:4" in fault.said


@pytest.mark.parametrize(
    "turn",
    [
        np.fliplr,
        np.flipud,
        lambda image: np.rot90(image, 2),
        lambda image: np.rot90(image, 1),
        lambda image: np.rot90(image, 3),
        np.transpose,
    ],
)
def test_a_copy_in_a_mirror_or_turned_is_found(place, turn):
    walk = alter.Walk(place, 200, seed=1)
    original = prints(walk, 0.0, 180.0)
    copy = prints(walk, 60.0, 60.0, late=0.3, crop=0.03, quality=40, turn=turn)
    (found,) = copies(copy, {"GX010007.MP4": original})
    assert found.turned and found.offset_s == pytest.approx(60.0, abs=1.0)
    (fault,) = with_copies(Quality(60.0, (), (), ""), [found]).faults
    assert fault.loses and "The same pictures, mirrored or turned, as in" in fault.said
    (plain,) = copies(prints(walk, 60.0, 60.0), {"GX010007.MP4": original})
    assert not plain.turned


@pytest.mark.parametrize("turned", [90, 270])
def test_a_copy_whose_header_alone_turns_it_by_a_quarter_is_found(place, tmp_path, turned):
    walk = alter.Walk(place, 100, seed=3)
    seen = []
    for start, by in ((0.0, 0), (20.0, turned)):
        images = (np.dstack([walk.see(start + n / 4)] * 3) for n in range(40 * 4))
        alter.code(tmp_path / f"{by}.mp4", images, (160, 90), 4, by)
        take = open_take([tmp_path / f"{by}.mp4"])
        assert take.media[0].tracks[0].rotation == by
        seen.append(look(take).prints)
    (found,) = copies(seen[1], {"first": seen[0]})
    assert found.turned and found.offset_s == pytest.approx(20.0, abs=0.5)
    assert found.end_s - found.start_s >= 15


@pytest.mark.parametrize(("pace", "seconds"), [(0.5, 180.0), (1.04, 100.0), (1.1, 100.0), (2, 80)])
def test_a_copy_that_is_played_faster_or_slower_is_found(place, pace, seconds):
    walk = alter.Walk(place, 220, seed=1)
    original = prints(walk, 0.0, 200.0)
    copy = prints(walk, 20.0, seconds, late=0.3, crop=0.03, quality=40, pace=pace)
    (found,) = copies(copy, {"GX010007.MP4": original})
    assert found.pace == pytest.approx(pace, abs=0.01)
    assert found.offset_s == pytest.approx(20.0, abs=1.5)
    assert found.end_s - found.start_s > 0.9 * seconds
    (fault,) = with_copies(Quality(seconds, (), (), ""), [found]).faults
    assert fault.loses and f"played at {pace:.2g} times their speed, as in" in fault.said


class Loop(alter.Walk):
    """The same twelve seconds of work again and again, each day at another pace."""

    def __init__(self, wall, period):
        super().__init__(wall, 40, seed=9)
        self.period = period

    def see(self, t, **how):
        return super().see(10 + t % self.period / self.period * 12, **how)


def test_work_that_comes_again_and_again_is_no_copy_at_another_pace(place):
    days = [prints(Loop(place, period), 0.0, 150.0) for period in (9.3, 12.0, 14.5)]
    for n, mine in enumerate(days):
        others = {str(k): theirs for k, theirs in enumerate(days) if k != n}
        assert all(copy.pace == 1 for copy in copies(mine, others))


def test_another_day_in_the_same_place_is_no_copy(place):
    # Days 4 and 15 end and begin with the same look, which is no copy either.
    days = [prints(alter.Walk(place, 200, seed=n), 0.0, 180.0) for n in (2, 4, 6, 15)]
    for n, mine in enumerate(days):
        others = {str(k): theirs for k, theirs in enumerate(days) if k != n}
        assert copies(mine, others) == []


def test_a_camera_that_sees_nothing_change_is_no_copy_of_another(place):
    still = prints(alter.Walk(place, 10, seed=7), 9.0, 0.5)
    whole = np.repeat(np.frombuffer(still.whole, "<u8"), 200)
    long = Prints((np.arange(200) * 1000).astype("<u4").tobytes(), whole.tobytes(), whole.tobytes())
    assert copies(long, {"other": long}) == []


def test_takes_without_pictures_have_no_copies():
    nothing = Prints(b"", b"", b"")
    assert copies(nothing, {"other": nothing}) == []
