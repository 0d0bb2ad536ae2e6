import numpy as np
import pytest
from tests.gyms.capture.sync.scenes import RATE, Take, camera, scene, truth

from banbury.gyms.capture.sync import pair


@pytest.mark.parametrize(("ppm", "db", "start_b"), [(48.0, 0.0, 3.3), (-60.0, 10.0, 0.9)])
def test_offset_and_drift_are_found(ppm: float, db: float, start_b: float) -> None:
    world = scene(75, 1)
    a = Take(camera(world, 2.0, 62, 0, db, 2))
    b = Take(0.3 * camera(world, start_b, 64, ppm, db, 3))
    found = pair(a, b)
    assert found.verdict == "synchronized"
    (piece,) = found.pieces
    for t in (piece.start_s, 30.0, piece.end_s):
        assert abs(piece.at(t) - truth(2.0, start_b, ppm, t)) < 0.00025
    assert abs(found.drift_ppm - ppm) < 1.0
    assert found.drift_low is not None and found.drift_high is not None
    assert found.drift_low < ppm < found.drift_high
    assert found.offset_low < truth(2.0, start_b, ppm, 0.0) < found.offset_high


def test_a_short_take_is_found_in_a_long_one_and_the_long_in_the_short() -> None:
    world = scene(130, 9)
    long, short = Take(camera(world, 0, 125, 0, 5, 1)), Take(camera(world, 77, 11, 40, 5, 2))
    one, other = pair(long, short), pair(short, long)
    assert one.verdict == other.verdict == "synchronized"
    assert abs(one.pieces[0].at(82.0) - truth(0, 77, 40, 82.0)) < 0.00025
    assert abs(other.pieces[0].at(one.pieces[0].at(82.0)) - 82.0) < 0.0001


def test_a_drift_that_cannot_be_told_is_not_told() -> None:
    world = scene(14, 4)
    found = pair(Take(camera(world, 1, 9, 0, 3, 1)), Take(camera(world, 2, 9, 20, 3, 2)))
    assert found.verdict == "synchronized"
    assert found.drift_low is None and found.drift_high is None
    assert any("do not tell the drift" in reason for reason in found.reasons)
    assert abs(found.pieces[0].at(5.0) - truth(1, 2, 20, 5.0)) < 0.00025


@pytest.mark.parametrize("by_s", [0.021, -0.5, 4.0])
def test_a_jump_of_the_clock_is_found(by_s: float) -> None:
    world = scene(70, 5)
    heard = camera(world, 0, 60, 15, 10, 6)
    at, size = 30 * RATE, round(abs(by_s) * RATE)
    if by_s < 0:
        heard = np.concatenate([heard[:at], heard[at + size :]])
    else:
        heard = np.concatenate([heard[:at], np.zeros(size), heard[at:]])
    found = pair(Take(camera(world, 0, 60, 0, 10, 7)), Take(heard))
    assert found.verdict == "synchronized"
    (jump,) = found.jumps
    assert abs(jump.at_s - 30) < 0.3
    assert abs(jump.by_s - by_s) < 0.0002
    assert (jump.kind == "dropped on b") == (by_s < 0)
    assert abs(found.pieces[1].at(50) - truth(0, 0, 15, 50) - by_s) < 0.00025


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_is_heard_about_a_jump_nothing_is_said_of_the_clock(seed: int) -> None:
    """Each camera's own noise hides the scene for eight seconds in which b loses 0.1 s."""
    world = scene(70, 50 + seed)
    world[26 * RATE : 34 * RATE] *= 1e-3
    a, heard = camera(world, 0, 60, 0, 10, 7), camera(world, 0, 60, 15, 10, 6)
    at, size = int((27 + 3 * seed) * RATE), round(0.1 * RATE)
    found = pair(Take(a), Take(np.concatenate([heard[:at], heard[at + size :]])))
    assert found.verdict == "synchronized"
    (jump,) = found.jumps
    assert jump.low_s - 0.05 <= at / RATE <= jump.high_s + 0.05
    assert jump.high_s - jump.low_s > 4
    for t in np.arange(1, 59, 0.25):
        said, true = found.at(t), truth(0, 0, 15, t) - (0.1 if t > at / RATE else 0)
        assert said is None or abs(t - at / RATE) < 0.2 or abs(said - true) < 0.00025, t


def _hum(seconds: float, seed: int) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    rng = np.random.default_rng(seed)
    tones = sum(np.sin(2 * np.pi * 50 * k * t + rng.uniform(0, 6)) / k for k in range(1, 40))
    return 0.05 * tones + 1e-4 * rng.standard_normal(len(t))


def _loop(seconds: float, seed: int, music: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE)
    shifted = np.roll(music, rng.integers(len(music)))
    return np.resize(shifted, count) + 0.7 * scene(seconds, seed)


@pytest.mark.parametrize("kind", ["unrelated", "hum", "loop"])
def test_unrelated_takes_are_refused(kind: str) -> None:
    music = scene(7, 99)
    made = {
        "unrelated": lambda seed: scene(40, seed),
        "hum": lambda seed: _hum(40, seed),
        "loop": lambda seed: _loop(40, seed, music),
    }[kind]
    found = pair(Take(made(11)), Take(made(12)))
    assert found.verdict == "refused"
    assert found.reasons and not found.pieces


@pytest.mark.parametrize("starts", [(11, 17), (2, 30)])
def test_a_song_that_both_heard_is_for_a_person(starts: tuple[int, int]) -> None:
    song = scene(9, 99)
    takes = [scene(40, n) for n in starts]
    for at, take in zip(starts, takes, strict=True):
        take[at * RATE : (at + 9) * RATE] = song
    found = pair(*(Take(take) for take in takes))
    assert found.verdict == "disputed"
    assert "a song or a call" in found.reasons[0]


def test_looped_music_in_one_room_does_not_hide_the_room() -> None:
    music = scene(7, 99)
    room = scene(50, 20) + 0.5 * np.resize(music, 50 * RATE)
    found = pair(Take(camera(room, 0, 45, 0, 15, 1)), Take(camera(room, 3, 45, 10, 15, 2)))
    assert found.verdict == "synchronized"
    assert abs(found.pieces[0].at(20) - truth(0, 3, 10, 20)) < 0.00025


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(20 * RATE), np.zeros(100)])
def test_silence_is_refused(samples: np.ndarray) -> None:
    sound = Take(scene(20, 1))
    for a, b in ((Take(samples), sound), (sound, Take(samples))):
        found = pair(a, b)
        assert found.verdict == "refused"
        assert "no sound" in found.reasons[0]


def test_one_file_twice_is_disputed() -> None:
    one = scene(30, 8)
    for other in (one, one[5 * RATE :]):
        found = pair(Take(one), Take(other))
        assert found.verdict == "disputed"
        assert "one and the same sound" in found.reasons[0]
