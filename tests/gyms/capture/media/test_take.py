"""Chapters make one take; what is odd about their sequence is told, and nothing is read twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gyms.capture.media.filmed import clicks, film, lag
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA

from banbury.errors import InputError
from banbury.gyms.capture.media import Media, Track, open_take
from banbury.gyms.capture.media.chapters import chapter_of
from banbury.gyms.capture.media.join import joined
from banbury.gyms.capture.media.timecode import Timecode, parse_timecode

FPS = 30


def chapters(folder, seconds=(4, 3, 5)):
    """Write one recording as files of these lengths; return them and its sound."""
    samples = clicks(sum(seconds))
    paths, at = [], 0
    for number, length in enumerate(seconds, 1):
        sound = samples[at * 48_000 : (at + length) * 48_000]
        frames = np.arange(length * FPS) / FPS
        # Sound without loss from coding, so that it can be told from where it came.
        path = folder / f"GX{number:02}0042.mov"
        paths.append(film(path, sound=sound, frames=frames, codec="pcm_s16le"))
        at += length
    return paths, samples


@pytest.mark.parametrize(
    ("name", "chapter"),
    [
        ("GX010042.MP4", ("GX0042", 1)),
        ("gh020042.mp4", ("GH0042", 2)),
        ("GOPR0042.MP4", ("GOPR0042", 0)),
        ("GP010042.MP4", ("GOPR0042", 1)),
        ("GX010042 (1).MP4", ("GX0042", 1)),
        ("VID_20240131_101500_00_002.insv", ("VID_20240131_101500_00", 2)),
        ("DJI_0034_001.MP4", ("DJI_0034", 1)),
        ("DJI_20240131101500_0034_D.MP4", None),
        ("holiday.mp4", None),
        ("GX0100421.MP4", None),
    ],
)
def test_names_of_cameras(name, chapter):
    assert chapter_of(name) == chapter


def test_chapters_in_any_order_are_one_recording(tmp_path):
    paths, samples = chapters(tmp_path)
    take = open_take([paths[2], paths[0], paths[1]])
    assert [p.name for p in take.files] == ["GX010042.mov", "GX020042.mov", "GX030042.mov"]
    assert take.faults == ("the chapters were given in the wrong order; they are put right",)
    assert take.duration_s == pytest.approx(12.0)
    assert take.holes == ()
    sound = np.concatenate(list(take.sound(48_000)))
    assert len(sound) == 12 * 48_000
    assert np.abs(sound - samples).max() < 2e-3
    assert take.times() == pytest.approx(np.arange(360) / FPS, abs=1e-4)
    assert [f.t_s for f in take.frames(every_s=1.5, width=32)] == pytest.approx(
        np.arange(8) * 1.5, abs=1e-3
    )


def test_a_part_of_a_take_may_lie_over_a_seam(tmp_path):
    paths, samples = chapters(tmp_path, (2, 2))
    sound = np.concatenate(list(open_take(paths).sound(48_000, start_s=1.5, end_s=2.5)))
    assert np.abs(sound - samples[72_000:120_000]).max() < 2e-3


def test_a_missing_chapter_is_told(tmp_path):
    paths, _ = chapters(tmp_path, (1, 1, 1))
    assert "of recording GX0042 chapter 2 is missing" in open_take([paths[0], paths[2]]).faults
    assert "of recording GX0042 chapter 1 is missing" in open_take(paths[1:]).faults
    assert "of recording GX0042 chapter 1, 2 is missing" in open_take(paths[2:]).faults


def test_names_may_be_given_beside_the_files(tmp_path):
    paths, _ = chapters(tmp_path, (1, 2))
    hashed = [p.rename(tmp_path / f"{k}f00d") for k, p in enumerate(paths)]
    take = open_take(hashed[::-1], names=["GX020042.mov", "GX010042.mov"])
    assert list(take.files) == hashed


def test_the_same_file_twice_and_two_recordings_are_refused(tmp_path):
    paths, _ = chapters(tmp_path, (1, 1))
    again = tmp_path / "GX030042.mov"
    again.write_bytes(paths[0].read_bytes())
    with pytest.raises(InputError, match=r"GX010042.mov and GX030042.mov are the same file"):
        open_take([*paths, again])
    with pytest.raises(InputError, match="are the same file"):
        open_take([KARMA, KARMA])
    other = paths[1].rename(tmp_path / "GX020043.mov")
    with pytest.raises(InputError, match="different recordings: GX0042, GX0043"):
        open_take([paths[0], other])


def test_two_files_with_one_chapter_number_are_refused(tmp_path):
    paths, _ = chapters(tmp_path, (1, 2))
    (tmp_path / "b").mkdir()
    twin = paths[1].rename(tmp_path / "b" / "GX010042.mov")
    with pytest.raises(InputError, match="two files are chapter 1"):
        open_take([paths[0], twin])


def media(path, timecode, seconds=10.0, chapter=None):
    track = Track(kind="video", index=0, codec="h264", start_s=0.0, duration_s=seconds, rate=29.97)
    return Media(
        path=path,
        container="mp4",
        duration_s=seconds,
        tracks=(track,),
        timecode=timecode,
        timecode_rate=30000 / 1001,
        chapter=chapter,
    )


def two(tmp_path, *files):
    """Write files of different content, for the check that no two are the same."""
    paths = [tmp_path / f"{k}.mp4" for k in range(len(files))]
    for path in paths:
        path.write_bytes(path.name.encode() * (1 + int(path.stem)))
    return [media(p, *f) for p, f in zip(paths, files, strict=True)]


@pytest.mark.parametrize(
    ("second", "gap", "word"),
    [
        ("10:00:10:00", 0.0, ""),
        ("10:00:10:02", 0.0, ""),
        ("10:09:10:00", 540.5, "540.5"),
        ("09:59:00:00", 0.0, "over each other"),
    ],
)
def test_timecode_tells_of_a_gap_between_chapters(tmp_path, second, gap, word):
    files = two(tmp_path, ("10:00:00:00", 10.01, ("GX1", 1)), (second, 10.0, ("GX1", 2)))
    parts, faults = joined(files)
    assert parts[1].start_s == pytest.approx(10.01 + gap, abs=0.06)
    assert (faults == []) if not word else (word in faults[0])


def test_timecode_orders_files_without_names_and_passes_midnight(tmp_path):
    files = two(tmp_path, ("23:59:55:00", 10.01), ("00:00:05:00", 10.0))
    parts, faults = joined(files[::-1])
    assert [p.media.timecode for p in parts] == ["00:00:05:00", "23:59:55:00"]
    assert "their timecode does" in faults[0]
    named = [media(f.path, f.timecode, f.duration_s, ("GX1", k + 1)) for k, f in enumerate(files)]
    parts, faults = joined(named)
    assert (parts[1].start_s, faults) == (pytest.approx(10.01), [])


@settings(deadline=None)
@given(
    st.integers(0, 2_589_407), st.sampled_from([(30, True), (60, True), (30, False), (25, False)])
)
def test_a_timecode_comes_back_from_its_words(frame, form):
    count, drop = form
    rate = count * 1000 / 1001 if drop else float(count)
    frame %= int(rate * 86_400)
    code = Timecode(frame, rate, count, drop)
    assert parse_timecode(str(code), rate) == code


def test_drop_frame_keeps_step_with_the_clock():
    assert str(Timecode(1800, 30000 / 1001, 30, True)) == "00:01:00;02"
    assert str(Timecode(17982, 30000 / 1001, 30, True)) == "00:10:00;00"
    assert parse_timecode("25:61", 30.0) is None


def test_two_files_of_sound_alone_are_joined(tmp_path):
    a, b = clicks(2.0), clicks(2.0, seed=1)
    paths = [
        film(tmp_path / f"{n}.wav", sound=s, codec="pcm_s16le") for n, s in (("a", a), ("b", b))
    ]
    take = open_take(paths)
    assert "stand as given" in take.faults[0]
    assert not take.has_picture
    off, alike = lag(np.concatenate([a, b]), np.concatenate(list(take.sound(48_000))))
    assert (abs(off) < 0.01, alike > 0.999) == (True, True)
    assert len(take.times()) == 0
    with pytest.raises(InputError, match="no picture track"):
        take.frames()


def test_a_take_of_real_footage_has_no_holes():
    assert open_take([KARMA]).holes == ()
    assert open_take([FOOTAGE / "fire2.mp4"]).holes[0].kind == "sound"
