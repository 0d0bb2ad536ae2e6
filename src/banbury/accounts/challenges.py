"""Challenges: what a browser was asked, to be answered once and within minutes."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from banbury import clock
from banbury.accounts.codes import hashed
from banbury.store import House

Kind = Literal["passkey", "login", "oidc"]
MINUTES = 10

_ADD = sa.text(
    "INSERT INTO challenge (hash, kind, body, expires_ns) VALUES (:hash, :kind, :body, :expires)"
)
_OVER = sa.text(
    "DELETE FROM challenge WHERE hash IN "
    "(SELECT hash FROM challenge WHERE expires_ns < :now LIMIT 100)"
)
_TAKE = sa.text(
    "DELETE FROM challenge WHERE hash = :hash AND kind = :kind RETURNING body, expires_ns"
)


class Challenges:
    """The open challenges of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def ask(self, kind: Kind, code: str, body: bytes = b"") -> None:
        """Keep a code that a browser shall show, with what to know then."""
        now = clock.wall_ns()
        row = {
            "hash": hashed(code),
            "kind": kind,
            "body": body,
            "expires": now + MINUTES * 60 * 10**9,
        }

        def work(connection: sa.Connection) -> None:
            connection.execute(_OVER, {"now": now})
            connection.execute(_ADD, row)

        self._house.run(work)

    def take(self, kind: Kind, code: str) -> bytes | None:
        """Return what was kept with a code, once; None if there is nothing, or its time is over."""
        given = {"hash": hashed(code), "kind": kind}
        row = self._house.run(lambda c: c.execute(_TAKE, given).one_or_none())
        return None if row is None or row.expires_ns <= clock.wall_ns() else bytes(row.body)
