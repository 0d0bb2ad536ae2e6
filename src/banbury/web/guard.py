"""Who may come to a route: what the table of permissions says, asked before each handler."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from banbury.accounts.caller import NOBODY, Caller
from banbury.accounts.permissions import May, ask, may
from banbury.errors import InputError

__all__ = ["caller_of", "guard", "may", "undeclared"]

CALLER = "banbury.caller"
"""Where the scope holds who asks."""

OWN = "banbury.own"
"""Where the scope says that the caller reaches only what is their own."""


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Return who asks."""
    found = connection.scope.get(CALLER, NOBODY)
    assert isinstance(found, Caller)
    return found


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request through, or answer 401, 403 or, where even the lab is none of theirs, 404.

    Where the caller reaches only their own things, the scope's `OWN` is set, and the handler
    shows nothing else.
    """
    declared: May = handler.opt["may"]
    lab = str(connection.path_params.get("lab_name", ""))
    answer = ask(caller_of(connection), declared.verb, declared.thing, lab)
    if answer == "sign in":
        raise NotAuthorizedException("Sign in first")
    if answer == "absent":
        raise NotFoundException(f"there is no lab {lab[:64]!r}")
    if answer == "no":
        raise PermissionDeniedException(
            f"your role does not allow you to {declared.verb} {declared.thing} here"
        )
    connection.scope[OWN] = answer == "own"  # type: ignore[literal-required]


def undeclared(handler: BaseRouteHandler) -> None:
    """Refuse a route that does not say what it does.

    Raises:
        InputError: it declares no `may(...)`.
    """
    if not isinstance(handler.opt.get("may"), May):
        raise InputError(
            f"the route {sorted(handler.paths)} declares no permission",
            where=str(handler),
            do='add opt=may("see", "episodes"), or what it does',
        )
