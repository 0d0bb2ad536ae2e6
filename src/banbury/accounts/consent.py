"""Consent: what of somebody's work may stay in a lab when they are erased, by their own word."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.store import House

Stays = Literal["nothing", "answers", "all"]
LEVELS: tuple[Stays, ...] = get_args(Stays)
DEFAULT: Stays = "answers"
"""What holds until somebody says otherwise: a lab's work keeps its sense with what was answered,
and needs neither voice nor face nor reasons for that."""
WORDS: dict[Stays, str] = {
    "nothing": "Nothing stays. Everything you made here becomes unreadable.",
    "answers": "Your answers stay, without you: no name, no reasons or notes, no recordings, "
    "nothing of how you typed.",
    "all": "Your answers and your recordings stay, without your name.",
}
SAID = (
    "coalesce(c.stays, CASE WHEN m.role IS NULL AND EXISTS (SELECT 1 FROM interview i "
    "WHERE i.lab = p.lab AND i.account = p.account) THEN 'nothing' END) AS stays"
)
"""What holds in a lab, NULL for the default. Of interviews nothing stays where the person is no
member, and so was never asked."""
_SAY = sa.text(
    "INSERT INTO consent (account, lab, stays, said_ns) VALUES (CAST(:id AS uuid), :lab, :stays, "
    ":now) ON CONFLICT (account, lab) DO UPDATE SET stays = excluded.stays, "
    "said_ns = excluded.said_ns"
)
_OF = sa.text(
    f"SELECT p.lab, {SAID}, c.said_ns FROM pseudonym p LEFT JOIN consent c ON c.lab = p.lab "
    "AND c.account = p.account LEFT JOIN member m ON m.lab = p.lab AND m.account = p.account "
    "WHERE p.account = CAST(:id AS uuid) ORDER BY p.lab"
)


class Consent(msgspec.Struct, frozen=True):
    """What somebody said for one lab.

    Attributes:
        lab: its name.
        stays: `nothing`, `answers` or `all`.
        said_ns: when they said it, None if never: then the default holds.
    """

    lab: str
    stays: Stays
    said_ns: int | None = None


class Consents:
    """The consents of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def of(self, account: str) -> list[Consent]:
        """Return what holds in each lab where somebody is or was a member, by lab."""
        return self._house.run(lambda c: within(c, account))

    def say(self, account: str, lab: str, stays: Stays) -> None:
        """Change what may stay in one lab.

        Raises:
            UnknownName: the person was never a member there.
            InputError: there is no such level.
        """

        def work(connection: sa.Connection) -> None:
            known = [c.lab for c in within(connection, account)]
            if lab not in known:
                raise UnknownName("lab", lab, known)
            say(connection, account, lab, stays)

        self._house.run(work)


def say(connection: sa.Connection, account: str, lab: str, stays: Stays) -> None:
    """Keep what may stay in a lab, in a transaction that has begun.

    Raises:
        InputError: there is no such level.
    """
    if stays not in LEVELS:
        raise InputError(
            f"{stays[:40]!r} is no answer to what may stay", do="say one of " + ", ".join(LEVELS)
        )
    row = {"id": account, "lab": lab, "stays": stays, "now": clock.wall_ns()}
    connection.execute(_SAY, row)


def within(connection: sa.Connection, account: str) -> list[Consent]:
    """Return what holds in each lab, in a transaction that has begun."""
    rows = connection.execute(_OF, {"id": account})
    return [Consent(r.lab, r.stays or DEFAULT, r.said_ns) for r in rows]
