"""The labs of which one is a member, and new ones."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from banbury.web.api.accounts import Place, places
from banbury.web.context import Asking, TheAccounts, TheHouse
from banbury.web.guard import may


class NewLab(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lab to be made."""

    lab: str


@get("/api/labs", opt=may("see", "labs"))
async def labs(caller: Asking) -> list[Place]:
    """List the labs of which one is a member."""
    return places(caller)


@post("/api/labs", opt=may("make", "labs"), sync_to_thread=True)
def make(house: TheHouse, accounts: TheAccounts, caller: Asking, data: JSONBody[NewLab]) -> NewLab:
    """Make a lab and own it; one that is there without an owner is taken over."""
    house.lab(data.lab)
    accounts.members.adopt(data.lab, caller.account)
    return data


routes = (labs, make)
