"""What handlers are handed: the house, the lab that the path names, who asks."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from banbury.accounts import Accounts, Caller
from banbury.people.offers import Live
from banbury.store import House, Lab
from banbury.web.guard import OWN, caller_of

TheHouse = NamedDependency[SkipValidation[House]]
TheLab = NamedDependency[SkipValidation[Lab]]
TheAccounts = NamedDependency[SkipValidation[Accounts]]
TheLive = NamedDependency[SkipValidation[Live]]
Asking = NamedDependency[SkipValidation[Caller]]
Mine = NamedDependency[bool]
"""Types of the handlers' arguments `house`, `lab`, `accounts`, `live`, `caller` and `mine`."""


def house(request: Request[Any, Any, Any]) -> House:
    """Return the house of the running server."""
    opened: House = request.app.state.house
    return opened


def accounts(request: Request[Any, Any, Any]) -> Accounts:
    """Return the accounts of the running server."""
    held: Accounts = request.app.state.accounts
    return held


def live(request: Request[Any, Any, Any]) -> Live:
    """Return the plan of who is offered what, kept in the running server."""
    held: Live = request.app.state.live
    return held


async def lab(request: Request[Any, Any, Any], lab_name: FromPath[str]) -> Lab:
    """Return the lab that the path names; the guard has let the caller in.

    Raises:
        UnknownName: there is no such lab.
    """
    house: House = request.app.state.house
    held = house.opened(lab_name)
    if held is None:
        held = await asyncio.to_thread(house.lab, lab_name, create=False)
    return held


def caller(request: Request[Any, Any, Any]) -> Caller:
    """Return who asks."""
    return caller_of(request)


def mine(request: Request[Any, Any, Any]) -> bool:
    """Say whether the caller reaches only their own things here."""
    return bool(request.scope.get(OWN, True))


DEPENDENCIES = {
    "house": Provide(house, sync_to_thread=False),
    "lab": Provide(lab),
    "live": Provide(live, sync_to_thread=False),
    "accounts": Provide(accounts, sync_to_thread=False),
    "caller": Provide(caller, sync_to_thread=False),
    "mine": Provide(mine, sync_to_thread=False),
}
