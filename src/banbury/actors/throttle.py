"""Rate limits of an endpoint: those that it is known to have, and those that it tells.

Known ones are kept by two buckets, requests and tokens a minute. Told ones (`Retry-After`,
`x-ratelimit-reset-*`) hold back every call of the policy and not only the one that was refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec

from banbury.errors import InputError

LONGEST_WAIT_S = 60.0
"""Most seconds that an endpoint may ask for at once."""
_BURST_S = 6.0
"""Seconds of a limit that may be used at once after a pause."""
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


class Rate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an endpoint allows: requests and tokens (read and written) a minute, None for any."""

    requests: float | None = None
    tokens: float | None = None

    def __post_init__(self) -> None:
        for limit in (self.requests, self.tokens):
            if limit is not None and not limit > 0:
                raise InputError(f"{limit} a minute lets nothing through", do="give more than 0")


class Bucket:
    """A token bucket, kept as the time at which all that was taken is paid for.

    Args:
        per_minute: how much flows in.
        most: how much it holds at least, so that one request always fits.
    """

    def __init__(self, per_minute: float, most: float = 1.0) -> None:
        self._rate = per_minute / 60
        self._burst = max(_BURST_S, most / self._rate)
        self._paid = float("-inf")

    def take(self, amount: float, now: float) -> float:
        """Take an amount and return the seconds to wait before it is used."""
        begin = max(self._paid, now - self._burst)
        self._paid = begin + amount / self._rate
        return max(0.0, self._paid - now)

    def give(self, amount: float) -> None:
        """Give back what was taken and not used; less than nothing takes more."""
        self._paid -= amount / self._rate


class Throttle:
    """Says how long a call has to wait; it never waits itself."""

    def __init__(self, rate: Rate | None = None) -> None:
        rate = rate or Rate()
        self._requests = Bucket(rate.requests) if rate.requests else None
        self._tokens = Bucket(rate.tokens) if rate.tokens else None
        self._until = float("-inf")

    def take(self, tokens: int, now: float) -> float:
        """Count a call of about so many tokens and return the seconds to wait before it."""
        waits = [self._until - now]
        if self._requests:
            waits.append(self._requests.take(1, now))
        if self._tokens:
            waits.append(self._tokens.take(tokens, now))
        return max(0.0, *waits)

    def settle(self, expected: int, used: int) -> None:
        """Correct the count of a call by what it really used."""
        if self._tokens and used:
            self._tokens.give(expected - used)

    def held(self, now: float) -> float:
        """Return the seconds for which the endpoint wants no call at all."""
        return max(0.0, self._until - now)

    def heed(self, status: int, headers: Mapping[str, str], now: float, wall: float) -> float:
        """Heed what an answer says of limits, and return the seconds that it asks for.

        Args:
            status: HTTP status.
            headers: of the answer, found by name in small letters.
            now: monotonic seconds.
            wall: seconds since 1970, for a date in Retry-After.
        """
        asked = _retry_after(headers, wall) if status != 200 else 0.0
        for what in ("requests", "tokens"):
            if headers.get(f"x-ratelimit-remaining-{what}") == "0":
                asked = max(asked, span(headers.get(f"x-ratelimit-reset-{what}", "")))
        asked = min(asked, LONGEST_WAIT_S)
        if asked:
            self._until = max(self._until, now + asked)
        return asked


def span(text: str) -> float:
    """Return the seconds of `1s`, `6m0s`, `120ms` or `2.5`; 0 for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _SPAN.findall(text)
    if not parts or "".join(n + u for n, u in parts) != text:
        return 0.0
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _retry_after(headers: Mapping[str, str], wall: float) -> float:
    if milliseconds := headers.get("retry-after-ms", ""):
        return span(milliseconds) / 1_000
    text = headers.get("retry-after", "")
    if not text or (seconds := span(text)):
        return seconds if text else 0.0
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max(0.0, at.timestamp() - wall)
