"""The way to a provider of log-ins and back."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Redirect

from banbury.accounts.codes import same
from banbury.accounts.oidc import Oidc, Refused
from banbury.errors import ActorError
from banbury.web.api.oidc import provider_of
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may
from banbury.web.origin import local, origin_of
from banbury.web.sessions import address_of, agent_of, enter, remember, state_of


@get("/oidc/start", opt=may("see", "login"), include_in_schema=False)
async def start(
    request: Request[Any, Any, Any], accounts: TheAccounts, next: FromQuery[str] = "/"
) -> Redirect:
    """Send the browser to the provider."""
    oidc = _there(request)
    # Given back when the provider has vouched for somebody: each start leaves a row for minutes.
    accounts.by_address.take(address_of(request))
    address, state = await asyncio.to_thread(oidc.start, origin_of(request), local(next))
    response = Redirect(address, status_code=303)
    remember(request, response, state)
    return response


@get("/oidc/callback", opt=may("see", "login"), include_in_schema=False)
async def callback(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    caller: Asking,
) -> Redirect:
    """Log in whom the provider vouches for; the same browser must have asked."""
    oidc = _there(request)
    state, code = (str(request.query_params.get(key, "")) for key in ("state", "code"))
    try:
        with accounts.trying(address_of(request)):
            if not state or not same(state, state_of(request)):
                raise Refused("failed")
            found = await asyncio.to_thread(oidc.finish, state, code, caller.account)
    except (Refused, ActorError) as error:
        why = error.why if isinstance(error, Refused) else "failed"
        back = "/account" if caller.signed_in else "/login"
        return Redirect(f"{back}?trouble={why}", status_code=303)
    accounts.by_address.give_back(address_of(request))
    response = Redirect(found.next, status_code=303)
    remember(request, response, "")
    if found.account != caller.account:
        session = await asyncio.to_thread(accounts.sessions.start, found.account, agent_of(request))
        if caller.via == "session":
            await asyncio.to_thread(accounts.sessions.end, caller.account, caller.session)
        enter(request, response, session)
    return response


def _there(request: Request[Any, Any, Any]) -> Oidc:
    oidc = provider_of(request)
    if oidc is None:
        raise NotFoundException("no provider of log-ins is set up here")
    return oidc


routes = (start, callback)
