"""Frames come upright, at their times, sparse or dense, of either track."""

import numpy as np
import pytest
from tests.gyms.capture.media.filmed import film
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take


def bright(image):
    """Return which quarter of a picture is the brightest, as (lower, right)."""
    high, wide = image.shape[0] // 2, image.shape[1] // 2
    quarters = {
        (r, c): image[r * high :, c * wide :][:high, :wide].mean() for r in (0, 1) for c in (0, 1)
    }
    return max(quarters, key=quarters.get)


@pytest.mark.parametrize(
    ("turned", "corner", "shape"),
    [
        (0, (0, 0), (48, 64)),
        (90, (1, 0), (64, 48)),
        (180, (1, 1), (48, 64)),
        (270, (0, 1), (64, 48)),
    ],
)
def test_pictures_are_upright(tmp_path, turned, corner, shape):
    """The film is marked as filmed with a turned camera; a player turns it back."""
    take = open_take([film(tmp_path / "a.mp4", frames=np.arange(10) / 30, turned=turned)])
    frame = next(iter(take.frames(width=999)))
    assert frame.image.shape == shape
    assert bright(frame.image) == corner
    assert take.media[0].tracks[0].rotation == turned
    colored = next(iter(take.frames(width=999, color=True))).image
    assert colored.shape == (*shape, 3)


def test_a_real_telephone_held_upside_down():
    assert open_take([FOOTAGE / "fire2.mp4"]).media[0].tracks[0].rotation == 180


def test_each_frame_is_the_one_of_its_time(tmp_path):
    times = np.arange(60) / 30
    take = open_take([film(tmp_path / "a.mp4", frames=times)])
    for frame in take.frames(every_s=0.4, width=64):
        number = round(frame.t_s * 30)
        said = (float(np.median(frame.image[30:, 40:])) - 20) / 8
        assert round(said) == number % 16


@pytest.mark.parametrize("start", [0.0, 0.7, 1.99])
def test_frames_from_any_start(tmp_path, start):
    times = np.arange(60) / 30
    take = open_take([film(tmp_path / "a.mp4", frames=times, gop=20)])
    shown = [f.t_s for f in take.frames(every_s=0, width=16, start_s=start, end_s=1.995)]
    assert shown == pytest.approx(times[(times >= start - 1e-6) & (times < 1.995)], abs=1e-4)


def test_glances_are_key_frames():
    take = open_take([KARMA])
    shown = [g.t_s for g in take.glances(0.0, 64)]
    assert len(shown) == 46  # of 362
    assert set(np.round(shown, 3)) <= set(np.round(take.times(), 3))


def test_each_of_two_tracks_is_its_own():
    take = open_take([FOOTAGE / "nasa_13013.mp4"])
    first, second = (list(take.frames(every_s=5.0, width=999, track=k)) for k in (0, 1))
    assert (first[0].image.shape, second[0].image.shape) == ((180, 320), (270, 480))
    assert (len(take.times()), len(take.times(1))) == (325, 390)
    with pytest.raises(InputError, match="no picture track 2"):
        take.frames(track=2)


def test_a_damaged_stretch_is_passed_over(tmp_path):
    path = film(tmp_path / "a.mp4", frames=np.arange(120) / 30, size=(320, 240), gop=15)
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + 3000
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    shown = list(open_take([path]).frames(every_s=0, width=16))
    assert shown
    assert shown[-1].t_s == pytest.approx(119 / 30, abs=0.01)


@pytest.mark.parametrize("gop", [1, 4, 60])
def test_sparse_frames_are_the_dense_ones(tmp_path, gop):
    """Whether a frame is sought or reached, it is the same one."""
    path = film(tmp_path / "a.mp4", frames=np.arange(90) / 30, gop=gop)
    take = open_take([path])
    dense = {round(f.t_s, 3): f.image for f in take.frames(every_s=0, width=64)}
    sparse = list(take.frames(every_s=0.55, width=64))
    assert [round(f.t_s, 3) for f in sparse] == [0.0, 0.567, 1.1, 1.667, 2.2, 2.767]
    assert all((dense[round(f.t_s, 3)] == f.image).all() for f in sparse)
    keys = [g.t_s for g in take.glances(0.0, 64)]
    assert keys == pytest.approx(np.arange(0, 90, gop) / 30, abs=1e-3)
