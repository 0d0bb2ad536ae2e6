"""One's own API tokens."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from banbury.accounts.tokens import NewToken, Token
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to be made: what for, what it may do, for how long, in which lab ("" for all)."""

    name: str
    scopes: list[str]
    days: int = 90
    lab: str = ""


@get("/api/account/tokens", opt=may("see", "tokens"), sync_to_thread=True)
def tokens(accounts: TheAccounts, caller: Asking) -> list[Token]:
    """List one's tokens, without their codes."""
    return accounts.tokens.of(caller.account)


@post("/api/account/tokens", opt=may("make", "tokens"), sync_to_thread=True)
def make(accounts: TheAccounts, caller: Asking, data: JSONBody[Wanted]) -> NewToken:
    """Make a token; its code is shown this once."""
    return accounts.tokens.make(caller, data.name, data.scopes, data.days, data.lab)


@delete("/api/account/tokens/{token:str}", opt=may("remove", "tokens"), sync_to_thread=True)
def remove(accounts: TheAccounts, caller: Asking, token: FromPath[str]) -> None:
    """End a token."""
    accounts.tokens.remove(caller.account, token)


routes = (tokens, make, remove)
