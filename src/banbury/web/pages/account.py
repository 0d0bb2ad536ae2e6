"""One's own account."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Template

from banbury.accounts import Caller, Role
from banbury.accounts.consent import Consents
from banbury.accounts.oidc import words
from banbury.accounts.permissions import ROLES
from banbury.people.erasing import Erasures
from banbury.web.api.accounts import places
from banbury.web.api.oidc import provider_of
from banbury.web.context import Asking, TheAccounts, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page


@get("/account", opt=may("see", "sessions"), include_in_schema=False, sync_to_thread=True)
def account(
    request: Request[Any, Any, Any],
    house: TheHouse,
    accounts: TheAccounts,
    caller: Asking,
    trouble: FromQuery[str] = "",
) -> Template:
    """Show name, labs, password, passkeys, tokens and sessions."""
    oidc = provider_of(request)
    return page(
        request,
        "account.html",
        "account",
        labs=places(caller),
        has_password=bool(accounts.people.account(caller.account).password),
        passkeys=accounts.passkeys.of(caller.account),
        tokens=accounts.tokens.of(caller.account),
        sessions=accounts.sessions.of(caller),
        roles=within_reach(caller),
        trouble=words(trouble),
        oidc=oidc.name if oidc else "",
        connected=oidc is not None and oidc.connected(caller.account),
        consents=Consents(house).of(caller.account),
        erasing=Erasures(house).of(caller.account),
    )


def within_reach(caller: Caller) -> tuple[Role, ...]:
    """Return the roles that a token can be given: those that the caller has somewhere, or less."""
    highest = min((ROLES.index(role) for role in caller.roles.values()), default=len(ROLES))
    return ROLES[highest:]


routes = (account,)
