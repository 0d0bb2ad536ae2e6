"""Moving clock codes in the pictures: what a phone's clock said at a frame.

The code's text is GoPro Labs' `oTYYMMDDhhmmss.mmm...oTI<id>`; two cameras that saw one phone's code
(one id) have its clock in common. A picture is exposed while the screen is between two codes, so an
answer is good to about a frame and a screen's delay. Codes at the beginning and at the end tell
the drift too: a camera's clock runs away from the phone's by up to 0.2 s in an hour.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from types import ModuleType
from typing import NamedTuple

import numpy as np

from banbury.errors import SetupError
from banbury.gyms.capture.media import Take
from banbury.gyms.capture.sync.result import CLOCK_DRIFT, Method

_FORM = re.compile(r"oT(\d{12})(?:\.(\d{1,3}))?(?:.*oTI(\d+))?")
EDGE_S = 90.0
"""The first and the last seconds of a take, in which codes are sought: people show them there."""
EVERY_S = 0.5
WIDTH = 640
ERROR_S = 0.04
LEAST_S = ERROR_S / 2
"""Half the width of one showing's interval, however many readings it has: a frame and a screen."""
SHOWING_S = 60.0
"""Readings with less between them are of one showing."""
WILD = 300e-6
"""A phone's clock against a camera's runs no faster away, unless it was set in between."""


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


class Seen(NamedTuple):
    """One showing of a code to one camera: the phone's time, and the camera's less the phone's.

    Half the width of its interval is `error_s`.
    """

    clock_s: float
    ahead_s: float
    error_s: float


class Anchor(NamedTuple):
    """Both cameras saw the code: a's time, b's time less a's, half the width of its interval."""

    t_s: float
    lag_s: float
    error_s: float


def compare(a: tuple[Reading, ...], b: tuple[Reading, ...]) -> Method:
    """Return b's clock against a's by the codes of one phone that both saw.

    A drift is told, with its interval, where both saw the code near the beginning and the end.
    """
    for id in sorted({r.id for r in a} & {r.id for r in b}):
        one, other = (_showings([r for r in side if r.id == id]) for side in (a, b))
        if one and other:
            said = f"of the code of clock {id or 'without a name'}"
            counts = [sum(r.id == id for r in side) for side in (a, b)]
            why = f"{counts[0]} and {counts[1]} readings {said}"
            return _answer(_anchors(one, other), why)
    if a and b:
        return Method(
            "codes", why="the takes show codes of different clocks, or of one that ran wild"
        )
    return Method("codes", why="not both takes show a clock code in their first or last 90 s")


def _showings(readings: list[Reading]) -> list[Seen]:
    """Return the showings that readings of one clock make; [] where that clock ran wild."""
    parts: list[list[Reading]] = []
    for one in sorted(readings, key=lambda r: r.t_s):
        if parts and one.t_s - parts[-1][-1].t_s <= SHOWING_S:
            parts[-1].append(one)
        else:
            parts.append([one])
    found = []
    for part in parts:
        ahead = np.array([r.t_s - r.clock_s for r in part])
        if float(np.ptp(ahead)) > 4 * ERROR_S:
            return []
        clock = float(np.median([r.clock_s for r in part]))
        scatter = 2 * float(np.std(ahead)) / np.sqrt(len(part))
        found.append(Seen(clock, float(np.median(ahead)), max(LEAST_S, float(scatter))))
    for here, there in pairwise(found):
        runs = abs(there.ahead_s - here.ahead_s) - 4 * ERROR_S
        if runs > WILD * abs(there.clock_s - here.clock_s):
            return []
    return found


def _anchors(one: list[Seen], other: list[Seen]) -> list[Anchor]:
    """Return where both saw the code: each showing of b's with the nearest one of a's."""
    made = []
    for there in other:
        here = min(one, key=lambda s: abs(s.clock_s - there.clock_s))
        # Between two showings each camera's clock runs away from the phone's.
        apart = CLOCK_DRIFT * abs(here.clock_s - there.clock_s)
        error = float(np.hypot(here.error_s, there.error_s)) + apart
        at = here.ahead_s + there.clock_s
        made.append(Anchor(at, there.ahead_s - here.ahead_s, error))
    near = [one for one in made if one.error_s <= 2 * ERROR_S]
    return near or [min(made, key=lambda x: x.error_s)]


def _answer(anchors: list[Anchor], why: str) -> Method:
    t, lag, error = (np.array(column) for column in zip(*anchors, strict=True))
    weight = 1 / error**2
    centre = float((weight * t).sum() / weight.sum())
    mean = float((weight * lag).sum() / weight.sum())
    at_centre = max(ERROR_S, float(1 / np.sqrt(weight.sum())))
    leverage = float((weight * (t - centre) ** 2).sum())
    half = 1 / np.sqrt(leverage) if leverage > 0 else np.inf
    if half > CLOCK_DRIFT:
        return Method("codes", True, mean, at_centre, None, False, why)
    slope = float((weight * (t - centre) * lag).sum()) / leverage
    plus_minus = float(np.hypot(at_centre, half * centre))
    said = f"{why}, over {float(np.ptp(t)):.0f} s: drift {1e6 * slope:+.1f} ± {1e6 * half:.1f} ppm"
    drift, ppm = 1e6 * slope, 1e6 * float(half)
    offset = mean - slope * centre
    return Method("codes", True, offset, plus_minus, drift, False, said, ppm)


def _opencv() -> ModuleType:
    try:
        import cv2  # noqa: PLC0415  (heavy, and optional)
    except ImportError:
        raise SetupError("clock codes need OpenCV", do="pip install 'banbury[capture]'") from None
    module: ModuleType = cv2
    return module
