"""Ids of tests, steady from run to run: what is new in each run is taken out of them."""

from __future__ import annotations

import datetime
import re

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
_MOMENT = re.compile(
    r"\b(\d{4})-(\d\d)-(\d\d)(?:[ T_]\d\d[:.\-]?\d\d(?:[:.\-]?\d\d(?:[.,]\d+)?)?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)
_EPOCH = re.compile(r"\b\d{10}(?:\.\d+)?\b")
_TMP = re.compile(r"(?<![\w/])/tmp/[^\s\]:,]+")
_NEAR_S = 3 * 86400.0


def steady(name: str, now: float) -> str:
    """Return an id without memory addresses, UUIDs, temporary paths and times near now.

    Args:
        name: node id as the runner gives it.
        now: the time that the tests were told, seconds since 1970.
    """
    place, mark, rest = name.partition("[")
    if not mark:
        return name
    rest = _ADDRESS.sub("0x-", rest)
    rest = _UUID.sub("uuid-", rest)
    rest = _TMP.sub("/tmp/-", rest)
    rest = _MOMENT.sub(lambda found: _moment(found, now), rest)
    rest = _EPOCH.sub(lambda found: _epoch(found, now), rest)
    return place + mark + rest


def _moment(found: re.Match[str], now: float) -> str:
    try:
        year, month, day = map(int, found.groups())
        at = datetime.datetime(year, month, day, 12, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return found[0]
    return "now-" if abs(at - now) < _NEAR_S else found[0]


def _epoch(found: re.Match[str], now: float) -> str:
    return "now-" if abs(float(found[0]) - now) < _NEAR_S else found[0]
