"""Moving clock codes in the pictures: what a phone's clock said at a frame.

The code's text is GoPro Labs' `oTYYMMDDhhmmss.mmm...oTI<id>`; two cameras that saw one phone's code
(one id) have its clock in common. A picture is exposed while the screen is between two codes, so an
answer is good to about a frame and a screen's delay.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import ModuleType
from typing import NamedTuple

import numpy as np

from banbury.errors import SetupError
from banbury.gyms.capture.media import Take
from banbury.gyms.capture.sync.result import Method

_FORM = re.compile(r"oT(\d{12})(?:\.(\d{1,3}))?(?:.*oTI(\d+))?")
EDGE_S = 90.0
"""The first and the last seconds of a take, in which codes are sought: people show them there."""
EVERY_S = 0.5
WIDTH = 640
ERROR_S = 0.04


class Reading(NamedTuple):
    """A code: when it was seen on the take's clock, what it said in seconds, whose clock."""

    t_s: float
    clock_s: float
    id: str


def read(text: str) -> tuple[float, str] | None:
    """Return a code's time in seconds and its clock's id; None if it is no clock code."""
    found = _FORM.match(text)
    if not found:
        return None
    try:
        day = datetime.strptime(found[1], "%y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return day.timestamp() + int((found[2] or "0").ljust(3, "0")) / 1e3, found[3] or ""


def readings(take: Take) -> tuple[Reading, ...]:
    """Return the clock codes in the first and last 90 s of a take.

    Raises:
        SetupError: OpenCV is not installed.
    """
    if not take.has_picture:
        return ()
    detector = _opencv().QRCodeDetector()
    found = []
    late = max(EDGE_S, take.duration_s - EDGE_S)
    for start, end in ((0.0, EDGE_S), (late, take.duration_s)):
        if end <= start:
            continue
        for frame in take.frames(every_s=EVERY_S, width=WIDTH, start_s=start, end_s=end):
            text, _, _ = detector.detectAndDecode(frame.image)
            said = read(text)
            if said:
                found.append(Reading(frame.t_s, *said))
    return tuple(found)


def compare(a: tuple[Reading, ...], b: tuple[Reading, ...]) -> Method:
    """Return b's clock against a's by the codes of one phone that both saw."""
    for id in sorted({r.id for r in a} & {r.id for r in b}):
        one = [r.t_s - r.clock_s for r in a if r.id == id]
        other = [r.t_s - r.clock_s for r in b if r.id == id]
        scatter = max(float(np.ptp(one)), float(np.ptp(other)))
        if scatter > 4 * ERROR_S:
            continue
        offset = float(np.median(other) - np.median(one))
        why = f"{len(one)} and {len(other)} readings of the code of clock {id or 'without a name'}"
        return Method("codes", True, offset, ERROR_S, None, False, why)
    if a and b:
        return Method(
            "codes", why="the takes show codes of different clocks, or of one that ran wild"
        )
    return Method("codes", why="not both takes show a clock code in their first or last 90 s")


def _opencv() -> ModuleType:
    try:
        import cv2  # noqa: PLC0415  (heavy, and optional)
    except ImportError:
        raise SetupError("clock codes need OpenCV", do="pip install 'banbury[capture]'") from None
    module: ModuleType = cv2
    return module
