"""What erasing somebody would do: lab by lab, and what has to be done before."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from banbury.accounts.consent import DEFAULT, SAID, WORDS, Stays
from banbury.errors import InputError, StoreError
from banbury.store import House
from banbury.store.deliveries import Delivered


class InLab(msgspec.Struct, frozen=True):
    """What becomes of somebody's work in one lab.

    Attributes:
        lab: its name.
        role: what they are there, "" where they left.
        pseudonym: what they are called there.
        stays: what may stay, by their consent.
        words: the same in a sentence.
        episodes: how many they made.
        delivered: copies that have left the lab with work of theirs in them, the newest first;
            these cannot be erased here.
        unknown: why the lab could not be asked, "" if it could.
    """

    lab: str
    role: str
    pseudonym: str
    stays: Stays
    words: str
    episodes: int = 0
    delivered: tuple[Delivered, ...] = ()
    unknown: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What erasing somebody would do.

    Attributes:
        labs: one for each lab where they are or were a member.
        first: what has to be done before, in sentences; empty where nothing has.
    """

    labs: tuple[InLab, ...]
    first: tuple[str, ...]


_LABS = sa.text(
    f"SELECT p.lab, p.name, m.role, {SAID} FROM pseudonym p "
    "LEFT JOIN member m ON m.lab = p.lab AND m.account = p.account "
    "LEFT JOIN consent c ON c.lab = p.lab AND c.account = p.account "
    "WHERE p.account = CAST(:id AS uuid) ORDER BY p.lab"
)
_ALONE = sa.text(
    "SELECT m.lab FROM member m WHERE m.account = CAST(:id AS uuid) AND m.role = 'owner' "
    "AND NOT EXISTS (SELECT 1 FROM member o WHERE o.lab = m.lab AND o.role = 'owner' "
    "AND o.account <> m.account) ORDER BY m.lab"
)
_OPERATORS = sa.text(
    "SELECT a.operator AND NOT EXISTS (SELECT 1 FROM account o WHERE o.operator AND NOT o.closed "
    "AND o.id <> a.id) FROM account a WHERE a.id = CAST(:id AS uuid)"
)


def lines(connection: sa.Connection, account: str) -> list[sa.Row[Any]]:
    """Return lab, pseudonym, role and consent of every lab where somebody is or was a member."""
    return list(connection.execute(_LABS, {"id": account}).all())


def before(connection: sa.Connection, account: str) -> tuple[str, ...]:
    """Return what has to be done before somebody can be erased, in sentences."""
    given = {"id": account}
    said = [
        f"the lab {lab} would be left without an owner: make somebody else its owner first"
        for lab in connection.execute(_ALONE, given).scalars()
    ]
    if connection.execute(_OPERATORS, given).scalar():
        said.append("this machine would be left without an operator: make another one first")
    return tuple(said)


def may(connection: sa.Connection, account: str) -> None:
    """Hold the labs' owners still, and see that erasing somebody leaves nothing without anybody.

    Raises:
        InputError: something has to be done first.
    """
    held = sa.text(
        "SELECT 1 FROM lab WHERE name IN (SELECT lab FROM member WHERE role = 'owner' "
        "AND account = CAST(:id AS uuid)) ORDER BY name FOR UPDATE"
    )
    connection.execute(held, {"id": account})
    if said := before(connection, account):
        what = said[0].partition(": ")
        raise InputError(what[0], do=what[2])


def planned(house: House, account: str) -> Plan:
    """Return what erasing somebody would do; nothing is changed."""
    rows, first = house.run(lambda c: (lines(c, account), before(c, account)))
    return Plan(tuple(_in_lab(house, row) for row in rows), first)


def _in_lab(house: House, row: sa.Row[Any]) -> InLab:
    stays: Stays = row.stays or DEFAULT
    made = InLab(row.lab, row.role or "", row.name, stays, WORDS[stays])
    try:
        lab = house.lab(row.lab, create=False)
        episodes, delivered = lab.deliveries.made_by(row.name), tuple(lab.deliveries.of(row.name))
    except StoreError as error:
        return msgspec.structs.replace(made, unknown=str(error))
    return msgspec.structs.replace(made, episodes=episodes, delivered=delivered)
