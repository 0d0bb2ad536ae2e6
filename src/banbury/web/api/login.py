"""Log in and out."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody

from banbury.accounts import Accounts, Caller
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may
from banbury.web.sessions import address_of, agent_of, enter, leave

SMALL = 16 << 10
"""Bytes that anybody may send without being logged in."""


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """E-mail and password."""

    email: str
    password: str


class Entered(msgspec.Struct, frozen=True):
    """That a session began, and whose; the cookie holds it."""

    account: str


class LoggedOut(msgspec.Struct, frozen=True):
    """How many sessions ended."""

    ended: int


async def begun(
    request: Request[Any, Any, Any], accounts: Accounts, caller: Caller, account: str
) -> Response[Entered]:
    """Begin a session in the browser that asks; one that it had ends."""
    code = await asyncio.to_thread(accounts.sessions.start, account, agent_of(request))
    if caller.via == "session":
        await asyncio.to_thread(accounts.sessions.end, caller.account, caller.session)
    response = Response(Entered(account))
    enter(request, response, code)
    return response


@post("/api/login", opt=may("enter", "login"), status_code=200, request_max_body_size=SMALL)
async def log_in(
    request: Request[Any, Any, Any], accounts: TheAccounts, caller: Asking, data: JSONBody[LogIn]
) -> Response[Entered]:
    """Log in by password."""
    with accounts.trying(address_of(request), data.email):
        attempt = await asyncio.to_thread(accounts.attempt, data.email, data.password)
        right = await asyncio.wrap_future(attempt.right)
        account = await asyncio.to_thread(accounts.checked, attempt, right)
    return await begun(request, accounts, caller, account)


@post("/api/logout", opt=may("remove", "sessions"), status_code=200, sync_to_thread=True)
def log_out(
    request: Request[Any, Any, Any], accounts: TheAccounts, caller: Asking
) -> Response[LoggedOut]:
    """End this session."""
    ended = accounts.sessions.end(caller.account, caller.session)
    response = Response(LoggedOut(int(ended)))
    leave(request, response)
    return response


@post("/api/logout/everywhere", opt=may("remove", "sessions"), status_code=200, sync_to_thread=True)
def log_out_everywhere(
    request: Request[Any, Any, Any], accounts: TheAccounts, caller: Asking
) -> Response[LoggedOut]:
    """End all sessions of the account; its tokens go on."""
    response = Response(LoggedOut(accounts.sessions.end_all(caller.account)))
    leave(request, response)
    return response


routes = (log_in, log_out, log_out_everywhere)
