from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from tests.gyms.capture.sync.filmed import film
from tests.gyms.capture.sync.scenes import RATE, Take, camera, scene, truth

from banbury.gyms.capture.media import open_take
from banbury.gyms.capture.sync import Method, Pairing, Piece, claps, codes, fusing, pair, series
from banbury.gyms.capture.sync.recording import Recording
from banbury.gyms.capture.sync.series import Series
from banbury.gyms.capture.sync.timecode import Start, compare

FOOTAGE = Path(__file__).parents[3] / "footage"


def test_real_footage_against_a_copy_that_drifts(tmp_path: Path) -> None:
    real = open_take([FOOTAGE / "timbl_1.mp3"])
    heard = np.concatenate(list(real.sound(RATE)))[: 26 * RATE]
    other = film(tmp_path / "b.m4a", 0, None, camera(heard, 4.0, 20, 35, 12, 1))
    found = pair(real, open_take([other]))
    assert found.verdict == "synchronized"
    assert abs(found.pieces[0].at(14.0) - truth(0.0, 4.0, 35, 14.0)) < 0.00025
    names = [m.name for m in found.methods]
    assert names == ["sound", "timecode", "claps", "gyro", "codes", "motion"]
    assert msgspec.json.decode(msgspec.json.encode(found), type=Pairing) == found


def test_real_footage_of_two_places_is_refused() -> None:
    takes = [open_take([FOOTAGE / name]) for name in ("karma.mp4", "nasa_13013.mp4")]
    found = pair(*takes, thorough=False)
    assert found.verdict == "refused"


def test_one_real_file_twice_is_disputed_and_its_gyro_agrees() -> None:
    found = pair(*(open_take([FOOTAGE / "karma.mp4"]) for _ in range(2)), thorough=False)
    assert found.verdict == "disputed"
    said = {m.name: m for m in found.methods}
    assert said["gyro"].found and abs(said["gyro"].offset_s) < 0.005
    assert said["timecode"].found and said["timecode"].offset_s == 0.0


def _code(ms: int) -> str:
    moment = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC) + timedelta(milliseconds=ms)
    return f"oT{moment:%y%m%d%H%M%S}.{moment.microsecond // 1000:03d}oTD0oTZ1oTI12345"


def _phone(start_s: float):
    """What a camera sees of a phone's moving code that starts at `start_s` of the phone."""
    encoder = cv2.QRCodeEncoder.create()

    def picture(t: float) -> np.ndarray:
        image = encoder.encode(_code(round(1000 * (start_s + t))))
        big = cv2.resize(image, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
        canvas = np.full((360, 480), 90, np.uint8)
        canvas[40 : 40 + big.shape[0], 60 : 60 + big.shape[1]] = big[:300, :400]
        return canvas

    return picture


def test_codes_synchronize_takes_without_sound(tmp_path: Path) -> None:
    a = open_take([film(tmp_path / "a.mp4", 6, _phone(10.0), fps=10)])
    b = open_take([film(tmp_path / "b.mp4", 6, _phone(12.5), fps=10)])
    found = pair(a, b)
    said = {m.name: m for m in found.methods}
    assert said["codes"].found and said["codes"].used
    assert found.verdict == "synchronized"
    assert abs(found.offset_s - -2.5) < 0.04
    assert found.drift_low is None


def _readings(times, ppm=0.0, ahead=0.0, id="7"):
    """What a camera whose clock runs `ppm` fast reads at the phone's times, half a frame off."""
    rng = np.random.default_rng(3)
    return tuple(
        codes.Reading((1 + ppm * 1e-6) * (c - ahead) + rng.uniform(-0.02, 0.02), c, id)
        for c in times
    )


SHOWN = [10.0, 10.5, 11.0, 11.5], [3590.0, 3590.5, 3591.0, 3591.5]


def test_codes_at_the_beginning_and_the_end_tell_the_drift_with_its_interval():
    a = _readings(SHOWN[0] + SHOWN[1], 55.0)
    b = _readings(SHOWN[0] + SHOWN[1], -20.0, ahead=2.0)
    found = codes.compare(a, b)
    assert found.found and abs(found.drift_ppm - -75.0) <= found.drift_plus_minus_ppm < 12.0
    assert abs(found.offset_s - -2.0) <= found.plus_minus_s < 0.1
    assert "±" in found.why
    heard, spans = Method("sound"), (3600.0, 3600.0)
    fused = fusing.without_sound(heard, "no sound", [found], spans, silent=True)
    assert fused.verdict == "synchronized" and fused.methods[-1].used
    [piece] = fused.pieces
    for t in (20.0, 3550.0):
        true = (1 - 20e-6) * (t / (1 + 55e-6) - 2.0)
        assert abs(piece.at(t) - true) < 0.04
    assert fused.drift_low < -75.0 < fused.drift_high


def test_one_showing_tells_no_drift_and_a_phone_that_was_set_tells_nothing():
    both = SHOWN[0] + SHOWN[1]
    once = codes.compare(_readings(SHOWN[0]), _readings(both, ahead=2.0))
    assert once.found and once.drift_ppm is None and abs(once.offset_s - -2.0) < 0.04
    late = codes.compare(_readings(SHOWN[0], 30.0), _readings(SHOWN[1], ahead=2.0))
    assert late.plus_minus_s > 0.3 and abs(late.offset_s - -2.0) <= late.plus_minus_s
    jumped = _readings(SHOWN[0]) + tuple(
        r._replace(clock_s=r.clock_s + 5.0) for r in _readings(SHOWN[1])
    )
    assert not codes.compare(jumped, _readings(both)).found


def test_codes_check_what_sound_found_where_one_was_shown(tmp_path: Path) -> None:
    world = scene(15, 8)
    heard = [camera(world, 0.0, 12, 0, 20, 1), camera(world, 1.5, 12, 0, 20, 2)]
    pictures = [_phone(10.0), _phone(11.5)]
    a, b = (
        open_take([film(tmp_path / f"{n}.mp4", 12, pictures[n], heard[n], fps=10)])
        for n in range(2)
    )
    found = pair(a, b, coded=True)
    said = {m.name: m for m in found.methods}
    assert found.verdict == "synchronized"
    assert said["sound"].used and said["codes"].used and not said["motion"].used
    assert "not looked at" in said["motion"].why
    assert "not looked at" in {m.name: m for m in pair(a, b).methods}["codes"].why


def _held_up(start_s: float, at: tuple[float, float]):
    """As `_phone`, but shown from `at[0]` to `at[1]` of the phone's time alone."""
    phone = _phone(start_s)
    plain = np.tile(np.linspace(60, 120, 480), (360, 1)).astype(np.uint8)
    return lambda t: phone(t) if at[0] <= start_s + t < at[1] else plain


def test_a_code_that_is_held_up_in_the_middle_alone_is_found(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(codes, "EDGE_S", 6.0)
    shown, starts = (42.0, 47.0), (10.0, 12.5)
    a, b = (
        open_take([film(tmp_path / f"{s}.mp4", 48, _held_up(s, shown), fps=4, keys=4)])
        for s in starts
    )
    one, other = codes.readings(a), codes.readings(b)
    # All of it, twice a second, though a glance is cast each four seconds.
    assert len({r.t_s for r in one}) == len(one) >= 9 and len(other) >= 9
    assert all(shown[0] - 0.1 <= starts[0] + r.t_s < shown[1] for r in one)
    found = pair(a, b)
    assert found.verdict == "synchronized" and abs(found.offset_s - -2.5) < 0.04


def test_a_phone_that_lies_in_the_picture_all_the_time_is_searched_in_few_places(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(codes, "EDGE_S", 2.0)
    monkeypatch.setattr(codes, "LOOKS", 1)
    take = open_take([film(tmp_path / "a.mp4", 40, _phone(10.0), fps=2, keys=2)])
    found = [r.t_s for r in codes.readings(take)]
    assert found == sorted(set(found)) and found[0] < 2 and found[-1] > 38
    dense = np.diff(found) < 0.6
    assert 20 <= dense.sum() <= 32 and np.diff(found).max() <= codes.GLANCE_S + 0.1


def test_only_clock_codes_are_read() -> None:
    assert codes.read("https://example.org") is None
    assert codes.read("oT999999999999.1") is None
    one, other = codes.read(_code(1500)), codes.read(_code(250))
    assert one and other and one[0] - other[0] == pytest.approx(1.25) and one[1] == "12345"


def test_the_lag_of_sound_behind_a_flash_is_told(tmp_path: Path) -> None:
    world = scene(14, 3)
    flashes = (2.0, 5.1, 8.3, 11.0)
    for at in flashes:
        start = int((at + 0.12) * RATE)
        world[start : start + 80] += 0.8 * np.sign(np.sin(np.arange(80)))

    def picture(t: float) -> np.ndarray:
        bright = 200 if any(0 <= t - f < 0.2 for f in flashes) else 40
        return np.full((96, 128), bright, np.uint8)

    a = open_take([film(tmp_path / "a.mp4", 13, picture, world[: 13 * RATE])])
    b = Take(camera(world, 0.5, 12, 0, 20, 1))
    found = pair(a, b, thorough=True)
    assert found.verdict == "synchronized"
    assert found.lag_ms[1] is None
    assert found.lag_ms[0] is not None and abs(found.lag_ms[0] - 120) < 35


def test_claps_alone_find_the_shift() -> None:
    rng = np.random.default_rng(1)
    times = (3.0, 3.9, 5.1, 9.7, 12.2)
    made = []
    for start in (0.0, 1.7):
        sound = 0.002 * rng.standard_normal(16 * RATE)
        for t in times:
            at = int((t - start) * RATE)
            sound[at : at + 160] += 0.5 * rng.standard_normal(160) * np.exp(-np.arange(160) / 40)
        with Recording(Take(sound)) as heard:
            made.append(claps.onsets(heard))
    found = claps.compare(*made, 16.0)
    assert found.found and abs(found.offset_s - -1.7) <= max(0.002, found.plus_minus_s)
    with Recording(Take(scene(16, 5))) as heard:
        stranger = claps.onsets(heard)
    assert not claps.compare(made[0], stranger, 16.0).found


def test_series_match_at_one_lag_or_not_at_all() -> None:
    rng = np.random.default_rng(4)
    turn = np.abs(np.cumsum(rng.standard_normal(6000)) * 0.1 + rng.standard_normal(6000))
    a, b = Series(0.0, 200.0, turn[:5000]), Series(1.0, 200.0, turn[700:] + 0.1)
    found = series.match(a, b)
    assert found and found.sure and abs(found.lag_s - (1.0 - 3.5)) < 0.005
    other = series.match(a, Series(0.0, 200.0, rng.standard_normal(4000)))
    assert other and not other.sure
    period = np.sin(np.arange(4000) / 20.0)
    again = series.match(Series(0, 200.0, period), Series(0, 200.0, period[300:]))
    assert again and not again.sure


def test_timecodes_are_shown_over_midnight_and_never_used() -> None:
    found = compare(Start(86_399.0, 0.04), Start(1.0, 0.04))
    assert found.found and not found.used and found.offset_s == pytest.approx(-2.0)


SOUND = Pairing("synchronized", (Piece(0, 60, 2.0, 20.0),), 2.0, 1.99, 2.01)


def test_a_method_that_disagrees_is_flagged() -> None:
    claps_ = Method("claps", True, 2.9, 0.002)
    found = fusing.checked(SOUND, [claps_, Method("timecode", True, 2.01, 0.03)])
    assert found.verdict == "disputed" and "claps" in found.reasons[0]
    assert [m.used for m in found.methods] == [False, True]
    calm = fusing.checked(SOUND, [Method("timecode", True, 900.0, 0.03)])
    assert calm.verdict == "synchronized" and "timecode" in calm.reasons[0]


def test_without_sound_one_method_alone_is_put_before_a_person() -> None:
    gyro, motion = Method("gyro", True, 1.0, 0.01), Method("motion", True, 1.03, 0.07)
    heard, spans = Method("sound"), (30.0, 30.0)
    one = fusing.without_sound(heard, "no sound", [gyro], spans, silent=True)
    assert one.verdict == "disputed"
    two = fusing.without_sound(heard, "no sound", [gyro, motion], spans, silent=True)
    assert two.verdict == "synchronized" and two.offset_s == 1.0
    loud = fusing.without_sound(heard, "not alike", [gyro, motion], spans, silent=False)
    assert loud.verdict == "disputed"
    none = fusing.without_sound(
        heard, "no sound", [Method("timecode", True, 1.0, 0.02)], spans, silent=True
    )
    assert none.verdict == "refused"
