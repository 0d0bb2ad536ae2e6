"""Marks: when a wearer's phone says that something was done, and whether that can be.

A phone without a connection sends late, so a mark may be as old as the task; what came before it in
the day is held by `Day.do`.
"""

from __future__ import annotations

from typing import get_args

from banbury.gyms.capture.actions import Film
from banbury.gyms.contract import Action

AHEAD_S = 120.0
"""Seconds by which a phone may be ahead of the server."""
BEHIND_S = 600.0
"""Seconds by which it may be behind; what is marked earlier was done before the task was taken."""
_KINDS = get_args(Film)


def impossible(action: Action, taken_ns: int, now_ns: int) -> str:
    """Return why an action cannot have been done when its phone says, "" where it can.

    Args:
        action: any action; one that is no mark always can.
        taken_ns: when the task was taken, by the server.
        now_ns: when the mark arrives, by the server.
    """
    if not isinstance(action, _KINDS):
        return ""
    latest = max(action.at_ms, getattr(action, "until_ms", 0))
    ahead_s = latest / 1e3 - now_ns / 1e9
    if ahead_s > AHEAD_S:
        return (
            f"this is marked {_long(ahead_s)} from now: your phone's clock is ahead of ours. Let "
            "the phone set its clock by the network, then tap again"
        )
    before_s = taken_ns / 1e9 - action.at_ms / 1e3
    if before_s > BEHIND_S:
        return (
            f"this is marked {_long(before_s)} before you took the task: your phone's clock is "
            "behind ours. Let the phone set its clock by the network, then tap again"
        )
    return ""


def _long(seconds: float) -> str:
    if seconds < 5400.0:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.0f} h" if hours < 48.0 else f"{hours / 24:.0f} days"
