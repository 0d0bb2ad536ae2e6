"""When people are free, from what they say: parts of the week in their own time zone."""

from __future__ import annotations

import functools
import zoneinfo
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from banbury.errors import CorruptBlob
from banbury.store.keyring import Keyring
from banbury.store.personal import opened_text

PARTS = {"mornings": (6, 12), "afternoons": (12, 18), "evenings": (18, 24)}
"""Local hours of each part of a day."""
DAYS = {"weekday": range(5), "weekend": range(5, 7)}
"""Days of each part of a week, Monday is 0."""
TIMES = tuple(f"{days} {part}" for days in DAYS for part in PARTS)
AHEAD = 63
"""Days that are told apart; whatever is due later counts the weeks after them as any others."""
_FAR = 1000.0
_WEEK_NS = 7 * 86_400 * 10**9
_SAID = "SELECT account, body FROM person_words WHERE kind = 'profile'"

Spans = tuple[tuple[float, float], ...]


class When(msgspec.Struct, frozen=True):
    """When somebody is free, as far as it is known.

    Attributes:
        zone: time zone, such as `Europe/Berlin`; "" if they do not say.
        times: of `TIMES`; none says any time.
    """

    zone: str = ""
    times: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Say whether there is enough to know at which hours they are free."""
        return bool(self.zone and self.times and self.zone in _zones())

    @property
    def hours(self) -> float:
        """Return how many hours of a usual week these are."""
        if not self.told:
            return 168.0
        return float(sum(
            len(days) * (end - begin)
            for named, days in DAYS.items() for part, (begin, end) in PARTS.items()
            if f"{named} {part}" in self.times
        ))  # fmt: skip

    def windows(self, now: int) -> Spans | None:
        """Return the spans in which they are free, in weeks from `now`; None for any time.

        Args:
            now: UTC nanoseconds.
        """
        if not self.told:
            return None
        today = datetime.fromtimestamp(now / 1e9, zoneinfo.ZoneInfo(self.zone)).date()
        found = [
            (max(0.0, (begin * 10**9 - now) / _WEEK_NS), (end * 10**9 - now) / _WEEK_NS)
            for begin, end in _spans(self.zone, self.times, today)
            if end * 10**9 > now
        ]
        return (*found, (max(found[-1][1], AHEAD / 7), _FAR))


@functools.cache
def _zones() -> set[str]:
    """All time zones, read once: reading them walks through hundreds of files."""
    return zoneinfo.available_timezones()


@functools.lru_cache(4096)
def _spans(zone: str, times: tuple[str, ...], first: date) -> tuple[tuple[int, int], ...]:
    """The spans from a local day on, as UTC seconds, sorted and apart.

    A local time that a clock skips or shows twice is the moment at which it would have come first.
    """
    here = zoneinfo.ZoneInfo(zone)

    def second(day: date, hour: int) -> int:
        whole = day + timedelta(days=hour // 24)
        return int(datetime(whole.year, whole.month, whole.day, hour % 24, tzinfo=here).timestamp())

    found: list[tuple[int, int]] = []
    for ahead in range(-1, AHEAD + 8):
        day = first + timedelta(days=ahead)
        kind = "weekday" if day.weekday() in DAYS["weekday"] else "weekend"
        for part, (begin, end) in PARTS.items():
            if f"{kind} {part}" not in times:
                continue
            since, until = second(day, begin), second(day, end)
            if found and found[-1][1] >= since:
                since = found.pop()[0]
            found.append((since, until))
    return tuple(found)


def times_of(
    c: sa.Connection, keys: Keyring, accounts: set[str], account: str = ""
) -> dict[str, When]:
    """Return when people say that they are free, of those who say it, in a transaction.

    Args:
        c: the transaction.
        keys: under which it lies.
        accounts: of whom it is asked.
        account: one of them to whom it is narrowed; "" for all.
    """
    one = " AND account = CAST(:a AS uuid)" if account else ""
    found = {}
    for row in c.execute(sa.text(_SAID + one), {"a": account}):
        id = str(row.account)
        if id in accounts and (when := _opened(keys, id, row.body)).told:
            found[id] = when
    return found


def _opened(keys: Keyring, account: str, box: bytes) -> When:
    try:
        said = opened_text(keys, account, bytes(box), "person_words.profile")
    except CorruptBlob:  # One key that is missing must not keep work from everybody.
        return When()
    return msgspec.json.decode(said, type=When) if said else When()
