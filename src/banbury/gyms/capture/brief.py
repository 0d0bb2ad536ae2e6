"""What a campaign asks to be filmed, and the rules of rest."""

from __future__ import annotations

import msgspec

HOUR_S = 3600.0


class Rest(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much may be filmed before one rests; footage beyond it does not count.

    Attributes:
        footage_s: seconds of footage at most within any `window_s`.
        window_s: length of that window in seconds.
        stretch_s: seconds of footage at most without a break.
        break_s: how long a pause between two takes is that counts as a break.
        grace_s: seconds beyond the rules, in all, that do not count but fail nobody either.
    """

    footage_s: float = 5 * HOUR_S
    window_s: float = 7 * HOUR_S
    stretch_s: float = 1.5 * HOUR_S
    break_s: float = 600.0
    grace_s: float = 900.0


class Brief(msgspec.Struct, frozen=True, omit_defaults=True):
    """One scene: trade, action, place and light, the views wanted and the hours wanted.

    Attributes:
        trade: such as `painter`.
        action: what is done, such as `roll the first coat onto a wall`.
        place: where, such as `kitchen, furnished`.
        light: such as `daylight from one window`.
        views: how many people film the action at the same time.
        good_hours: hours that count, in pair-hours, wanted of this scene in a day.
        day: the day it is meant for, as YYYY-MM-DD, "" for any.
        notes: what else there is to know, a sentence each.
        rest: the rules of rest.
        practice: a clip to hand in where this is an exercise, as a data URL, "" for real work.
    """

    trade: str
    action: str
    place: str = ""
    light: str = ""
    views: int = 2
    good_hours: float = 5.0
    day: str = ""
    notes: tuple[str, ...] = ()
    rest: Rest = Rest()
    practice: str = ""


decode_brief = msgspec.json.Decoder(Brief).decode
