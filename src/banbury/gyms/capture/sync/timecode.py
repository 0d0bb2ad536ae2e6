"""Timecode against timecode: what the cameras' own counters say, if somebody set them alike.

A counter that nobody jammed shows some time of day. It is shown beside the others and checked
against them; alone it synchronizes nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from banbury.gyms.capture.media import Take
from banbury.gyms.capture.sync.result import Method

_FORM = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{1,3})")
_DAY_S = 86_400.0


class Start(NamedTuple):
    """Seconds since midnight of the first frame, and what one frame lasts."""

    at_s: float
    frame_s: float


def start(take: Take) -> Start | None:
    """Return what a take's timecode says of its first frame; None if it carries none."""
    media = take.media[0]
    found = _FORM.fullmatch(media.timecode.strip())
    if not found or media.timecode_rate <= 0:
        return None
    hours, minutes, seconds, frames = (int(found[n]) for n in (1, 2, 3, 5))
    rate = media.timecode_rate
    whole = round(rate)
    count = ((hours * 60 + minutes) * 60 + seconds) * whole + frames
    if found[4] in ";,":
        left = hours * 60 + minutes
        count -= (whole // 15) * (left - left // 10)
    return Start(count / rate, 1 / rate)


def compare(a: Start | None, b: Start | None) -> Method:
    """Return b's clock against a's by their timecodes."""
    if a is None or b is None:
        missing = "neither take" if a is None and b is None else "only one take"
        return Method("timecode", why=f"{missing} carries a timecode" if a or b
                      else "neither take carries a timecode")  # fmt: skip
    offset = (a.at_s - b.at_s + _DAY_S / 2) % _DAY_S - _DAY_S / 2
    error = (a.frame_s + b.frame_s) / 2
    return Method("timecode", True, offset, error, None, False,
                  "holds if the cameras' counters were set alike")  # fmt: skip
