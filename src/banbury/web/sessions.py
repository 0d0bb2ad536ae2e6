"""Sessions in the browser: the cookie, who asks, and the proof that our own page writes."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from banbury.accounts import NOBODY, Accounts, Caller
from banbury.accounts.codes import csrf_of, same
from banbury.accounts.sessions import LONGEST_NS
from banbury.web.guard import CALLER
from banbury.web.origin import Origins, origin_of

CSRF = "banbury.csrf"
"""Where the scope holds what the session's pages send back with each write."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_Connection = ASGIConnection[Any, Any, Any, Any]


class WhoAsks(ASGIMiddleware):
    """Finds out who asks, and refuses writes that no page of ours and no token sent.

    A token comes in `Authorization: Bearer`; where that header is, the cookie counts for nothing.
    """

    scopes = (ScopeType.HTTP, ScopeType.WEBSOCKET)
    exclude_path_pattern = "^/static/"

    def __init__(self, accounts: Accounts, origins: Origins) -> None:
        self._accounts = accounts
        self._origins = origins

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the caller into the scope.

        Raises:
            NotAuthorizedException: the token is none.
            PermissionDeniedException: the write comes from another page than ours.
        """
        connection = _Connection(scope)
        self._origins.of(connection)
        bearer = connection.headers.get("authorization")
        code = code_of(connection)
        caller = await asking(self._accounts, code)
        if bearer is None:
            self._from_our_page(connection, code if caller.signed_in else "")
        elif caller.via != "token":
            raise NotAuthorizedException("this token is not valid, or not any more")
        if caller.signed_in:
            scope[CALLER] = caller  # type: ignore[literal-required]
            if bearer is None:
                scope[CSRF] = csrf_of(code)  # type: ignore[literal-required]
        await next_app(scope, receive, send)

    def _from_our_page(self, connection: _Connection, code: str) -> None:
        """Hold a write to our own pages: by origin, and in a session also by its token."""
        scope = connection.scope
        socket = scope["type"] == ScopeType.WEBSOCKET
        if not socket and scope.get("method") in _SAFE:
            return
        self._origins.check(connection)
        if socket:
            if code and connection.headers.get("origin") is None:
                raise PermissionDeniedException("a socket of a session says from where it comes")
        elif not code:
            _json_only(connection)
        elif not same(connection.headers.get("x-csrf-token", ""), csrf_of(code)):
            raise PermissionDeniedException(
                "this page is older than your log-in: load it again, then repeat"
            )


async def asking(accounts: Accounts, code: str) -> Caller:
    """Return whose session or token a code is now, `NOBODY` if it is none (any more)."""
    if not code:
        return NOBODY
    kept = accounts.sessions.kept(code)
    if kept is not None:
        return kept
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, accounts.sessions.caller, code)


def code_of(connection: _Connection) -> str:
    """Return the code that a request shows, of its token or else of its session; "" for none.

    Raises:
        NotAuthorizedException: the header is there, and holds no token.
    """
    bearer = connection.headers.get("authorization")
    return cookie_of(connection) if bearer is None else _token(bearer)


def _json_only(connection: _Connection) -> None:
    """Where no session guards a route, take a body that no foreign form can send."""
    declared = connection.route_handler.opt.get("may")
    media = connection.headers.get("content-type", "application/json")
    json = media.partition(";")[0].strip().lower() == "application/json"
    if not json and declared is not None and declared.verb == "enter":
        raise PermissionDeniedException("this takes application/json")


def _token(header: str) -> str:
    kind, _, code = header.partition(" ")
    if kind.lower() != "bearer" or not code.strip():
        raise NotAuthorizedException("send a token as: Authorization: Bearer bby_...")
    return code.strip()


def cookie_name(connection: _Connection) -> str:
    """Return the name of the cookie; over https a browser then holds it to this host and path."""
    return "__Host-banbury" if _secure(connection) else "banbury"


def cookie_of(connection: _Connection) -> str:
    """Return the session's code that the browser shows, "" if it shows none."""
    return connection.cookies.get(cookie_name(connection), "")


def address_of(connection: _Connection) -> str:
    """Return the network address that asks, by which tries are counted."""
    return connection.client.host if connection.client else "local"


def agent_of(connection: _Connection) -> str:
    """Return what the browser calls itself."""
    return connection.headers.get("user-agent", "")


def enter(request: Request[Any, Any, Any], response: Response[Any], code: str) -> None:
    """Give the browser a new session; one that it had is not used again."""
    _set(request, response, cookie_name(request), code, LONGEST_NS // 10**9)


def leave(request: Request[Any, Any, Any], response: Response[Any]) -> None:
    """Take the session's code from the browser."""
    _set(request, response, cookie_name(request), "", 0)


def state_of(connection: _Connection) -> str:
    """Return the state of a log-in at a provider that this browser began."""
    return connection.cookies.get(f"{cookie_name(connection)}-oidc", "")


def remember(request: Request[Any, Any, Any], response: Response[Any], state: str) -> None:
    """Let the browser hold the state of a log-in at a provider, or forget it ("")."""
    _set(request, response, f"{cookie_name(request)}-oidc", state, 600 if state else 0)


def _set(
    request: Request[Any, Any, Any], response: Response[Any], name: str, value: str, seconds: int
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )


def _secure(connection: _Connection) -> bool:
    return origin_of(connection).startswith("https://")
