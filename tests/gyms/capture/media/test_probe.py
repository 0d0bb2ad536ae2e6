"""Real footage is read as what it is, and what is no footage is refused."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from banbury.errors import InputError
from banbury.gyms.capture.media import open_take, probe

FOOTAGE = Path(__file__).parents[3] / "footage"
KARMA = FOOTAGE / "karma.mp4"


def test_a_gopro_file_tells_tracks_timecode_and_telemetry():
    media = probe(KARMA)
    assert [t.kind for t in media.tracks] == ["video", "sound", "data", "data", "data"]
    assert (media.timecode, media.telemetry, media.faults) == ("19:26:48:04", True, ())
    assert media.tracks[0].size == (854, 480)
    assert media.duration_s == pytest.approx(362 * 1001 / 30000)
    # GoPro's own sample: its date lies 69 s after its timecode.
    assert media.claimed_ns is not None


def test_sound_and_pictures_come_on_one_clock():
    take = open_take([KARMA])
    blocks = list(take.sound())
    assert [len(b) for b in blocks] == [160_000, round(take.duration_s * 16_000) - 160_000]
    assert blocks[0].dtype == np.float32
    frames = list(take.frames(every_s=4.0, width=64))
    assert [round(f.t_s, 3) for f in frames] == [0.0, 4.004, 8.008, 12.012]
    assert frames[0].image.shape == (36, 64)
    assert len(take.times()) == 362


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"not a film\n" * 99, "text file"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "text file"),
        (b"ffconcat version 1.0\nfile a.mp4\n", "text file"),
        (bytes(range(256)) * 40, "no footage"),
        (KARMA.read_bytes()[:1_000_000], "cut off"),
    ],
)
def test_what_is_no_footage_gets_one_clear_error(tmp_path, content, word):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=word):
        open_take([path])


def written(path, codec, size, stamps_ms):
    """Write a film without sound: one grey picture at each stamp."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "gray" if codec == "png" else "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for at in stamps_ms:
            frame = av.VideoFrame(*size, stream.pix_fmt)
            for plane in frame.planes:
                plane.update(bytes([90]) * plane.buffer_size)
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_a_few_bytes_that_say_a_gigabyte_of_pixels_are_not_decoded(tmp_path):
    path = written(tmp_path / "vast.mov", "png", (9000, 9000), [0, 40])
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="above 67,108,864 pixels"):
        probe(path)


def test_stamps_that_say_days_are_no_recording(tmp_path):
    path = written(tmp_path / "days.mkv", "libx264", (64, 48), [0, 40, 80, 240 * 3_600_000])
    with pytest.raises(InputError, match="lasts 240 h"):
        open_take([path])
    half = written(tmp_path / "half.mkv", "libx264", (64, 48), [0, 40, 80, 13 * 3_600_000])
    assert open_take([half]).duration_s > 13 * 3600
    other = written(tmp_path / "other.mkv", "libx264", (64, 48), [0, 40, 90, 13 * 3_600_000])
    with pytest.raises(InputError, match="this recording lasts 26 h"):
        open_take([half, other], names=["GX010001.MP4", "GX020001.MP4"])


def test_a_file_that_is_not_there_and_no_file_at_all(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        probe(tmp_path / "GX010001.MP4")
    with pytest.raises(InputError, match="at least one"):
        open_take([])
