"""Stamps from an MP4's tables equal FFmpeg's packets; holes and odd rates are seen by them."""

import functools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gyms.capture.media.filmed import clicks, film
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take, probe
from banbury.gyms.capture.media.boxes import boxes
from banbury.gyms.capture.media.packets import _demuxed, _tabled
from banbury.gyms.capture.media.reading import opened


def both(path):
    with opened(path) as container:
        return _tabled(boxes(path), container, path), _demuxed(container)


@pytest.mark.parametrize("name", ["karma", "fire2", "nasa_13013", "pose_cam01"])
def test_tables_tell_what_the_packets_tell(name):
    ours, theirs = both(FOOTAGE / f"{name}.mp4")
    assert ours.keys() == theirs.keys()
    for index, stamps in ours.items():
        assert np.allclose(stamps.times_s, theirs[index].times_s, atol=1e-9)
        assert (stamps.keys == theirs[index].keys).all()


@pytest.mark.parametrize("late", [{"start_s": 0.5}, {"sound_start_s": 0.5 + 1024 / 48_000}])
def test_tables_tell_what_the_packets_tell_of_late_tracks_and_b_frames(tmp_path, late):
    frames = np.cumsum(np.tile([0.03, 0.05, 0.033], 30))
    path = film(tmp_path / "a.mp4", sound=clicks(3.0), frames=frames - frames[0], **late)
    ours, theirs = both(path)
    for index, stamps in ours.items():
        assert len(stamps.times_s) == len(theirs[index].times_s)
        assert np.allclose(stamps.times_s, theirs[index].times_s, atol=1e-4)


def test_sound_that_is_not_coded_has_few_stamps(tmp_path):
    path = film(tmp_path / "a.mov", sound=clicks(3.0), codec="pcm_s16le", frames=np.arange(90) / 30)
    ours, theirs = both(path)
    sound = next(i for i, s in ours.items() if len(s.times_s) < 1000 and i == 0)
    assert ours[sound].end_s == pytest.approx(theirs[sound].end_s, abs=1e-6)
    assert open_take([path]).holes == ()


def test_fragments_are_left_to_ffmpeg(tmp_path):
    options = {"movflags": "frag_keyframe+empty_moov"}
    path = film(tmp_path / "a.mp4", sound=clicks(3.0), frames=np.arange(90) / 30, options=options)
    assert boxes(path) is None
    take = open_take([path])
    assert take.duration_s == pytest.approx(3.0, abs=0.05)
    assert len(take.times()) == 90


def test_a_varying_rate_is_told_and_every_frame_keeps_its_time(tmp_path):
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.choice([1 / 30, 1 / 24, 1 / 15], 120))
    times -= times[0]
    take = open_take([film(tmp_path / "a.mp4", frames=times)])
    assert take.media[0].tracks[0].variable
    assert take.times() == pytest.approx(times, abs=1e-4)
    assert [f.t_s for f in take.frames(every_s=0, width=16)] == pytest.approx(times, abs=1e-4)
    assert not probe(KARMA).tracks[0].variable


def test_240_frames_a_second(tmp_path):
    take = open_take([film(tmp_path / "a.mp4", frames=np.arange(240) / 240)])
    assert take.media[0].tracks[0].rate == pytest.approx(240, rel=0.01)
    assert len(take.times()) == 240
    assert len(list(take.frames(every_s=0.25, width=16))) == 4


def test_pictures_that_stop_are_a_hole(tmp_path):
    times = np.concatenate([np.arange(30), np.arange(75, 120)]) / 30
    take = open_take([film(tmp_path / "a.mp4", frames=times)])
    (hole,) = take.holes
    assert (hole.kind, hole.start_s, hole.end_s) == (
        "picture", pytest.approx(1.0, abs=0.01), pytest.approx(2.5, abs=0.01),
    )  # fmt: skip


def test_twelve_hours(tmp_path):
    times = np.arange(0, 12 * 3600, 600.0)
    take = open_take([film(tmp_path / "a.mp4", frames=times, gop=1)])
    assert take.duration_s == pytest.approx(12 * 3600, abs=601)
    assert len(list(take.glances(every_s=3600, width=16))) == 12
    last = list(take.frames(every_s=1.0, width=16, start_s=42_500))
    assert [f.t_s for f in last] == [42_600.0]


def test_a_file_that_ends_too_early_tells_how_much_is_there(tmp_path):
    frames = np.arange(150) / 30
    path = film(
        tmp_path / "a.mp4", sound=clicks(5.0), frames=frames, options={"movflags": "faststart"}
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    take = open_take([path])
    assert take.faults[0].startswith("the file is cut off: ")
    assert take.faults[0].endswith("of 5.0 s are there")
    assert 2.0 < take.duration_s < 4.5
    assert len(np.concatenate(list(take.sound()))) == round(take.duration_s * 16_000)
    assert list(take.frames(every_s=0.5, width=16))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_index_is_an_answer_or_one_error(tmp_path_factory, data):
    """Bytes of the index are changed: whoever reads gets a take or an InputError."""
    folder = tmp_path_factory.mktemp("damaged")
    raw = bytearray(_small())
    start = raw.index(b"moov")
    for at in data.draw(st.lists(st.integers(start + 4, len(raw) - 1), min_size=1, max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    path = folder / "a.mp4"
    path.write_bytes(raw)
    try:
        take = open_take([path])
    except InputError:
        return
    assert take.duration_s < 1e12


@functools.cache
def _small():
    with tempfile.TemporaryDirectory() as folder:
        path = film(Path(folder) / "a.mp4", sound=clicks(0.5), frames=np.arange(15) / 30)
        return path.read_bytes()
