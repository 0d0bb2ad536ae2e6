"""Limits: how often one address or one account may try, counted in this process."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

from banbury import clock
from banbury.errors import TooOften


class Limit:
    """A bucket of tries for each key, which fills up again with time (token bucket).

    Args:
        what: the sentence that is said when a bucket is empty.
        burst: tries in a full bucket.
        every: seconds until one comes back.
        keys: buckets that are remembered; the one that was used longest ago goes first.
    """

    def __init__(self, what: str, burst: int, every: float, keys: int = 100_000) -> None:
        self._what = what
        self._burst = float(burst)
        self._every = every
        self._keys = keys
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str) -> None:
        """Take a try of this key.

        Raises:
            TooOften: there is none left.
        """
        now = clock.mono_ns()
        with self._lock:
            left = self._left(key, now)
            if left < 1:
                raise TooOften(self._what, seconds=math.ceil((1 - left) * self._every))
            self._keep(key, left - 1, now)

    def give_back(self, key: str) -> None:
        """Give a try back: it was a good one."""
        now = clock.mono_ns()
        with self._lock:
            self._keep(key, min(self._burst, self._left(key, now) + 1), now)

    def _left(self, key: str, now: int) -> float:
        left, at = self._buckets.get(key, (self._burst, now))
        return min(self._burst, left + (now - at) / 1e9 / self._every)

    def _keep(self, key: str, left: float, now: int) -> None:
        if left >= self._burst:
            self._buckets.pop(key, None)
            return
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
