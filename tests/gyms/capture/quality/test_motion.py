"""Shaking with and without a gyro; standing pictures; a lens that is covered in part."""

import numpy as np
import pytest
from tests.gyms.capture.quality import altering as alter
from tests.gyms.capture.quality.test_look import FOOTAGE, KARMA

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import look
from banbury.gyms.capture.quality.covering import covered_shares
from banbury.gyms.capture.quality.grid import cells
from banbury.gyms.capture.quality.motion import unsteady
from banbury.gyms.capture.quality.readings import Sights
from banbury.gyms.capture.quality.shaking import SHAKE, TURNS, shaken
from banbury.gyms.capture.quality.turning import turns, unsteadiness


def shakes(picture, gyro):
    """What is said of bursts each 2 s, with the gyro's seconds."""
    times = 2.0 * np.arange(len(picture))
    sights = Sights(t_s=list(times), shake=[p * SHAKE for p in picture])
    sights.turns = [g * TURNS for g in gyro]
    unseen = np.zeros(len(times), dtype=bool)
    return [(f.start_s, f.end_s) for f in shaken(sights, times, unseen, 2.0 * len(times))]


def test_without_a_gyro_two_bursts_in_a_row_are_shaking():
    assert shakes([0, 2, 2, 0, 2, 0, 0], []) == [(1.0, 5.0)]


def test_a_gyro_tells_from_when_to_when_and_what_only_moves_before_the_camera():
    gyro = np.full(14, 0.2)
    gyro[3:6] = 2.0
    assert shakes([0, 0, 2, 0, 2, 2, 0], gyro) == [(3.0, 6.0)]
    assert shakes([0, 0, 0, 0, 0, 0, 0], np.full(14, 2.0)) == []  # stabilised in the camera
    assert shakes([0, 0, 2, 2, 0, 0, 0], np.full(14, np.nan)) == [(3.0, 7.0)]


def test_a_gyro_that_turns_evenly_is_calm():
    times = np.arange(0, 5, 1 / 200)
    even = np.tile([0.3, -2.0, 0.1], (len(times), 1))
    assert np.allclose(unsteadiness(times, even, 5.0), 0.0)
    rough = even + np.repeat(np.random.default_rng(0).normal(0, 1, (150, 3)), 20, axis=0)[:1000]
    assert min(unsteadiness(times, rough, 5.0)) > TURNS
    gap = (times < 1) | (times > 3)
    assert np.isnan(unsteadiness(times[gap], even[gap], 5.0)).tolist() == [
        *(False, True, True, False, False),
    ]  # fmt: skip


def test_a_real_gyro_is_read():
    found = turns(open_take([KARMA]))
    assert len(found) == 13 and np.nanmax(found) < TURNS / 4
    assert turns(open_take([FOOTAGE / "nasa_13013.mp4"])) == []


def test_frames_that_a_camera_repeats_are_no_shaking():
    rng = np.random.default_rng(0)
    wall = alter.cv2.GaussianBlur(rng.uniform(0, 255, (90, 400)).astype(np.float32), (0, 0), 2)
    wide = np.clip((wall - 128) * 6 + 128, 0, 255).astype(np.uint8)
    turn = np.array([wide[:, 10 * k : 10 * k + 160] for k in (0, 0, 1, 1, 2, 2, 3, 3)])
    times = list(np.arange(8) / 30)
    assert unsteady(turn, times) < SHAKE / 4
    there = np.array([wide[:, 10 * k : 10 * k + 160] for k in (3, 0, 4, 1, 2, 6, 1, 3)])
    assert unsteady(there, times) > 3 * SHAKE
    assert unsteady(turn[[0] * 5], times[:5]) == 0.0


@pytest.mark.parametrize("phase", [0.0, 0.6])
def test_a_standing_picture_is_told_to_the_frame(tmp_path, phase):
    stands = alter.between(4.0 + phase, 8.0 + phase, alter.frozen())
    path = alter.film(tmp_path / "a.mp4", KARMA, 11.0, stands, limit=90)
    [fault] = [f for f in look(open_take([path])).faults if f.kind == "frozen"]
    # What an encoder spends on a standing picture at first is for its looks.
    assert fault.start_s == pytest.approx(4.0 + phase, abs=1.0)
    assert fault.end_s == pytest.approx(8.0 + phase, abs=0.1)


def seen(alters, seconds=16, head=True):
    """The cells of a picture each second, as a head sees it or a stand."""
    moves = alter.Head(seconds, np.random.default_rng(1))
    scene = next(alter.frames(KARMA, (1280, 720)))
    made = []
    for t in range(seconds):
        image = alters(moves.see(scene, 1.0 * t if head else 0.0, (640, 360)), float(t))
        grey = alter.cv2.cvtColor(image, alter.cv2.COLOR_RGB2GRAY)
        made.append(cells(alter.cv2.resize(grey, (160, 90), interpolation=alter.cv2.INTER_AREA)))
    return covered_shares(np.array(made), np.zeros(seconds, dtype=bool))


def test_a_third_of_the_lens_is_told_where_the_head_moves_and_nothing_without():
    finger = alter.fingered(0.33, 12, "left")
    assert seen(finger).min() >= 0.25
    assert seen(lambda image, t: image).max() == 0.0
    assert seen(finger, head=False).max() == 0.0  # nobody can tell: it may be a dark wall
    some = seen(alter.between(5.0, 12.0, finger))
    assert some[5:12].min() >= 0.25 and some[[0, 1, 2, 15]].max() == 0.0
