"""API tokens: made by a person for a program, shown once, good for some scopes and some time."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import fields
from banbury.accounts.caller import Caller
from banbury.accounts.codes import TOKEN_PREFIX, hashed, new_code
from banbury.accounts.permissions import checked
from banbury.accounts.remembered import changed
from banbury.accounts.sessions import DAY_NS, Sessions
from banbury.episode.ids import new_id
from banbury.errors import InputError, UnknownName
from banbury.store import House
from banbury.store.personal import opened_text, sealed_text

MOST, LONGEST_DAYS = 50, 366
"""Tokens of one account, and days that one lives."""
_NAME = "token.name"


class Token(msgspec.Struct, frozen=True):
    """A token, without its code.

    Attributes:
        id: UUIDv7.
        name: what it is for.
        hint: the first characters of the code.
        lab: the only lab that it sees, "" for all of the account's.
        scopes: what it may do there, see `permissions.covers`.
        created_ns: when it was made.
        expires_ns: until when it works.
        used_ns: when it was last used, to the hour; None if never.
    """

    id: str
    name: str
    hint: str
    lab: str
    scopes: list[str]
    created_ns: int
    expires_ns: int
    used_ns: int | None = None


class NewToken(msgspec.Struct, frozen=True):
    """A token just made; `code` is stored nowhere and shown this once."""

    token: Token
    code: str


class ApiTokens:
    """The API tokens of a house."""

    def __init__(self, house: House, sessions: Sessions) -> None:
        self._house = house
        self._sessions = sessions

    def make(
        self, caller: Caller, name: str, scopes: Collection[str], days: int, lab: str = ""
    ) -> NewToken:
        """Make a token for the caller's account.

        Raises:
            InputError: the name, a scope or the time is none, or there are too many tokens.
            UnknownName: the caller is no member of the lab.
        """
        if lab and lab not in caller.roles:
            raise UnknownName("lab", lab, caller.roles)
        if not 1 <= days <= LONGEST_DAYS:
            raise InputError(f"a token lives for 1 to {LONGEST_DAYS} days, not {days}")
        if len(self.of(caller.account)) >= MOST:
            raise InputError(f"an account has at most {MOST} tokens", do="remove one first")
        code, now = new_code(TOKEN_PREFIX), clock.wall_ns()
        token = Token(
            id=new_id(),
            name=fields.name(name, "token's name"),
            hint=code[:8],
            lab=lab,
            scopes=sorted(checked(frozenset(scopes))),
            created_ns=now,
            expires_ns=now + days * DAY_NS,
        )
        box = sealed_text(self._house.keyring, caller.account, token.name, _NAME)
        row = {"hash": hashed(code), "account": caller.account, **msgspec.structs.asdict(token)}
        row["name"] = box
        self._house.run(lambda c: c.execute(_ADD, row))
        return NewToken(token, code)

    def of(self, account: str) -> list[Token]:
        """Return an account's tokens that still work, the oldest first."""
        given = {"account": account, "now": clock.wall_ns()}
        rows = self._house.run(lambda c: c.execute(_LIST, given).all())
        keys = self._house.keyring
        return [Token(str(r.id), opened_text(keys, account, r.name, _NAME), *r[2:]) for r in rows]

    def remove(self, account: str, id: str) -> None:
        """End a token of an account.

        Raises:
            UnknownName: it has none of this id.
        """
        query = sa.text("DELETE FROM token WHERE account = :account AND id::text = :id")

        def work(connection: sa.Connection) -> None:
            if not connection.execute(query, {"account": account, "id": id}).rowcount:
                raise UnknownName("token", id, ())
            changed(connection)

        self._house.run(work)
        self._sessions.forget(account)


_ADD = sa.text(
    "INSERT INTO token (hash, id, account, name, hint, lab, scopes, created_ns, expires_ns, "
    "used_ns) VALUES (:hash, :id, :account, :name, :hint, :lab, :scopes, :created_ns, "
    ":expires_ns, :used_ns)"
).bindparams(sa.bindparam("scopes", type_=sa.ARRAY(sa.Text)))
_LIST = sa.text(
    "SELECT id, name, hint, lab, scopes, created_ns, expires_ns, used_ns FROM token "
    "WHERE account = :account AND expires_ns > :now ORDER BY id LIMIT 50"
)
