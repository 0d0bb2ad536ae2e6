"""Deleting one's own account: what it would do, asking for it, taking it back."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from banbury import clock
from banbury.accounts import Accounts, Caller
from banbury.errors import InputError, SignInNeeded
from banbury.people.erasing import Erasing, Erasures, Plan
from banbury.store.deliveries import Delivered
from banbury.web.api.login import SMALL
from banbury.web.context import Asking, TheAccounts, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.sessions import address_of, leave

FRESH_NS = 10 * 60 * 10**9
"""How young a session has to be where the account has no password."""
_ONE = "/api/account/erasing"


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That one's account shall be deleted.

    Attributes:
        typed: one's e-mail address, typed again.
        password: needed where the account has one.
        at_once: without the days in which it can be taken back.
    """

    typed: str
    password: str = ""
    at_once: bool = False


class Shown(msgspec.Struct, frozen=True):
    """What deleting one's account would do, and whether it was asked for."""

    plan: Plan
    asked: Erasing | None


@get(_ONE, opt=may("see", "account"), sync_to_thread=True)
def look(house: TheHouse, caller: Asking) -> Shown:
    """Show lab by lab what would go, what would stay, and which copies have left already."""
    erasures = Erasures(house)
    return Shown(erasures.plan(caller.account), erasures.of(caller.account))


@post(_ONE, opt=may("change", "account"), request_max_body_size=SMALL, status_code=200)
async def ask(
    request: Request[Any, Any, Any],
    house: TheHouse,
    accounts: TheAccounts,
    caller: Asking,
    data: JSONBody[Wanted],
) -> Response[Erasing | None]:
    """Ask for one's account to be deleted in some days, or begin at once and log out."""
    if data.typed.strip().lower() != caller.email:
        raise InputError("this is not your e-mail address", do="type it as it stands above")
    with accounts.trying(address_of(request), caller.email):
        await _proven(accounts, caller, data.password)
    erasures = Erasures(house)
    if not data.at_once:
        return Response(await asyncio.to_thread(erasures.ask, caller.account))
    await asyncio.to_thread(erasures.begin, caller.account)
    accounts.sessions.forget(caller.account)
    response: Response[Erasing | None] = Response(None)
    leave(request, response)
    return response


@post(_ONE + "/taken-back", opt=may("change", "account"), status_code=204, sync_to_thread=True)
def take_back(house: TheHouse, caller: Asking) -> None:
    """Keep one's account after all."""
    Erasures(house).take_back(caller.account)


@get("/api/labs/{lab_name:str}/deliveries", opt=may("export", "releases"), sync_to_thread=True)
def deliveries(
    lab: TheLab, lab_name: FromPath[str], person: FromQuery[str] = "", after: FromQuery[str] = ""
) -> list[Delivered]:
    """List the copies of people's work that left the lab, the newest first, 50 a page."""
    return lab.deliveries.of(person, after, 50) if person else lab.deliveries.listed(after)


async def _proven(accounts: Accounts, caller: Caller, password: str) -> None:
    """See that it is the person: by the password, or else by a log-in of just now.

    Raises:
        SignInNeeded: it is not shown.
    """
    account = await asyncio.to_thread(accounts.people.account, caller.account)
    if account.password:
        if not await asyncio.wrap_future(accounts.passwords.verify(account.password, password)):
            raise SignInNeeded("the password is wrong", do="type the one by which you log in")
        return
    sessions = await asyncio.to_thread(accounts.sessions.of, caller)
    here = next((s for s in sessions if s.here), None)
    if here is None or clock.wall_ns() - here.created_ns > FRESH_NS:
        raise SignInNeeded(
            "your log-in is older than ten minutes", do="log out, log in again, then repeat"
        )


routes = (look, ask, take_back, deliveries)
