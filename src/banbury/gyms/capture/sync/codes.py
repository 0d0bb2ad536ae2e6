"""Moving clock codes in the pictures: what a phone's clock said at a frame.

The code's text is GoPro Labs' `oTYYMMDDhhmmss.mmm...oTI<id>`; two cameras that saw one phone's code
(one id) have its clock in common. A picture is exposed while the screen is between two codes, so an
answer is good to about a frame and a screen's delay. Codes at the beginning and at the end tell
the drift too: a camera's clock runs away from the phone's by up to 0.2 s in an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from types import ModuleType
from typing import NamedTuple

import numpy as np

from banbury.errors import SetupError
from banbury.gyms.capture.media import Frame, Take
from banbury.gyms.capture.sync.result import CLOCK_DRIFT, Method

_FORM = re.compile(r"oT(\d{12})(?:\.(\d{1,3}))?(?:.*oTI(\d+))?")
EDGE_S = 90.0
"""The first and the last seconds of a take, in which codes are sought: people show them there."""
EVERY_S = 0.5
GLANCE_S = 4.0
"""Between them key frames are glanced at, so far apart: a code is held up for five seconds."""
AROUND_S = 8.0
"""So far before and after a glance that reads a code, codes are sought as at the edges,"""
LOOKS = 30
"""in at most so many places of a take: a phone that lies in the picture for hours is no showing."""
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
    """Return the clock codes in a take, in the order of their times.

    The first and last 90 s are searched twice a second. In between a key frame each 4 s is read,
    and what lies about one that shows a code is searched like the edges. Where key frames are
    farther apart, a code of five seconds may be missed there.

    Raises:
        SetupError: OpenCV is not installed.
    """
    if not take.has_picture:
        return ()
    reader = _Reader(take)
    late = max(EDGE_S, take.duration_s - EDGE_S)
    found = [*reader.search(0.0, EDGE_S), *reader.search(late, take.duration_s)]
    found += reader.between(EDGE_S, late)
    return tuple(sorted(set(found)))


class _Reader:
    """Reads codes in a take's pictures."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._detector = _opencv().QRCodeDetector()

    def search(self, start_s: float, end_s: float) -> list[Reading]:
        """Return the codes in frames each 0.5 s."""
        if end_s <= start_s:
            return []
        frames = self._take.frames(every_s=EVERY_S, width=WIDTH, start_s=start_s, end_s=end_s)
        return [one for f in frames if (one := self._read(f)[0])]

    def between(self, start_s: float, end_s: float) -> list[Reading]:
        """Return the codes about the glances that show one."""
        found: list[Reading] = []
        searched, looks = start_s, 0
        for frame in self._glances(GLANCE_S, start_s, end_s):
            if frame.t_s < searched:
                continue
            one, located = self._read(frame)
            if one is None and located:
                # Between two codes, or no code at all: other key frames nearby tell, and are cheap.
                about = self._glances(EVERY_S, frame.t_s - GLANCE_S, frame.t_s + GLANCE_S)
                one = next((said for f in about if (said := self._read(f)[0])), None)
            if one is None:
                continue
            found.append(one)
            if looks < LOOKS:
                looks, first = looks + 1, max(searched, frame.t_s - AROUND_S)
                searched = min(end_s, frame.t_s + AROUND_S)
                found += self.search(first, searched)
        return found

    def _glances(self, every_s: float, start_s: float, end_s: float) -> Iterator[Frame]:
        if end_s <= start_s:
            return iter(())
        return self._take.glances(every_s, WIDTH, start_s=start_s, end_s=end_s, quick=True)

    def _read(self, frame: Frame) -> tuple[Reading | None, bool]:
        """Return the clock code that a frame shows, and whether it seems to show any code."""
        text, corners, _ = self._detector.detectAndDecode(frame.image)
        said = read(text)
        return (Reading(frame.t_s, *said) if said else None), corners is not None


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
    return Method("codes", why="not both takes show a clock code that could be read")


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
