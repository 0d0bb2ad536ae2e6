"""From when on a distribution has wheels for this Python, as failures taught it."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import msgspec


class Lifts:
    """Times by distribution, kept for all commits of this machine.

    Args:
        cache: folder of caches.
    """

    def __init__(self, cache: Path) -> None:
        self._path = cache / f"lifts-{sys.implementation.cache_tag}.json"

    def known(self) -> dict[str, float]:
        """Return the times, in seconds since the epoch, by normalised name."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, float])
        except (OSError, msgspec.DecodeError):
            return {}

    def learn(self, name: str, when: float) -> None:
        """Keep the time of a distribution's first wheel; of two writers at once one may win."""
        known = self.known()
        if when and known.get(name) != when:
            part = self._path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
            part.write_bytes(msgspec.json.encode(known | {name: when}))
            part.replace(self._path)
