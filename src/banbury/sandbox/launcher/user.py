"""As whom boxes run."""

from __future__ import annotations

import os
from pathlib import Path

USER = 60999
"""Id that boxes run as where Banbury is root; no distribution gives it out."""


def lesser() -> int | None:
    """Return the id to become where this process is root; None where it stays who it is.

    Root of a user namespace in which that id does not exist is nobody's root: it stays.
    """
    if os.geteuid() != 0:
        return None
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= USER < first + count:
            return USER
    return None
