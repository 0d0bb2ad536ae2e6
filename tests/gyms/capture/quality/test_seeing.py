"""What is looked at, whatever the file is like; hands; the weave of a screen."""

from pathlib import Path

import numpy as np
import pytest
from tests.gyms.capture.quality import altering as alter

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import look
from banbury.gyms.capture.quality.faulting import SCREEN
from banbury.gyms.capture.quality.hands import SEEN, hand_score
from banbury.gyms.capture.quality.sampling import Packets, bursts, key_distance
from banbury.gyms.capture.quality.screens import screen_score

FOOTAGE = Path(__file__).parents[3] / "footage"
KARMA, HANDS = FOOTAGE / "karma.mp4", FOOTAGE / "hands.mp4"


@pytest.mark.parametrize(("every", "apart"), [(15, 0.5), (240, np.inf)])
def test_each_second_is_looked_at_however_far_apart_key_frames_are(tmp_path, every, apart):
    path = alter.film(tmp_path / "a.mp4", KARMA, 6.0, size=(160, 90), every=every, limit=30)
    (part,) = open_take([path]).parts
    assert key_distance(part) == pytest.approx(apart)
    packets = Packets()
    found = list(bursts(part, packets))
    assert [round(b.t_s) for b in found] == [0, 1, 2, 3, 4, 5]
    assert [len(b.times_s) > 1 for b in found] == [True, False] * 3
    assert len(packets.times_s) == 180
    steps = np.diff([t for b in found if len(b.times_s) > 1 for t in b.times_s[:5]])
    assert np.isclose(steps, 1 / 30, atol=2e-3).sum() == 12


def test_a_turned_picture_is_looked_at_upright():
    (part,) = open_take([FOOTAGE / "fire2.mp4"]).parts
    turned = next(bursts(part, Packets()))
    upright = next(iter(open_take([FOOTAGE / "fire2.mp4"]).frames(width=160))).image
    apart = np.abs(turned.small[0].astype(int) - upright).mean()
    assert apart < np.abs(turned.small[0][::-1, ::-1].astype(int) - upright).mean() / 4


def test_a_take_without_picture_says_so():
    quality = look(open_take([FOOTAGE / "timbl_1.mp3"]))
    (fault,) = [f for f in quality.faults if f.loses]
    assert (fault.kind, fault.start_s, fault.end_s) == ("no picture", 0.0, quality.duration_s)
    assert "picture" in quality.unmeasured


def test_hands_are_seen_where_they_are():
    take = open_take([HANDS])
    scores = [hand_score(f.image) for f in take.frames(every_s=1.0, width=416, color=True)]
    assert scores[0] < SEEN
    assert np.mean(np.array(scores[1:]) >= SEEN) >= 0.9
    others = open_take([KARMA]).glances(4.0, 416, color=True)
    assert all(hand_score(f.image) < SEEN for f in others)


def test_a_filmed_screen_is_told_from_the_scene_it_shows():
    size = (640, 360)
    image = next(alter.frames(KARMA, size))

    def planes(rgb):
        frame = alter.av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        yuv = frame.reformat(format="yuv420p").to_ndarray()
        high, wide = rgb.shape[:2]
        colours = yuv[high:].reshape(2, high // 2, wide // 2)
        return [yuv[:high], *colours]

    assert screen_score(planes(image)) < SCREEN
    for pitch, angle in ((0.7, 3.0), (1.0, 4.0), (1.6, 7.0)):
        filmed = alter.screened(pitch, angle)(image, 0.0)
        assert screen_score(planes(filmed)) > SCREEN, (pitch, angle)
