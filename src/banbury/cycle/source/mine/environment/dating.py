"""As of which time each distribution is taken.

What the project depends on: as of the commit. What builds it and runs its tests: as of the commit,
but no older than what runs on this Python (else commits from before about 2020 fail).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

DAY = 86_400.0


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


RELEASED = {
    (3, 11): _seconds("2022-10-25"),
    (3, 12): _seconds("2023-10-03"),
    (3, 13): _seconds("2024-10-08"),
    (3, 14): _seconds("2025-10-08"),
}
"""The day after each Python's release (PEP 664, 693, 719, 745)."""
OLDEST_PYTEST = "6.2.5"
"""The oldest pytest that runs on Python 3.11."""
RUNNERS = {(3, 11): _seconds("2021-11-15")}
"""From when on releases of pytest run on a Python, where that was before its release: on 3.11
pytest 6.2.5 does, 6.2.4 does not (its rewriting of assertions lacks line numbers), and py 1.11."""


def python_released() -> float:
    """Return the day after this Python's release, in seconds since the epoch."""
    newest = max(RELEASED)
    return RELEASED.get(sys.version_info[:2], RELEASED[newest])


def runner_floor() -> float:
    """Return from when on releases of the runner run on this Python."""
    return RUNNERS.get(sys.version_info[:2], python_released())


def day(when: float) -> float:
    """Return the end of the day, so that one resolution serves all commits of it."""
    return (when // DAY + 1) * DAY
