"""The wearer's day: takes, breaks, claps, codes, files, as the actions so far make it."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from banbury.gyms.capture import actions as do
from banbury.gyms.capture import rest
from banbury.gyms.capture.brief import Rest

MS = 1000.0
LONGEST_TAKE_S = 12 * 3600.0
FILES = 500


class Refused(Exception):
    """An action that cannot be done now; the text says why, and nothing was changed."""


class Take(msgspec.Struct, frozen=True):
    """A take by the wearer's phone: milliseconds since 1970, and how it ended."""

    start_ms: int
    end_ms: int
    ended_by: str = "end_take"


class Code(msgspec.Struct, frozen=True):
    """When the moving time code was shown, and by which phone."""

    start_ms: int
    end_ms: int
    clock: str


class Said(msgspec.Struct, frozen=True):
    """A note to operations; `kind` is `headache` or `told`."""

    at_ms: int
    kind: str
    text: str


class File(msgspec.Struct, frozen=True):
    """A file that was added."""

    sha256: str
    size: int
    name: str
    at_ms: int


class Day(msgspec.Struct, omit_defaults=True):
    """The state of a film task; `evidence` records it as JSON.

    Attributes:
        read_ms: when the brief was read, 0 if it was not.
        filming_ms: when the open take began, 0 while the camera is off.
        resting_ms: when the open break began, 0 while there is none.
        takes: those that ended.
        breaks: those that were declared.
        claps: when somebody clapped.
        codes: when the time code was shown.
        said: notes to operations, headaches among them.
        files: by the order in which they were added.
        removed: SHA-256 of files that were taken out again.
        handed_in_ms: when all was handed in, 0 before.
        lacking: why some footage is lacking, "" if none is.
        last_ms: time of the last action.
    """

    read_ms: int = 0
    filming_ms: int = 0
    resting_ms: int = 0
    takes: list[Take] = []
    breaks: list[Take] = []
    claps: list[int] = []
    codes: list[Code] = []
    said: list[Said] = []
    files: list[File] = []
    removed: list[str] = []
    handed_in_ms: int = 0
    lacking: str = ""
    last_ms: int = 0

    @property
    def stretches(self) -> list[rest.Stretch]:
        """Return the takes in seconds since 1970."""
        return [(take.start_ms / MS, take.end_ms / MS) for take in self.takes]

    @property
    def seconds(self) -> float:
        """Return the length of all takes in seconds."""
        return sum(end - start for start, end in self.stretches)

    def counting(self, rules: Rest) -> list[rest.Stretch]:
        """Return the takes in seconds since 1970, less what was filmed beyond the rules of rest."""
        return rest.without(self.stretches, rest.beyond(self.stretches, rules))

    def do(self, action: do.Film, rules: Rest) -> str:
        """Do an action and return what to tell the wearer.

        Raises:
            Refused: it cannot be done now.
        """
        if self.handed_in_ms:
            raise Refused("the day was handed in")
        at_ms = action.until_ms if isinstance(action, do.ShowCode) else action.at_ms
        if at_ms < self.last_ms:
            raise Refused("this was before what you did last; look at the phone's clock")
        text = _done(action, self, rules)
        self.last_ms = at_ms
        return text


@functools.singledispatch
def _done(action: Any, day: Day, rules: Rest) -> str:
    raise Refused(f"a film task has no action {type(action).__name__}")


@_done.register
def _(action: do.ReadBrief, day: Day, rules: Rest) -> str:
    day.read_ms = day.read_ms or action.at_ms
    return "Brief read."


@_done.register
def _(action: do.BeginTake, day: Day, rules: Rest) -> str:
    if not day.read_ms:
        raise Refused("read today's brief first")
    if day.filming_ms:
        raise Refused("a take is running already")
    free, wait = rest.left(day.stretches, rules, action.at_ms / MS)
    if free <= 0.0:
        raise Refused(f"rest first: the next take may begin in {lasting(wait)}")
    if day.resting_ms:
        _end_break(day, action.at_ms)
    day.filming_ms = action.at_ms
    return f"Take {len(day.takes) + 1} runs. A break is due in {lasting(free)} at the latest."


@_done.register
def _(action: do.EndTake, day: Day, rules: Rest) -> str:
    if not day.filming_ms:
        raise Refused("no take is running")
    return _end_take(day, action.at_ms, "end_take")


@_done.register
def _(action: do.Clap, day: Day, rules: Rest) -> str:
    if not day.filming_ms:
        raise Refused("begin a take first: claps help only while the cameras run")
    day.claps.append(action.at_ms)
    return "Claps noted."


@_done.register
def _(action: do.ShowCode, day: Day, rules: Rest) -> str:
    if action.until_ms < action.at_ms:
        raise Refused("the code was shown until before it was shown")
    day.codes.append(Code(action.at_ms, action.until_ms, action.clock))
    return "Time code noted."


@_done.register
def _(action: do.BeginBreak, day: Day, rules: Rest) -> str:
    if day.resting_ms:
        raise Refused("you are resting already")
    if day.filming_ms:
        _end_take(day, action.at_ms, "begin_break")
    day.resting_ms = action.at_ms
    return "Rest well."


@_done.register
def _(action: do.EndBreak, day: Day, rules: Rest) -> str:
    if not day.resting_ms:
        raise Refused("you are not resting")
    _end_break(day, action.at_ms)
    return "Welcome back."


@_done.register
def _(action: do.Headache, day: Day, rules: Rest) -> str:
    day.said.append(Said(action.at_ms, "headache", action.said))
    if day.filming_ms:
        _end_take(day, action.at_ms, "headache")
    if not day.resting_ms:
        day.resting_ms = action.at_ms
    return (
        "Thank you for saying so. Take the camera off and rest as long as you need; what you "
        "filmed counts as it is, and stopping here never counts against you."
    )


@_done.register
def _(action: do.AddFile, day: Day, rules: Rest) -> str:
    if any(file.sha256 == action.sha256 for file in day.files):
        raise Refused("this file was added already")
    if len(day.files) >= FILES:
        raise Refused(f"a day has at most {FILES} files")
    day.removed = [one for one in day.removed if one != action.sha256]
    day.files.append(File(action.sha256, action.size, action.name, action.at_ms))
    return f"Added {action.name}."


@_done.register
def _(action: do.RemoveFile, day: Day, rules: Rest) -> str:
    held = [file for file in day.files if file.sha256 != action.sha256]
    if len(held) == len(day.files):
        raise Refused("there is no such file")
    day.files = held
    day.removed = [*day.removed, action.sha256]
    return "File taken out."


@_done.register
def _(action: do.Tell, day: Day, rules: Rest) -> str:
    day.said.append(Said(action.at_ms, "told", action.text))
    return "Noted; operations will read it."


@_done.register
def _(action: do.HandIn, day: Day, rules: Rest) -> str:
    if day.filming_ms:
        raise Refused("end the take first")
    if not day.takes:
        raise Refused("there is no take yet")
    if not day.files:
        raise Refused("no file was added yet")
    if day.resting_ms:
        _end_break(day, action.at_ms)
    day.handed_in_ms = action.at_ms
    day.lacking = action.lacking.strip()
    return "Handed in. Thank you."


def _end_take(day: Day, at_ms: int, by: str) -> str:
    seconds = (at_ms - day.filming_ms) / MS
    if seconds > LONGEST_TAKE_S:
        at_ms = day.filming_ms + int(LONGEST_TAKE_S * MS)
    day.takes.append(Take(day.filming_ms, at_ms, by))
    day.filming_ms = 0
    return f"Take {len(day.takes)} ended after {lasting(seconds)}."


def _end_break(day: Day, at_ms: int) -> None:
    day.breaks.append(Take(day.resting_ms, at_ms, "end_break"))
    day.resting_ms = 0


def lasting(seconds: float) -> str:
    """Return a length of time in words."""
    return f"{seconds:.0f} s" if seconds < 120.0 else f"{seconds / 60:.0f} min"
