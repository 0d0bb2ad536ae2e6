"""Sound comes on the take's clock at any rate, from any start, with silence in the holes."""

import numpy as np
import pytest
from scipy.signal import resample_poly
from tests.gyms.capture.media.filmed import clicks, film, lag
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take


def heard(take, rate=16_000, **more):
    return np.concatenate(list(take.sound(rate, **more)))


def down(samples, by):
    """Return samples at a lower rate, exactly in step."""
    return resample_poly(samples, 1, by).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le"), ("a.mov", "pcm_s16le")]
)
def test_sound_is_in_step_to_a_hundredth_of_a_millisecond(tmp_path, name, codec):
    samples = clicks(12.0)
    take = open_take([film(tmp_path / name, sound=samples, codec=codec)])
    off, alike = lag(down(samples, 3), heard(take))
    assert abs(off) < 0.16
    assert alike > 0.8
    assert take.duration_s == pytest.approx(12.0, abs=0.03)


@pytest.mark.parametrize("start", [0.0, 0.013, 2.5, 9.9999])
def test_any_part_equals_that_part_of_the_whole(start):
    take = open_take([KARMA])
    part = heard(take, start_s=start, end_s=11.0)
    whole = heard(take)[round(start * 16_000) : round(11.0 * 16_000)]
    assert len(part) == len(whole)
    assert np.abs(part - whole).max() < 2e-3


def test_lost_packets_leave_silence_and_a_hole(tmp_path):
    samples = clicks(12.0)
    path = film(tmp_path / "a.mp4", sound=samples, lost=[(3.0, 3.5), (7.0, 7.1)])
    take = open_take([path])
    first, second = take.holes
    assert (first.kind, first.start_s, first.end_s) == (
        "sound", pytest.approx(3.0, abs=0.03), pytest.approx(3.5, abs=0.03),
    )  # fmt: skip
    assert second.end_s - second.start_s == pytest.approx(0.1, abs=0.03)
    sound = heard(take)
    assert np.abs(sound[round(3.05 * 16_000) : round(3.45 * 16_000)]).max() == 0.0
    after = slice(round(7.2 * 16_000), round(11.5 * 16_000))
    off, alike = lag(down(samples, 3)[after], sound[after])
    assert abs(off) < 0.16
    assert alike > 0.8


def test_sound_that_starts_later_than_the_picture(tmp_path):
    samples = clicks(4.0)
    # MP4 writes a late start in whole milliseconds, before the codec's first block of 1,024.
    late = 0.75 + 1024 / 48_000
    frames = np.arange(150) / 30
    take = open_take([film(tmp_path / "a.mp4", sound=samples, frames=frames, sound_start_s=late)])
    assert take.holes[0].end_s == pytest.approx(0.75, abs=1e-3)
    sound = heard(take, 48_000)
    off, _ = lag(samples, sound)
    assert off == pytest.approx(late * 48_000, abs=0.5)
    assert take.duration_s == pytest.approx(5.0, abs=0.01)


def test_the_clock_begins_with_the_first_of_sound_and_picture(tmp_path):
    samples = clicks(4.0)
    frames = 2.0 + np.arange(90) / 30
    path = film(tmp_path / "a.mkv", sound=samples, codec="pcm_s16le", frames=frames)
    take = open_take([path])
    assert take.times()[0] == pytest.approx(2.0, abs=0.002)
    assert take.media[0].tracks[0].start_s + take.media[0].tracks[1].start_s == pytest.approx(
        2.0, abs=0.002
    )


def test_each_of_two_tracks_is_its_own(tmp_path):
    take = open_take([FOOTAGE / "nasa_13013.mp4"])
    first, second = heard(take), heard(take, track=1)
    off, _ = lag(first, second)
    assert abs(off) < 20  # the film's own: the second track is another mix
    assert len(first) == len(second)
    with pytest.raises(InputError, match="no sound track 2"):
        take.sound(track=2)


def test_a_film_without_sound_says_so():
    take = open_take([FOOTAGE / "pose_cam01.mp4"])
    assert not take.has_sound
    assert "there is no sound" in take.faults
    with pytest.raises(InputError, match="no sound track"):
        take.sound()


def test_damaged_sound_leaves_a_hole_and_goes_on(tmp_path):
    path = film(tmp_path / "a.mp4", sound=clicks(8.0))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    assert len(heard(open_take([path]))) == pytest.approx(8 * 16_000, abs=500)
