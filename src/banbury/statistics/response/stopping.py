"""When an interview has measured enough."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from banbury.errors import InputError

Reason = Literal["sure", "items", "time", "none left"]
"""Why no further item comes: the standard error is small enough, or one of the limits."""


class Rule(msgspec.Struct, frozen=True):
    """When to stop asking.

    Attributes:
        error: stop where the standard error is at most this.
        least: ask at least so many items.
        most: ask at most so many.
        seconds: give no further item after so many.
    """

    error: float = 0.4
    least: int = 1
    most: int = 30
    seconds: float = 1200.0

    def __post_init__(self) -> None:
        """Raise InputError for a rule that no interview could follow."""
        if not (self.error >= 0 and math.isfinite(self.error) and self.seconds > 0):
            what = f"a standard error of {self.error!r} within {self.seconds!r} s"
            raise InputError(what, where="Rule", do="give numbers above 0")
        if not 0 <= self.least <= self.most or self.most < 1:
            what = f"at least {self.least} and at most {self.most} items"
            raise InputError(what, where="Rule", do="give 0 <= least <= most, most above 0")

    def reason(self, answers: int, error: float, seconds: float = 0.0) -> Reason | None:
        """Return why to stop after so many answers, None to go on."""
        if answers >= self.most:
            return "items"
        if seconds >= self.seconds:
            return "time"
        return "sure" if answers >= self.least and error <= self.error else None
