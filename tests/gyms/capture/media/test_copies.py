"""A take's playing copy keeps the take's clock; its peaks are the sound's."""

import struct

import numpy as np
import pytest
from tests.gyms.capture.media.filmed import lag
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA

from banbury.gyms.capture.media import open_take, peaks, proxy


def test_a_copy_is_small_and_in_step(tmp_path):
    take, done = open_take([KARMA]), []
    proxy(take, tmp_path / "copy.mp4", done.append)
    copy = open_take([tmp_path / "copy.mp4"])
    video, sound = copy.media[0].tracks
    assert (video.codec, video.size, sound.codec) == ("h264", (320, 180), "aac")
    assert (tmp_path / "copy.mp4").stat().st_size < 400_000
    ours, theirs = (np.concatenate(list(t.sound())) for t in (take, copy))
    off, alike = lag(ours, theirs)
    assert abs(off) < 0.2
    assert alike > 0.95
    assert set(np.round(copy.times(), 3)) <= set(np.round(take.times(), 3))
    assert done[-1] == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["copy.mp4"]
    # The index stands before the pictures, so that a page can seek while it loads.
    data = (tmp_path / "copy.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_copy_of_key_frames_alone(tmp_path):
    take = open_take([KARMA])
    proxy(take, tmp_path / "copy.mp4", keys=True)
    glances = [g.t_s for g in take.glances(0.0)]
    assert open_take([tmp_path / "copy.mp4"]).times() == pytest.approx(glances, abs=1e-3)


def test_a_copy_of_an_upright_film_and_of_sound_alone(tmp_path):
    proxy(open_take([FOOTAGE / "pose_cam01.mp4"]), tmp_path / "a.mp4")
    upright = open_take([tmp_path / "a.mp4"])
    assert upright.media[0].tracks[0].size == (320, 568)
    assert not upright.has_sound


def test_peaks_are_the_lowest_and_highest_of_each_hundredth(tmp_path):
    take = open_take([KARMA])
    peaks(take, tmp_path / "peaks")
    data = (tmp_path / "peaks").read_bytes()
    magic, rate, count = struct.unpack_from("<4sII", data)
    assert (magic, rate, count) == (b"BPK1", 100, 1208)
    bins = np.frombuffer(data[12:], dtype=np.int8).reshape(-1, 2)
    assert len(bins) == count
    sound = np.concatenate(list(take.sound(8_000)))
    assert bins[300, 1] == round(min(1.0, float(sound[24_000:24_080].max())) * 127)
