"""Tickets: leave to read one file for some hours, for a frame that has no session of its own.

A ticket is sealed with a key of the house, so that it outlives a restart and every process of the
workbench knows it. Each half day has a key of its own; when the next one is made, those of which
no ticket can be good any more are removed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.store import House

HOURS = 12.0
"""How long a ticket is good."""
PERIOD_NS = 12 * 3600 * 10**9
"""How long new tickets are sealed with one key."""
_LENGTH = 2048
"""Characters of a ticket; a longer one is none of ours."""

_KEEP = sa.text(
    "INSERT INTO ticket_key (period, secret) VALUES (:period, :secret) ON CONFLICT DO NOTHING"
)
_KNOW = sa.text("SELECT secret FROM ticket_key WHERE period = :period")
_OVER = sa.text("DELETE FROM ticket_key WHERE period < :period")


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """What a ticket lets one read: a file of a lab, as a media type, until some time.

    `period` is the number of the half day, since 1970, whose key sealed it.
    """

    lab: str
    sha256: str
    media: str
    until_ns: int
    period: int


_decode = msgspec.json.Decoder(Ticket).decode


class Tickets:
    """Makes tickets and knows those of its house again; the tickets themselves are not stored.

    Args:
        house: which keeps the keys.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._keys: dict[int, bytes] = {}
        self._lock = threading.Lock()

    def make(self, lab: str, sha256: str, media: str) -> str:
        """Return a ticket, as text that stands in an address."""
        now = clock.wall_ns()
        period, until = now // PERIOD_NS, now + int(HOURS * 3600e9)
        said = _text(msgspec.json.encode(Ticket(lab, sha256, media, until, period)))
        return f"{said}.{_seal(self._key(period) or self._made(period), said)}"

    def read(self, text: str) -> Ticket | None:
        """Return what a ticket is good for; None for one that is not the house's, or over."""
        said, _, seal = text.partition(".")
        try:
            ticket = _decode(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        except (ValueError, msgspec.MsgspecError):
            return None
        now = clock.wall_ns()
        if len(text) > _LENGTH or not _least(now) <= ticket.period <= now // PERIOD_NS:
            return None
        key = self._key(ticket.period)
        if key is None or not hmac.compare_digest(
            _seal(key, said).encode(), seal.encode("utf-8", "replace")
        ):
            return None
        return ticket if now < ticket.until_ns else None

    def _key(self, period: int) -> bytes | None:
        known = self._keys.get(period)
        if known is None:
            row = self._house.ask(lambda c: c.execute(_KNOW, {"period": period}).one_or_none())
            if row is None:
                return None
            known = bytes(row.secret)
            with self._lock:
                least = _least(clock.wall_ns())
                self._keys = {n: key for n, key in self._keys.items() if n >= least}
                self._keys[period] = known
        return known

    def _made(self, period: int) -> bytes:
        """Return the key of a half day, made if no process has."""

        def work(connection: sa.Connection) -> bytes:
            connection.execute(_OVER, {"period": _least(clock.wall_ns())})
            connection.execute(_KEEP, {"period": period, "secret": secrets.token_bytes(32)})
            return bytes(connection.execute(_KNOW, {"period": period}).scalar_one())

        return self._house.run(work)


def _least(now_ns: int) -> int:
    """Return the first half day of which a ticket may be good now."""
    return (now_ns - int(HOURS * 3600e9)) // PERIOD_NS


def _seal(key: bytes, said: str) -> str:
    return _text(hmac.new(key, said.encode("utf-8", "replace"), hashlib.sha256).digest())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
