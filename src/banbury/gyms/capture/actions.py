"""What a wearer does in a day of filming, and what a person does with two views side by side.

Times are milliseconds since 1970 (UTC) by the wearer's phone, the clock that the time code shows.
A phone without a connection keeps what was done and sends it later, so the time stands in the
action; when it arrived stands in the episode.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from banbury.gyms.contract import Action

At = Annotated[int, Meta(description="Milliseconds since 1970 (UTC) by the wearer's phone.", ge=0)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file.")]
Line = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(max_length=300)]


class ReadBrief(Action, frozen=True, tag="read_brief"):
    """Say that today's brief was read."""

    at_ms: At


class BeginTake(Action, frozen=True, tag="begin_take"):
    """The camera runs from now on."""

    at_ms: At


class EndTake(Action, frozen=True, tag="end_take"):
    """The camera was stopped."""

    at_ms: At


class Clap(Action, frozen=True, tag="clap"):
    """Clapped three times in view of all cameras."""

    at_ms: At


class ShowCode(Action, frozen=True, tag="show_code"):
    """Held the moving time code into the cameras.

    `clock` names the phone that showed it: times of two phones are not comparable.
    """

    at_ms: At
    until_ms: At
    clock: Name = ""


class BeginBreak(Action, frozen=True, tag="begin_break"):
    """Rest from now on."""

    at_ms: At


class EndBreak(Action, frozen=True, tag="end_break"):
    """The rest is over."""

    at_ms: At


class Headache(Action, frozen=True, tag="headache"):
    """My head hurts, or I feel unwell: ends the take. It never counts against anybody."""

    at_ms: At
    said: Line = ""


class AddFile(Action, frozen=True, tag="add_file"):
    """Add a file that was uploaded, as the camera wrote it."""

    at_ms: At
    sha256: Sha256
    size: Annotated[int, Meta(ge=0)]
    name: Name


class RemoveFile(Action, frozen=True, tag="remove_file"):
    """Take a file out that was added by mistake."""

    at_ms: At
    sha256: Sha256


class Tell(Action, frozen=True, tag="tell"):
    """Tell operations something, such as that the light changed."""

    at_ms: At
    text: Line


class HandIn(Action, frozen=True, tag="hand_in"):
    """Hand in the day's footage; with the reason where some of it is lacking."""

    at_ms: At
    lacking: Line = ""


Film = (
    ReadBrief
    | BeginTake
    | EndTake
    | Clap
    | ShowCode
    | BeginBreak
    | EndBreak
    | Headache
    | AddFile
    | RemoveFile
    | Tell
    | HandIn
)

Reason = Literal[
    "not the same scene", "they run apart", "it cannot be told", "the footage is broken", "other"
]


class Look(Action, frozen=True, tag="look"):
    """Played the views side by side from one second to another, on the reference's clock."""

    from_s: float
    to_s: float


class Nudge(Action, frozen=True, tag="nudge"):
    """Set by how many milliseconds a view is moved against its found clock, in all.

    With a positive number its recording is read later: something that is seen too late in this view
    is seen earlier.
    """

    view: Annotated[int, Meta(ge=0, description="Number of the view, from 0.")]
    ms: Annotated[float, Meta(ge=-3_600_000, le=3_600_000)]


class Confirm(Action, frozen=True, tag="confirm"):
    """The views show and sound the same moment everywhere, as they stand now."""


class Refuse(Action, frozen=True, tag="refuse"):
    """The views cannot be brought into step, and why."""

    reason: Reason
    said: Line = ""


Confirming = Look | Nudge | Confirm | Refuse

CaptureAction = Film | Confirming


def read_action(payload: bytes) -> CaptureAction | None:
    """Return a recorded action, None if it is none of this gym's."""
    try:
        action: CaptureAction = _decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return action


_decode = msgspec.json.Decoder(CaptureAction).decode
