"""The timecode that a camera writes beside its first frame."""

from __future__ import annotations

import re
import struct

import msgspec

from banbury.episode import Source
from banbury.gyms.capture.media.boxes import Table

_FORM = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})([:;.,])(\d{1,3})")
_DROP = 1
_DAY_S = 86_400


class Timecode(msgspec.Struct, frozen=True):
    """A timecode: the number of a frame since midnight, and how frames are counted.

    Attributes:
        frame: since 00:00:00:00, as the camera counts.
        rate: frames a second in truth, such as 29.97.
        count: frames that a second of the timecode has, such as 30.
        drop: numbers are left out so that the timecode keeps step with the clock.
    """

    frame: int
    rate: float
    count: int
    drop: bool = False

    @property
    def seconds(self) -> float:
        """Seconds since midnight on the camera's clock, by frames that were counted."""
        return self.frame / self.rate

    @property
    def day_s(self) -> float:
        """Seconds until the timecode is the same again; more than a day without dropping."""
        frames = self.count * _DAY_S
        return (frames - (_DAY_S // 600) * 18 * (self.count // 30) * self.drop) / self.rate

    def __str__(self) -> str:
        """Return `19:26:48:04`, with `;` before the frames where numbers are dropped."""
        frame = self.frame + (_dropped(self.frame, self.count) if self.drop else 0)
        rest, frames = divmod(frame, self.count)
        minutes, seconds = divmod(rest, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.drop else ":"
        return f"{hours % 24:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"


def _dropped(frame: int, count: int) -> int:
    """Return how many numbers were left out up to a frame (SMPTE 12M: 2 of 30, 4 of 60)."""
    each = 2 * max(1, count // 30)
    minute, ten = count * 60 - each, count * 600 - 9 * each
    tens, rest = divmod(frame, ten)
    return 9 * each * tens + (each * ((rest - each) // minute) if rest >= each else 0)


def read_timecode(path: Source, table: Table) -> Timecode | None:
    """Return what a `tmcd` track of an MP4 holds, None where it cannot be read."""
    if table.format != "tmcd" or not len(table.offsets) or table.sizes[0] < 4:
        return None
    # Eight bytes of any sample entry, four reserved, then flags, ticks, ticks a frame.
    if len(table.entry) < 24:
        return None
    flags, ticks, each = struct.unpack_from(">III", table.entry, 12)
    with path.open("rb") as file:
        file.seek(int(table.offsets[0]))
        data = file.read(4)
    if len(data) < 4 or not (ticks and each and round(ticks / each)):
        return None
    frame = struct.unpack(">I", data)[0]
    # The entry has a count of its own, which GoPro gives as 29 for 29.97.
    return Timecode(frame, ticks / each, round(ticks / each), bool(flags & _DROP))


def parse_timecode(text: str, rate: float) -> Timecode | None:
    """Return a timecode in words as a number, None where it is none."""
    found = _FORM.fullmatch(text.strip())
    if found is None or rate <= 0:
        return None
    hours, minutes, seconds, frames = (int(found[k]) for k in (1, 2, 3, 5))
    count = round(rate)
    frame = ((hours * 60 + minutes) * 60 + seconds) * count + frames
    drop = found[4] in ";,"
    if drop:
        total = hours * 60 + minutes
        frame -= 2 * max(1, count // 30) * (total - total // 10)
    return Timecode(frame, rate, count, drop)
