"""The provider of log-ins, and the way to connect one's account to an identity there."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, post

from banbury.accounts.oidc import Oidc
from banbury.errors import UnknownName
from banbury.web.context import Asking
from banbury.web.guard import may
from banbury.web.origin import origin_of
from banbury.web.sessions import remember


class Elsewhere(msgspec.Struct, frozen=True):
    """The provider's address to go to."""

    address: str


def provider_of(request: Request[Any, Any, Any]) -> Oidc | None:
    """Return the provider of the running server, None if it has none."""
    found: Oidc | None = request.app.state.oidc
    return found


@post("/api/account/oidc", opt=may("change", "account"), status_code=200)
async def connect(request: Request[Any, Any, Any], caller: Asking) -> Response[Elsewhere]:
    """Begin to connect one's account to an identity at the provider."""
    oidc = provider_of(request)
    if oidc is None:
        raise UnknownName("provider of log-ins", "oidc", ())
    address, state = await asyncio.to_thread(
        oidc.start, origin_of(request), "/account", caller.account
    )
    response = Response(Elsewhere(address))
    remember(request, response, state)
    return response


routes = (connect,)
