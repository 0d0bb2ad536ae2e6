"""Tickets: leave to read one file for some hours, for a frame that has no session of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

import msgspec

from banbury import clock

HOURS = 12.0
"""How long a ticket is good; after a restart of the server a page gets another."""


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """What a ticket lets one read: a file of a lab, as a media type, until some time."""

    lab: str
    sha256: str
    media: str
    until_ns: int


_decode = msgspec.json.Decoder(Ticket).decode


class Tickets:
    """Makes tickets and knows its own again; nothing is stored."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def make(self, lab: str, sha256: str, media: str) -> str:
        """Return a ticket, as text that stands in an address."""
        until = clock.wall_ns() + int(HOURS * 3600e9)
        said = _text(msgspec.json.encode(Ticket(lab, sha256, media, until)))
        return f"{said}.{self._seal(said)}"

    def read(self, text: str) -> Ticket | None:
        """Return what a ticket is good for; None for one that is not ours, or over."""
        said, _, seal = text.partition(".")
        if not hmac.compare_digest(self._seal(said).encode(), seal.encode("utf-8", "replace")):
            return None
        ticket = _decode(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        return ticket if clock.wall_ns() < ticket.until_ns else None

    def _seal(self, said: str) -> str:
        made = hmac.new(self._key, said.encode("utf-8", "replace"), hashlib.sha256)
        return _text(made.digest())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
