"""Words: all personal text of people's work lies here, under the person's own key."""

from __future__ import annotations

import sqlalchemy as sa

from banbury import clock
from banbury.store import House
from banbury.store.personal import opened_text, sealed_text


class Words:
    """What people wrote of themselves, and what was written about them, by account.

    Every text goes through `sealed` and comes back through `opened`; `place` is table and column.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    def sealed(self, account: str, text: str, place: str) -> bytes:
        """Return the box of a text. Raises Erased where the person was erased."""
        return sealed_text(self._house.keyring, account, text, place)

    def opened(self, account: str, box: bytes | None, place: str) -> str:
        """Return a kept text, "" where there is none any more."""
        return opened_text(self._house.keyring, account, box, place)

    def put(self, account: str, kind: str, text: str) -> None:
        """Keep a text in place of the one of this kind before."""
        query = sa.text(
            "INSERT INTO person_words (account, kind, body, changed_ns) VALUES "
            "(CAST(:a AS uuid), :kind, :body, :now) ON CONFLICT (account, kind) DO UPDATE SET "
            "body = excluded.body, changed_ns = excluded.changed_ns"
        )
        box = self.sealed(account, text, f"person_words.{kind}")
        row = {"a": account, "kind": kind, "body": box, "now": clock.wall_ns()}
        self._house.run(lambda c: c.execute(query, row))

    def get(self, account: str, kind: str) -> str:
        """Return a text, "" where there is none."""
        query = sa.text(
            "SELECT body FROM person_words WHERE account = CAST(:a AS uuid) AND kind = :kind"
        )
        given = {"a": account, "kind": kind}
        box = self._house.run(lambda c: c.execute(query, given).scalar_one_or_none())
        return self.opened(account, box, f"person_words.{kind}")

    def remove(self, account: str, kind: str) -> bool:
        """Remove a text; say whether there was one."""
        query = sa.text(
            "DELETE FROM person_words WHERE account = CAST(:a AS uuid) AND kind = :kind"
        )
        given = {"a": account, "kind": kind}
        return bool(self._house.run(lambda c: c.execute(query, given).rowcount))
