"""Speech and clipped sound are told from other sound."""

from pathlib import Path

import numpy as np
import pytest
from tests.gyms.capture.quality import altering as alter

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.quality import look
from banbury.gyms.capture.quality.sound import MANY, listen
from banbury.gyms.capture.quality.speech import SPOKEN, Listener

FOOTAGE = Path(__file__).parents[3] / "footage"


@pytest.fixture(scope="module")
def talk():
    """Twelve seconds of a speech, 16 kHz."""
    blocks = open_take([FOOTAGE / "timbl_1.mp3"]).sound(16_000, start_s=3.0, end_s=15.0)
    return np.concatenate(list(blocks))


def test_speech_is_heard_in_blocks_of_any_length(talk):
    whole = Listener().hear(talk)
    assert (whole >= SPOKEN).mean() > 0.8
    listener = Listener()
    parts = [listener.hear(talk[k : k + 7777]) for k in range(0, len(talk), 7777)]
    assert np.concatenate(parts) == pytest.approx(whole, abs=1e-4)


def test_noise_and_silence_are_no_speech():
    noise = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    assert (Listener().hear(noise) >= SPOKEN).mean() < 0.02
    assert (Listener().hear(np.zeros(80_000, np.float32)) >= SPOKEN).sum() == 0


def test_clipped_sound_is_told_from_loud_sound(talk):
    seconds = talk.reshape(12, 16_000)
    top = np.percentile(np.abs(seconds), 99.9, axis=1, keepdims=True)
    loud, cut = seconds / top * 0.95, np.clip(seconds / top * 2.5, -1, 1)
    assert all(listen(s).clipped < MANY for s in loud)
    assert all(listen(s).clipped > MANY for s in cut)
    assert listen(np.zeros(16_000, np.float32)).level == -120.0


def test_a_take_says_when_somebody_speaks_and_when_the_sound_is_cut_or_gone(tmp_path, talk):
    speech = np.repeat(talk[: 4 * 16_000], 3)
    parts = [np.clip(speech * 12, -1, 1), np.zeros(6 * 48_000), speech * 0.3]
    sound = np.concatenate(parts).astype(np.float32)
    path = alter.film(
        tmp_path / "a.mp4", FOOTAGE / "karma.mp4", 14.0, size=(160, 90), limit=30, sound=sound
    )
    faults = look(open_take([path])).faults
    found = {f.kind: [] for f in faults}
    for f in faults:
        found[f.kind].append((round(f.start_s), round(f.end_s)))
        assert not f.loses
    assert found["clipping"] == [(0, 4)]
    assert found["no sound"] in ([(4, 10)], [(5, 10)])
    assert found["speech"] == [(0, 4), (10, 14)]
