"""Passkeys: make one, remove one, log in by one."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from banbury.accounts.passkeys import Passkey
from banbury.web.api.login import SMALL, Entered, begun
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may
from banbury.web.origin import origin_of
from banbury.web.sessions import address_of


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey to keep: its name, and what the browser's `toJSON()` said."""

    name: str
    credential: dict[str, Any]


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser's `toJSON()` said."""

    credential: dict[str, Any]


@get("/api/account/passkeys", opt=may("see", "passkeys"), sync_to_thread=True)
def passkeys(accounts: TheAccounts, caller: Asking) -> list[Passkey]:
    """List one's passkeys."""
    return accounts.passkeys.of(caller.account)


@post(
    "/api/account/passkeys/options",
    opt=may("make", "passkeys"),
    status_code=200,
    sync_to_thread=True,
)
def options(
    request: Request[Any, Any, Any], accounts: TheAccounts, caller: Asking
) -> Response[bytes]:
    """Return what `navigator.credentials.create` takes; it is good for ten minutes."""
    made = accounts.passkeys.options(caller, origin_of(request))
    return Response(made, media_type=MediaType.JSON)


@post("/api/account/passkeys", opt=may("make", "passkeys"), sync_to_thread=True)
def make(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    data: JSONBody[Wanted],
) -> Passkey:
    """Keep a new passkey."""
    return accounts.passkeys.make(caller, origin_of(request), data.name, data.credential)


@delete("/api/account/passkeys/{passkey:str}", opt=may("remove", "passkeys"), sync_to_thread=True)
def remove(accounts: TheAccounts, caller: Asking, passkey: FromPath[str]) -> None:
    """End a passkey."""
    accounts.passkeys.remove(caller.account, passkey)


@post("/api/login/passkey/options", opt=may("enter", "login"), status_code=200, sync_to_thread=True)
def ask(request: Request[Any, Any, Any], accounts: TheAccounts) -> Response[bytes]:
    """Return what `navigator.credentials.get` takes; it is good for ten minutes."""
    accounts.by_address.take(address_of(request))
    return Response(accounts.passkeys.ask(origin_of(request)), media_type=MediaType.JSON)


@post("/api/login/passkey", opt=may("enter", "login"), status_code=200, request_max_body_size=SMALL)
async def log_in(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    data: JSONBody[Shown],
) -> Response[Entered]:
    """Log in by a passkey."""
    address = address_of(request)
    with accounts.trying(address):
        account = await asyncio.to_thread(
            accounts.passkeys.log_in, origin_of(request), data.credential
        )
    accounts.by_address.give_back(address)
    return await begun(request, accounts, caller, account)


routes = (passkeys, options, make, remove, ask, log_in)
