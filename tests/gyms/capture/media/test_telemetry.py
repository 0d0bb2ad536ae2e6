"""Telemetry lies on the take's clock: by the camera's stamps, or by a line through its packets."""

import struct

import numpy as np
import pytest
from tests.gyms.capture.media.test_probe import FOOTAGE, KARMA
from tests.gyms.capture.media.written import device, item, stream

from banbury.gyms.capture.media import open_take, telemetry
from banbury.gyms.capture.media.telemetry import Packet, read


def counted(first, n):
    """Return a stream's samples that count up."""
    return item("GYRO", "L", 4, struct.pack(f">{n}L", *range(first, first + n)))


def test_a_gopro_file_has_its_streams_with_units_and_devices():
    found = telemetry(open_take([KARMA]))
    gyro = found.streams["GYRO"]
    assert (gyro.device, gyro.unit, gyro.values.shape) == ("Camera", "rad/s", (4795, 3))
    assert gyro.rate == pytest.approx(400, rel=0.02)
    assert (np.diff(gyro.times_s) > 0).all()
    assert found.streams["ATTD"].device == "GoPro Karma v1.0"
    assert found.streams["FWVS"].texts[0, 0] == "1.1.11.0"
    assert found.faults == ()


def test_a_file_without_telemetry_has_none():
    found = telemetry(open_take([FOOTAGE / "pose_cam01.mp4"]))
    assert (found.streams, found.faults) == ({}, ())


def test_stamps_place_samples_whose_packets_lie():
    """A sensor of 100 Hz that starts 20 ms after the first frame; packets of 90 to 110 samples."""
    rng = np.random.default_rng(1)
    made, at = [], 0
    for k in range(30):
        n = int(rng.integers(90, 111))
        frames = item("SHUT", "f", 4, struct.pack(">f", 0.01))
        payload = device(
            stream(counted(at, n), total=at + n, stamp_us=5_000_000 + at * 10_000 + 20_000),
            stream(frames, total=k + 1, stamp_us=5_000_000 + k * 1_000_000),
        )
        made.append(Packet(k * 1.0, k + 1.0, payload))
        at += n
    gyro = read(iter(made))[0]["GYRO"]
    assert gyro.timing == "stamps"
    assert np.allclose(gyro.times_s, 0.02 + np.arange(at) * 0.01, atol=1e-6)


@pytest.mark.parametrize("seconds", [20, 400])
def test_a_steady_sensor_without_stamps_is_fitted(seconds):
    """Its rate is 197.3 Hz; what fell due until a packet's start lies in the one before."""
    rate, made, at = 197.3, [], 0
    for k in range(seconds):
        n = int((k + 1) * rate) - at
        made.append(Packet(float(k), k + 1.0, device(stream(counted(at, n), total=at + n))))
        at += n
    gyro = read(iter(made))[0]["GYRO"]
    assert gyro.timing == "fit"
    truth = np.arange(at) / rate
    assert np.abs(gyro.times_s - truth).max() < 1.5 / rate
    assert gyro.rate == pytest.approx(rate, rel=1e-3)


def test_a_lost_packet_leaves_a_gap_where_it_was():
    made = []
    for k in [0, 1, 2, 5, 6, 7]:
        payload = device(stream(counted(k * 100, 100), total=(k + 1) * 100))
        made.append(Packet(float(k), k + 1.0, payload))
    gyro = read(iter(made))[0]["GYRO"]
    assert np.allclose(gyro.times_s, gyro.values[:, 0] / 100.0, atol=1e-9)


def test_stamps_that_run_backwards_are_not_trusted():
    made = [
        Packet(float(k), k + 1.0, device(stream(counted(k * 10, 10), stamp_us=10**9 - k * 10**6)))
        for k in range(6)
    ]
    gyro = read(iter(made))[0]["GYRO"]
    assert gyro.timing == "fit"
    assert np.allclose(gyro.times_s, np.arange(60) * 0.1)


def test_two_devices_with_the_same_stream_both_show():
    payload = device(stream(counted(0, 5))) + device(stream(counted(9, 5)), name="Drone")
    found = read(iter([Packet(0.0, 1.0, payload)]))[0]
    assert sorted(found) == ["GYRO", "GYRO@Drone"]
    assert found["GYRO@Drone"].times_s.tolist() == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
