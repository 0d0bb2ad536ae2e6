"""Real footage is read as what it is, and what is no footage is refused."""

from pathlib import Path

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


def test_a_file_that_is_not_there_and_no_file_at_all(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        probe(tmp_path / "GX010001.MP4")
    with pytest.raises(InputError, match="at least one"):
        open_take([])
