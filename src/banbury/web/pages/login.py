"""The pages of those who are not logged in: log in, first account, join, new password."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from banbury.accounts.oidc import words
from banbury.web.api.oidc import provider_of
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may
from banbury.web.origin import local
from banbury.web.pages.people import DOES
from banbury.web.rendering import page
from banbury.web.sessions import address_of


@get("/login", opt=may("see", "login"), include_in_schema=False, sync_to_thread=True)
def login(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
    next: FromQuery[str] = "/",
    trouble: FromQuery[str] = "",
) -> Template | Redirect:
    """Show the log-in, or go on where somebody is logged in."""
    if caller.signed_in:
        return Redirect(local(next), status_code=303)
    return page(
        request,
        "login.html",
        next=local(next),
        empty=accounts.people.none_yet(),
        trouble=words(trouble),
        oidc=label(request),
    )


@get("/first/{code:str}", opt=may("see", "first"), include_in_schema=False, sync_to_thread=True)
def first(request: Request[Any, Any, Any], accounts: TheAccounts, code: FromPath[str]) -> Template:
    """Show the form that makes the first account."""
    with accounts.trying(address_of(request)):
        accounts.links.look("first", code)
    return page(request, "first.html", code=code)


@get("/join/{code:str}", opt=may("see", "join"), include_in_schema=False, sync_to_thread=True)
def join(request: Request[Any, Any, Any], accounts: TheAccounts, code: FromPath[str]) -> Template:
    """Show an invitation."""
    with accounts.trying(address_of(request)):
        link = accounts.links.look("invite", code)
    return page(request, "join.html", code=code, link=link, does=DOES, oidc=label(request))


@get("/reset/{code:str}", opt=may("see", "join"), include_in_schema=False, sync_to_thread=True)
def reset(request: Request[Any, Any, Any], accounts: TheAccounts, code: FromPath[str]) -> Template:
    """Show the form for a new password."""
    with accounts.trying(address_of(request)):
        link = accounts.links.look("reset", code)
    account = accounts.people.account(link.account)
    return page(request, "reset.html", code=code, account=account)


def label(request: Request[Any, Any, Any]) -> str:
    """Return what the provider of log-ins is called, "" if there is none."""
    oidc = provider_of(request)
    return oidc.name if oidc else ""


routes = (login, first, join, reset)
