"""What one-time links are good for: the first account, joining a lab, a new password."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody

from banbury.accounts import Accounts, fields
from banbury.accounts.consent import DEFAULT, Stays
from banbury.accounts.link import Kind
from banbury.errors import InputError, SignInNeeded
from banbury.web.api.login import SMALL, Entered, begun
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may
from banbury.web.sessions import address_of


class Newcomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person without account, and what may stay of their work if they are erased one day."""

    email: str
    name: str
    password: str
    stays: Stays = DEFAULT


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stay of one's work in the lab if one is erased one day."""

    stays: Stays = DEFAULT


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password to take the place of one that was lost."""

    password: str


class Invitation(msgspec.Struct, frozen=True):
    """What an invitation says: the lab, the role, the only address that may use it, if any."""

    lab: str
    role: str
    email: str
    made_by: str
    expires_ns: int


class Joined(msgspec.Struct, frozen=True):
    """The lab that was joined."""

    lab: str


async def _hash(accounts: Accounts, kind: Kind, code: str, password: str, *about: str) -> str:
    """Return a password's hash; nobody without a link that works makes us compute one."""
    await asyncio.to_thread(accounts.links.look, kind, code)
    typed = fields.password(password, *about)
    return await asyncio.wrap_future(accounts.passwords.hash(typed))


@post("/api/first/{code:str}", opt=may("enter", "first"), request_max_body_size=SMALL)
async def claim(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    code: FromPath[str],
    data: JSONBody[Newcomer],
) -> Response[Entered]:
    """Make the first account, and log it in."""
    with accounts.trying(address_of(request)):
        hash = await _hash(accounts, "first", code, data.password, data.email, data.name)
        account = await asyncio.to_thread(accounts.links.claim, code, data.email, data.name, hash)
        return await begun(request, accounts, caller, account)


@get("/api/join/{code:str}", opt=may("see", "join"), sync_to_thread=True)
def look(request: Request[Any, Any, Any], accounts: TheAccounts, code: FromPath[str]) -> Invitation:
    """Show an invitation; that does not use it."""
    with accounts.trying(address_of(request)):
        link = accounts.links.look("invite", code)
    return Invitation(link.lab, link.role, link.email, link.made_by, link.expires_ns)


@post("/api/join/{code:str}", opt=may("enter", "join"), request_max_body_size=SMALL)
async def join(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    code: FromPath[str],
    data: JSONBody[Newcomer],
) -> Response[Entered]:
    """Make an account by an invitation, and log it in."""
    if caller.signed_in:
        raise InputError("you are logged in", do="join with your account, or log out first")
    with accounts.trying(address_of(request), f"link {code}"):
        hash = await _hash(accounts, "invite", code, data.password, data.email, data.name)
        account = await asyncio.to_thread(
            accounts.links.join, code, data.email, data.name, hash, data.stays
        )
        return await begun(request, accounts, caller, account)


@post("/api/join/{code:str}/accept", opt=may("enter", "join"), request_max_body_size=SMALL)
async def accept(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    code: FromPath[str],
    data: JSONBody[Agreed | None] = None,
) -> Joined:
    """Join a lab with the account that is logged in."""
    if caller.via != "session":
        raise SignInNeeded("an invitation is accepted by a person who is logged in")
    with accounts.trying(address_of(request)):
        stays = data.stays if data else DEFAULT
        return Joined(await asyncio.to_thread(accounts.links.accept, code, caller, stays))


@post("/api/reset/{code:str}", opt=may("enter", "join"), request_max_body_size=SMALL)
async def reset(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    code: FromPath[str],
    data: JSONBody[NewPassword],
) -> Response[Entered]:
    """Set a new password, end all sessions, and log in."""
    with accounts.trying(address_of(request)):
        hash = await _hash(accounts, "reset", code, data.password)
        account = await asyncio.to_thread(accounts.links.use_reset, code, hash)
        return await begun(request, accounts, caller, account)


routes = (claim, look, join, accept, reset)
