"""The page on which one deletes one's own account."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from banbury.people.erasing import DAYS, Erasures
from banbury.web.context import Asking, TheAccounts, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page


@get("/account/delete", opt=may("see", "sessions"), include_in_schema=False, sync_to_thread=True)
def deleting(
    request: Request[Any, Any, Any], house: TheHouse, accounts: TheAccounts, caller: Asking
) -> Template:
    """Say lab by lab what will happen, and ask for it."""
    erasures = Erasures(house)
    return page(
        request,
        "account_delete.html",
        "account",
        plan=erasures.plan(caller.account),
        asked=erasures.of(caller.account),
        has_password=bool(accounts.people.account(caller.account).password),
        days=DAYS,
        shown_copies=20,
    )


routes = (deleting,)
