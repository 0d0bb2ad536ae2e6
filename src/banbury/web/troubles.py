"""What a request gets when something is wrong: the same words as JSON and as a page."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect, Template

from banbury.errors import (
    ActorError,
    BanburyError,
    DeadlineError,
    Erased,
    Forbidden,
    Garbled,
    InputError,
    LinkOver,
    Misplaced,
    Occupied,
    Reserved,
    Sealed,
    SignInNeeded,
    StoreError,
    StoreFull,
    StoreUnavailable,
    TooOften,
    Unkept,
    UnknownName,
)
from banbury.web.rendering import page

_log = logging.getLogger("banbury.web")

STATUS: tuple[tuple[type[BanburyError], int], ...] = (
    (UnknownName, 404),
    (Misplaced, 409),
    (Garbled, 460),
    (InputError, 400),
    (SignInNeeded, 401),
    (Forbidden, 403),
    (TooOften, 429),
    (Sealed, 409),
    (Occupied, 423),
    (Erased, 410),
    (Reserved, 409),
    (StoreUnavailable, 503),
    (StoreFull, 507),
    (ActorError, 502),
    (DeadlineError, 504),
    (BanburyError, 500),
)
"""The first row that fits counts."""

_TITLES = {
    400: "That cannot be used",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not like that",
    409: "That came too late",
    410: "This was erased",
    413: "Too large",
    429: "Too often",
    503: "Not available just now",
}


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong, where, and what to do."""

    what: str
    where: str = ""
    do: str = ""


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Say whether a person looks at the answer."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get(
        "accept", ""
    )


def expected(request: Request[Any, Any, Any], error: BanburyError) -> Response[Any] | Template:
    """Answer an error that Banbury raises on purpose."""
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    kind = _kindly(error)
    if status == 500 or kind is not None:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    trouble = kind or Trouble(error.what, error.where, error.do)
    if not isinstance(error, TooOften):
        over = "This link does not work any more" if isinstance(error, LinkOver) else ""
        return _answer(request, status, trouble, over)
    made = _answer(request, 503 if error.crowd else 429, trouble)
    made.headers["Retry-After"] = str(error.seconds)
    return made


def _kindly(error: BanburyError) -> Trouble | None:
    """Return what a person is told where the database speaks; its own words are in the log."""
    if isinstance(error, StoreUnavailable):
        return Trouble(
            "the workbench cannot reach what it keeps just now", do="try again in a moment"
        )
    if isinstance(error, Unkept) or type(error) is StoreError:
        return Trouble(
            "this could not be kept, and nothing was changed",
            do="try again; if it comes back, tell whoever runs this workbench",
        )
    return None


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any] | Template:
    """Answer what the framework or the guard refuses."""
    if error.status_code == 401 and wants_page(request) and request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(f"/login?next={quote(back, safe='')}", status_code=303)
    what = error.detail or _TITLES.get(error.status_code, "This did not work")
    if error.status_code == 404 and what == "Not Found":
        what = f"there is no page {request.url.path[:200]!r}"
    if isinstance(error, ValidationException):
        said = [f"{r.get('key', '')}: {r.get('message', '')}" for r in _rows(error.extra)]
        what = "; ".join(said) or what
    answer = _answer(request, error.status_code, Trouble(what))
    for key, value in (error.headers or {}).items():
        answer.headers[key] = value
    return answer


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any] | Template:
    """Answer a defect of ours; the log has the rest."""
    if isinstance(error, RecursionError) and "deserializing" in str(error):
        return _answer(request, 400, Trouble("this JSON is nested too deeply"))
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    do = "try again; if it comes back, look at the server's log"
    return _answer(request, 500, Trouble("The server made a mistake", do=do))


def _rows(extra: Any) -> list[dict[str, Any]]:
    return [row for row in extra if isinstance(row, dict)] if isinstance(extra, list) else []


def _answer(
    request: Request[Any, Any, Any], status: int, trouble: Trouble, title: str = ""
) -> Response[Any] | Template:
    if not wants_page(request):
        return Response(trouble, status_code=status, media_type=MediaType.JSON)
    made = page(
        request,
        "error.html",
        title=title or _TITLES.get(status, "This did not work"),
        status=status,
        what=trouble.what,
        where=trouble.where,
        do=trouble.do,
    )
    made.status_code = status
    return made
