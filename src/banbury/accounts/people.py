"""People: the accounts of a house."""

from __future__ import annotations

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

PAGE = 50


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
        return self._house.run(lambda c: create(c, address, clean, hash, operator))

    def by_email(self, email: str) -> Account | None:
        """Return the account of an address, None if there is none or it is no address."""
        try:
            address = fields.email(email)
        except InputError:
            return None
        return self._one("email = :value", address)

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
        """Return a page of all accounts by e-mail, after an e-mail."""
        query = sa.text(
            "SELECT a.email, a.name, a.operator, a.closed, ARRAY(SELECT m.lab FROM member m "
            "WHERE m.account = a.id ORDER BY m.lab) AS labs, ARRAY(SELECT m.role FROM member m "
            "WHERE m.account = a.id ORDER BY m.lab) AS roles FROM account a "
            "WHERE a.email > :after ORDER BY a.email LIMIT :limit"
        )
        given = {"after": after.strip().lower(), "limit": limit}
        rows = self._house.run(lambda c: c.execute(query, given).all())
        return [
            Listed(r.email, r.name, r.operator, r.closed, dict(zip(r.labs, r.roles, strict=True)))
            for r in rows
        ]

    def rename(self, id: str, name: str) -> None:
        """Change an account's name, also where labs sort and search by it.

        Raises:
            InputError: this is no name.
        """
        clean = fields.name(name)

        def work(connection: sa.Connection) -> None:
            renamed = sa.text("UPDATE account SET name = :name WHERE id = :id")
            connection.execute(renamed, {"name": clean, "id": id})
            mine = sa.text("SELECT lab FROM member WHERE account = :id ORDER BY lab FOR UPDATE")
            for lab in connection.execute(mine, {"id": id}).scalars().all():
                members.index(connection, lab, id)
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def set_password(self, id: str, hash: str, session: str = "") -> None:
        """Keep a new password's hash; every session but this one ends."""

        def work(connection: sa.Connection) -> None:
            change = sa.text("UPDATE account SET password = :hash WHERE id = :id")
            connection.execute(change, {"hash": hash, "id": id})
            end_sessions(connection, id, bytes.fromhex(session))
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def rehash(self, id: str, before: str, hash: str) -> None:
        """Keep the same password under today's settings, unless it was changed meanwhile."""
        change = sa.text(
            "UPDATE account SET password = :hash WHERE id = :id AND password = :before"
        )
        given = {"hash": hash, "id": id, "before": before}
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
            closed = sa.text("UPDATE account SET closed = true, password = '' WHERE id = :id")
            connection.execute(closed, {"id": id})
            changed(connection)

        self._house.run(work)
        self._sessions.forget(id)

    def reopen(self, id: str) -> None:
        """Let a closed account be used again; it is a member of no lab and has no password."""
        change = sa.text("UPDATE account SET closed = false WHERE id = :id")
        self._house.run(lambda c: c.execute(change, {"id": id}))

    def _one(self, where: str, value: str) -> Account | None:
        query = sa.text(
            "SELECT id, email, name, password, operator, closed, created_ns FROM account "
            f"WHERE {where}"
        )
        row = self._house.run(lambda c: c.execute(query, {"value": value}).one_or_none())
        return None if row is None else Account(str(row.id), *row[1:])


def create(
    connection: sa.Connection, email: str, name: str, hash: str, operator: bool = False
) -> str:
    """Make an account from checked fields; return its id.

    Raises:
        InputError: the address has one.
    """
    new = sa.text(
        "INSERT INTO account (id, email, name, password, operator, closed, created_ns) VALUES "
        "(:id, :email, :name, :password, :operator, false, :now) ON CONFLICT DO NOTHING"
    )
    row = {
        "id": new_id(),
        "email": email,
        "name": name,
        "password": hash,
        "operator": operator,
        "now": clock.wall_ns(),
    }
    if connection.execute(new, row).rowcount == 0:
        raise InputError("this e-mail address has an account already", do="log in, then join")
    return str(row["id"])
