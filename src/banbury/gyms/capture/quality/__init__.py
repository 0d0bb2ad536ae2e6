"""Quality of footage: what is wrong with a take, and which of a group's time counts.

`look` measures a take, `hours` counts a group's; `hours` needs none of the heavy libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from banbury.gyms.capture.quality.findings import Fault, Kind, Prints, Quality, Segment
from banbury.gyms.capture.quality.hours import Hours, Lost, Person, hours

if TYPE_CHECKING:
    from banbury.gyms.capture.media import Take

__all__ = [
    "Fault",
    "Hours",
    "Kind",
    "Lost",
    "Person",
    "Prints",
    "Quality",
    "Segment",
    "hours",
    "look",
]


def look(take: Take, *, report: Callable[[float], object] | None = None) -> Quality:
    """Return what was measured on a take, and its faults; see `looking.look`.

    Raises:
        InputError: a file cannot be read.
        SetupError: a library is missing.
    """
    looking = import_module("banbury.gyms.capture.quality.looking")
    found: Quality = looking.look(take, report=report)
    return found
