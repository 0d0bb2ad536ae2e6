"""Words: all personal text of people's work lies here, under the person's own key."""

from __future__ import annotations

import sqlalchemy as sa

from banbury import clock
from banbury.store import House

LONGEST = 200_000
"""Most bytes of one text."""


class Words:
    """What people wrote of themselves, and what was written about them, by account.

    Every text goes through `sealed` and comes back through `opened`: the one place in which a
    person's key is asked for.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    def sealed(self, account: str, text: bytes) -> bytes:
        """Return a text as it is kept."""
        return text

    def opened(self, account: str, box: bytes) -> bytes:
        """Return a kept text."""
        return box

    def put(self, account: str, kind: str, text: bytes) -> None:
        """Keep a text in place of the one of this kind before."""
        query = sa.text(
            "INSERT INTO person_words (account, kind, body, changed_ns) VALUES "
            "(CAST(:a AS uuid), :kind, :body, :now) ON CONFLICT (account, kind) DO UPDATE SET "
            "body = excluded.body, changed_ns = excluded.changed_ns"
        )
        row = {"a": account, "kind": kind, "body": self.sealed(account, text),
               "now": clock.wall_ns()}  # fmt: skip
        self._house.run(lambda c: c.execute(query, row))

    def get(self, account: str, kind: str) -> bytes | None:
        """Return a text, None where there is none."""
        query = sa.text(
            "SELECT body FROM person_words WHERE account = CAST(:a AS uuid) AND kind = :kind"
        )
        given = {"a": account, "kind": kind}
        box = self._house.run(lambda c: c.execute(query, given).scalar_one_or_none())
        return None if box is None else self.opened(account, bytes(box))

    def remove(self, account: str, kind: str) -> bool:
        """Remove a text; say whether there was one."""
        query = sa.text(
            "DELETE FROM person_words WHERE account = CAST(:a AS uuid) AND kind = :kind"
        )
        given = {"a": account, "kind": kind}
        return bool(self._house.run(lambda c: c.execute(query, given).rowcount))
