"""One's own account: name, password, sessions."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, put
from litestar.params import FromPath, JSONBody

from banbury.accounts import Caller, Role, fields
from banbury.accounts.consent import Consent, Consents, Stays
from banbury.accounts.sessions import Session
from banbury.errors import SignInNeeded, UnknownName
from banbury.web.api.login import SMALL
from banbury.web.context import Asking, TheAccounts, TheHouse
from banbury.web.guard import may
from banbury.web.sessions import address_of


class Place(msgspec.Struct, frozen=True):
    """A lab of which one is a member, as what, and what one is called there."""

    lab: str
    role: Role
    pseudonym: str


class Me(msgspec.Struct, frozen=True):
    """One's own account. `scopes` is null for a person, and a list for a token."""

    account: str
    name: str
    email: str
    operator: bool
    labs: list[Place]
    scopes: list[str] | None = None


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new name."""

    name: str


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password as it was, "" if there was none, and as it shall be."""

    password: str
    old: str = ""


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stay of one's work in a lab."""

    stays: Stays


def places(caller: Caller) -> list[Place]:
    """Return the labs that the caller sees, by name."""
    return [
        Place(lab, role, caller.pseudonyms.get(lab, ""))
        for lab, role in sorted(caller.roles.items())
    ]


@get("/api/account", opt=may("see", "account"))
async def me(caller: Asking) -> Me:
    """Show whose account this is, and of which labs it is a member."""
    scopes = None if caller.scopes is None else sorted(caller.scopes)
    return Me(caller.account, caller.name, caller.email, caller.operator, places(caller), scopes)


@patch("/api/account", opt=may("change", "account"), sync_to_thread=True)
def rename(accounts: TheAccounts, caller: Asking, data: JSONBody[Name]) -> Name:
    """Change one's name."""
    accounts.people.rename(caller.account, data.name)
    return Name(accounts.people.account(caller.account).name)


@put(
    "/api/account/password",
    opt=may("change", "account"),
    status_code=204,
    request_max_body_size=SMALL,
)
async def password(
    request: Request[Any, Any, Any], accounts: TheAccounts, caller: Asking, data: JSONBody[Change]
) -> None:
    """Change one's password; all other sessions end."""
    account = await asyncio.to_thread(accounts.people.account, caller.account)
    typed = fields.password(data.password, account.email, account.name)
    with accounts.trying(address_of(request), account.email):
        if account.password:
            right = accounts.passwords.verify(account.password, data.old)
            if not await asyncio.wrap_future(right):
                raise SignInNeeded("the old password is wrong")
        hash = await asyncio.wrap_future(accounts.passwords.hash(typed))
        await asyncio.to_thread(accounts.people.set_password, caller.account, hash, caller.session)


@get("/api/account/sessions", opt=may("see", "sessions"), sync_to_thread=True)
def sessions(accounts: TheAccounts, caller: Asking) -> list[Session]:
    """List where one is logged in."""
    return accounts.sessions.of(caller)


@delete("/api/account/sessions/{session:str}", opt=may("remove", "sessions"), sync_to_thread=True)
def end(accounts: TheAccounts, caller: Asking, session: FromPath[str]) -> None:
    """End one of one's sessions."""
    if not accounts.sessions.end(caller.account, session):
        raise UnknownName("session", session[:64], ())


@get("/api/account/consents", opt=may("see", "account"), sync_to_thread=True)
def consents(house: TheHouse, caller: Asking) -> list[Consent]:
    """List what may stay of one's work in each lab if one is erased."""
    return Consents(house).of(caller.account)


@put(
    "/api/account/consents/{place:str}",
    opt=may("change", "account"),
    status_code=204,
    sync_to_thread=True,
)
def consent(house: TheHouse, caller: Asking, place: FromPath[str], data: JSONBody[Saying]) -> None:
    """Change what may stay of one's work in a lab."""
    Consents(house).say(caller.account, place, data.stays)


routes = (me, rename, password, sessions, end, consents, consent)
