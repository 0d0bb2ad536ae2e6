"""Gyro against gyro: cameras on one body or one rig turn alike; two wearers do not."""

from __future__ import annotations

import numpy as np

from banbury.gyms.capture.media import Take, telemetry
from banbury.gyms.capture.sync import series
from banbury.gyms.capture.sync.result import Method
from banbury.gyms.capture.sync.series import Series

RATE = 200.0


def turning(take: Take) -> Series | None:
    """Return how fast the camera turned, rad/s whatever the axes; None without a gyro."""
    if not any(m.telemetry for m in take.media):
        return None
    stream = telemetry(take, ["GYRO"]).streams.get("GYRO")
    if stream is None or stream.values.shape[1] < 3:
        return None
    speed = np.sqrt(np.nansum(stream.values[:, :3] ** 2, axis=1))
    return series.regular(stream.times_s, speed, RATE)


def compare(a: Series | None, b: Series | None) -> Method:
    """Return b's clock against a's by how the cameras turned."""
    if a is None or b is None:
        return Method("gyro", why="not both takes carry a gyro")
    found = series.match(a, b)
    if found is None:
        return Method("gyro", why="too short, or the cameras stood still")
    if not found.sure:
        return Method("gyro", why=f"the cameras did not turn alike (at most {found.alike:.2f})")
    why = f"the cameras turned alike ({found.alike:.2f})"
    return Method("gyro", True, found.lag_s, 2 / RATE, None, False, why)
