"""The files of tasks and episodes: images, sound and video as such, all else as a download."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from banbury.episode import Source
from banbury.errors import CorruptBlob, Erased
from banbury.store import Lab
from banbury.web.context import Asking, Mine, TheLab
from banbury.web.guard import may
from banbury.web.sending import asked, chunks
from banbury.web.views.episodes import own_name
from banbury.web.views.leaving import file_to
from banbury.web.views.steps import PLAYED

_HASH = re.compile("[0-9a-f]{64}")
_ENDINGS = {"audio/mpeg": "mp3", "audio/x-wav": "wav", "image/jpeg": "jpg", "audio/mp4": "m4a"}


@get(
    "/labs/{lab_name:str}/media/{sha256:str}",
    opt=may("see", "media"),
    include_in_schema=False,
    sync_to_thread=True,
)
def media(
    request: Request[Any, Any, Any],
    lab: TheLab,
    sha256: FromPath[str],
    caller: Asking,
    mine: Mine,
    file: FromQuery[str] = "",
) -> Response[Any]:
    """Return a file, or the range of it that is asked for.

    Whoever reaches only their own gets what the tasks of their own leases name. What a browser
    could take for a document, SVG too, is a download.

    Raises:
        NotFoundException: there is none, or none that the caller may see.
    """
    place, type = _found(lab, sha256, own_name(lab, caller) if mine else "")
    size = place.stat().st_size
    file_to(caller, lab, sha256, asked=bool(file) or type not in PLAYED)
    inline = type in PLAYED and not file
    ending = _ENDINGS.get(type, type.rpartition("/")[2] if type in PLAYED else "bin")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; "
        f'filename="{sha256[:16]}.{ending}"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "ETag": f'"{sha256}"',
        "X-Content-Type-Options": "nosniff",
    }
    kind = type if type in PLAYED else "application/octet-stream"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(b"", status_code=304, media_type=kind, headers=headers)
    span = asked(request.headers.get("range", ""), size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(b"", status_code=416, media_type=kind, headers=headers)
    first, last, part = span
    headers["Content-Length"] = str(max(last - first + 1, 0))
    if part:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    status = 206 if part else 200
    body = chunks(place, first, last - first + 1)
    return Stream(body, status_code=status, media_type=kind, headers=headers)


def _found(lab: Lab, sha256: str, person: str) -> tuple[Source, str]:
    gone = NotFoundException(f"there is no file {sha256[:64]!r} in this lab")
    if not _HASH.fullmatch(sha256) or (blob := lab.blobs.find(sha256)) is None:
        raise gone
    if person and not lab.queue.names(person, sha256):
        raise gone
    try:
        return lab.blobs.source(sha256), blob.media.partition(";")[0].strip().lower()
    except (CorruptBlob, Erased):
        raise gone from None


routes = (media,)
