"""People: the accounts of a house."""

from __future__ import annotations

import heapq

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import fields, members
from banbury.accounts.caller import Role
from banbury.accounts.remembered import changed
from banbury.accounts.sessions import Sessions, end_sessions
from banbury.episode.ids import new_id
from banbury.errors import InputError, UnknownName
from banbury.store import House
from banbury.store.keyring import Keyring
from banbury.store.personal import (
    Who,
    opened_text,
    opened_who,
    person_key,
    sealed_text,
    sealed_who,
)

PAGE = 50
_NEAR = 1000
"""Addresses among which the nearest are sought for somebody who mistyped one."""
SECRET = "account.secret"
_LISTED = sa.text(
    "SELECT a.id, a.operator, a.closed, ARRAY(SELECT m.lab FROM member m WHERE m.account = a.id "
    "ORDER BY m.lab) AS labs, ARRAY(SELECT m.role FROM member m WHERE m.account = a.id "
    "ORDER BY m.lab) AS roles FROM account a WHERE a.id = ANY(CAST(:ids AS uuid[]))"
)


class Account(msgspec.Struct, frozen=True):
    """One person's account, without anything secret but the hash of the password.

    Attributes:
        id: UUIDv7.
        email: in lower case.
        name: as the person writes it.
        password: the hash, "" if the account has none.
        operator: may make labs on this machine.
        closed: lets nobody in any more.
        created_ns: when it was made.
    """

    id: str
    email: str
    name: str
    password: str
    operator: bool
    closed: bool
    created_ns: int


class Listed(msgspec.Struct, frozen=True):
    """An account as a list shows it.

    Attributes:
        email: in lower case.
        name: as the person writes it.
        operator: may make labs on this machine.
        closed: lets nobody in any more.
        labs: the role in each lab.
    """

    email: str
    name: str
    operator: bool
    closed: bool
    labs: dict[str, Role]


class People:
    """The accounts of a house."""

    def __init__(self, house: House, sessions: Sessions) -> None:
        self._house = house
        self._sessions = sessions

    def none_yet(self) -> bool:
        """Say whether there is no account."""
        return self._house.run(lambda c: c.scalar(sa.text("SELECT 1 FROM account LIMIT 1"))) is None

    def add(self, email: str, name: str, hash: str = "", operator: bool = False) -> str:
        """Make an account from the machine itself; return its id. The hash may be "".

        Raises:
            InputError: the e-mail or the name is none, or has an account.
        """
        address, clean = fields.email(email), fields.name(name)
        keys = self._house.keyring
        return self._house.run(lambda c: create(c, keys, address, clean, hash, operator))

    def by_email(self, email: str) -> Account | None:
        """Return the account of an address, None if there is none or it is no address."""
        try:
            address = fields.email(email)
        except InputError:
            return None
        return self._one("email_hash = :value", self._house.keyring.blind(email_word(address)))

    def named(self, email: str) -> Account:
        """Return the account of an address.

        Raises:
            UnknownName: there is none; the nearest are listed.
        """
        found = self.by_email(email)
        if found is None:
            raise UnknownName("account", email, [a.email for a in self.listed(limit=_NEAR)])
        return found

    def account(self, id: str) -> Account:
        """Return an account by its id.

        Raises:
            UnknownName: there is none.
        """
        found = self._one("id = CAST(:value AS uuid)", id)
        if found is None:
            raise UnknownName("account", id, ())
        return found

    def listed(self, after: str = "", limit: int = PAGE) -> list[Listed]:
        """Return a page of all accounts by e-mail, after an e-mail; who was erased is in none.

        The addresses are opened here, all of them, since the database cannot sort what it cannot
        read.
        """
        query = sa.text("SELECT id, who FROM account WHERE who IS NOT NULL")
        keys = self._house.keyring
        rows = self._house.run(lambda c: c.execute(query).all())
        people = {str(r.id): opened_who(keys, str(r.id), r.who) for r in rows}
        behind = [
            (who.email, id) for id, who in people.items() if who.email > after.strip().lower()
        ]
        ids = [id for _, id in heapq.nsmallest(limit, behind)]
        found = {
            str(r.id): r for r in self._house.run(lambda c: c.execute(_LISTED, {"ids": ids}).all())
        }
        return [
            Listed(people[id].email, people[id].name, r.operator, r.closed,
                   dict(zip(r.labs, r.roles, strict=True)))
            for id in ids if (r := found.get(id)) is not None
        ]  # fmt: skip

    def rename(self, id: str, name: str) -> None:
        """Change an account's name, also where labs sort and search by it.

        Raises:
            InputError: this is no name.
        """
        clean = fields.name(name)

        keys = self._house.keyring

        def work(connection: sa.Connection) -> None:
            held = sa.text("SELECT who FROM account WHERE id = :id FOR UPDATE")
            who = opened_who(keys, id, connection.execute(held, {"id": id}).scalar_one())
            renamed = sa.text("UPDATE account SET who = :who WHERE id = :id AND who IS NOT NULL")
            box = sealed_who(keys, id, Who(who.email, clean))
            connection.execute(renamed, {"who": box, "id": id})
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def set_password(self, id: str, hash: str, session: str = "") -> None:
        """Keep a new password's hash; every session but this one ends."""
        box = sealed_text(self._house.keyring, id, hash, SECRET)

        def work(connection: sa.Connection) -> None:
            change = sa.text("UPDATE account SET secret = :box WHERE id = :id")
            connection.execute(change, {"box": box, "id": id})
            end_sessions(connection, id, bytes.fromhex(session))
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def rehash(self, id: str, before: str, hash: str) -> None:
        """Keep the same password under today's settings, unless it was changed meanwhile."""
        # The same words make the same box, so that it can be compared as it lies there.
        change = sa.text("UPDATE account SET secret = :box WHERE id = :id AND secret = :before")
        old, new = (sealed_text(self._house.keyring, id, h, SECRET) for h in (before, hash))
        given = {"box": new, "id": id, "before": old}
        self._house.run(lambda c: c.execute(change, given))

    def close(self, id: str) -> None:
        """Let nobody in by this account any more; what it did stays under its pseudonyms.

        Raises:
            InputError: a lab would be left without an owner.
        """

        def work(connection: sa.Connection) -> None:
            mine = sa.text("SELECT lab, role FROM member WHERE account = :id ORDER BY lab")
            for lab, role in connection.execute(mine, {"id": id}).all():
                if role == "owner":
                    members.keep_an_owner(connection, lab, id)
                members.uninvite(connection, lab, id)
            for table in ("member", "session", "token", "passkey", "identity"):
                connection.execute(sa.text(f"DELETE FROM {table} WHERE account = :id"), {"id": id})
            closed = sa.text("UPDATE account SET closed = true, secret = NULL WHERE id = :id")
            connection.execute(closed, {"id": id})
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def reopen(self, id: str) -> None:
        """Let a closed account be used again; it is a member of no lab and has no password."""
        change = sa.text(
            "UPDATE account SET closed = false WHERE id = :id AND NOT EXISTS "
            "(SELECT 1 FROM erasure e WHERE e.account = :id AND e.state <> 'asked')"
        )
        self._house.run(lambda c: c.execute(change, {"id": id}))

    def _one(self, where: str, value: str | bytes) -> Account | None:
        query = sa.text(
            f"SELECT id, who, secret, operator, closed, created_ns FROM account WHERE {where}"
        )
        row = self._house.run(lambda c: c.execute(query, {"value": value}).one_or_none())
        if row is None:
            return None
        keys, id = self._house.keyring, str(row.id)
        who, hash = opened_who(keys, id, row.who), opened_text(keys, id, row.secret, SECRET)
        return Account(id, who.email, who.name, hash, row.operator, row.closed, row.created_ns)


def email_word(address: str) -> str:
    """Return what the blind hash of an address is made of."""
    return f"email {address}"


def create(
    connection: sa.Connection,
    keys: Keyring,
    email: str,
    name: str,
    hash: str,
    operator: bool = False,
) -> str:
    """Make an account from checked fields, and its person's key; return its id.

    Raises:
        InputError: the address has one.
    """
    new = sa.text(
        "INSERT INTO account (id, email_hash, who, secret, operator, closed, created_ns) VALUES "
        "(:id, :email, :who, :secret, :operator, false, :now) ON CONFLICT DO NOTHING"
    )
    there = sa.text("SELECT 1 FROM account WHERE email_hash = :email")
    blind, id = keys.blind(email_word(email)), new_id()
    if connection.execute(there, {"email": blind}).first() is None:
        keys.make(person_key(id))
        row = {
            "id": id,
            "email": blind,
            "who": sealed_who(keys, id, Who(email, name)),
            "secret": sealed_text(keys, id, hash, SECRET) if hash else None,
            "operator": operator,
            "now": clock.wall_ns(),
        }
        if connection.execute(new, row).rowcount:
            return id
    raise InputError("this e-mail address has an account already", do="log in, then join")
