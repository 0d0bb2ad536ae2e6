"""Recordings that a seat plays as they come: a frame without a session shows a ticket.

The frame's origin is opaque, so it sends no cookie. The page around it, which has one, gets the
ticket from the API and hands the address in; it is good for one file and some hours.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Stream

from banbury.errors import CorruptBlob, Erased, UnknownName
from banbury.web.context import TheHouse
from banbury.web.guard import may
from banbury.web.sending import asked, chunks
from banbury.web.tickets import Tickets
from banbury.web.views.steps import PLAYED


@get(
    "/seats/{gym:str}/lent/{ticket:str}",
    opt=may("see", "frame"),
    include_in_schema=False,
    sync_to_thread=True,
)
def lent(
    request: Request[Any, Any, Any], house: TheHouse, gym: FromPath[str], ticket: FromPath[str]
) -> Response[Any]:
    """Return a recording, or the range of it that is asked for.

    The gym in the address is no matter: the ticket names the file.

    Raises:
        PermissionDeniedException: the ticket is none, or over; the page asks for another.
        NotFoundException: its file is gone.
    """
    tickets: Tickets = request.app.state.tickets
    good = tickets.read(ticket)
    if good is None:
        raise PermissionDeniedException("this ticket is not good, or not any more")
    if good.media not in PLAYED:
        raise NotFoundException("this file is no recording")
    try:
        place = house.lab(good.lab, create=False).blobs.source(good.sha256)
    except (CorruptBlob, Erased, UnknownName):
        raise NotFoundException("this recording is gone") from None
    size = place.stat().st_size
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    span = asked(request.headers.get("range", ""), size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(b"", status_code=416, media_type=good.media, headers=headers)
    first, last, part = span
    headers["Content-Length"] = str(max(last - first + 1, 0))
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    body = chunks(place, first, last - first + 1)
    return Stream(body, status_code=206 if part else 200, media_type=good.media, headers=headers)


routes = (lent,)
