"""The frame in which a gym's own seat runs: foreign code, in an origin of its own.

The frame's page is sandboxed twice, by the iframe that holds it and by its own policy, so that it
has no cookie, no storage and no network, whoever opens it. Its origin is opaque, so the files of
a seat are fetched across origins, without credentials, and anyone may read them.
"""

from __future__ import annotations

import functools
import gzip
import html
import inspect
import re
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from banbury.episode import digest
from banbury.errors import BanburyError, UnknownName
from banbury.gyms import registry
from banbury.web.files import FOLDER
from banbury.web.guard import may

OURS = "-"
"""Stands for a gym's name in the address of the files that every frame loads."""
LENT = f"/seats/{OURS}/lent"
"""Where recordings lie for whoever has a ticket; see `web.pages.lent`."""

_SHARED = {
    "frame.js": FOLDER / "seat" / "frame.js",
    "frame.css": FOLDER / "seat" / "frame.css",
    "protocol.js": FOLDER / "seat" / "protocol.js",
    "tokens.css": FOLDER / "css" / "tokens.css",
    "base.css": FOLDER / "css" / "base.css",
}
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".woff2": "font/woff2",
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\.(?:js|css|woff2)")
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,255}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_DENIED = "camera microphone geolocation display-capture usb serial hid midi payment clipboard-read"
_PAGE = """<!doctype html>
<html lang="en" data-gym="{gym}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seat of {gym}</title>
<link rel="stylesheet" crossorigin href="/seats/-/tokens.css">
<link rel="stylesheet" crossorigin href="/seats/-/base.css">
<link rel="stylesheet" crossorigin href="/seats/-/frame.css">
<script type="module" crossorigin src="/seats/-/frame.js"></script>
</head>
<body>
<div id="seat" role="main" tabindex="-1" aria-label="The work"></div>
<p id="said" class="unseen" role="status" aria-live="polite"></p>
</body>
</html>
"""


def has_seat(gym: str) -> bool:
    """Say whether a gym brings a seat of its own, or is played with the form."""
    try:
        return (_folder(gym) / "seat.js").is_file()
    except BanburyError:
        return False


def policy(origin: str) -> str:
    """Return the content policy of a frame whose files come from this origin."""
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src {origin}; "
        f"style-src {origin} 'unsafe-inline'; img-src blob: data:; "
        f"media-src blob: {origin}{LENT}/; "
        f"font-src {origin}; connect-src 'none'; worker-src 'none'; frame-src 'none'; "
        f"form-action 'none'; base-uri 'none'; frame-ancestors {origin}"
    )


@get(
    "/seats/{gym:str}/frame", opt=may("see", "frame"), include_in_schema=False, sync_to_thread=True
)
def frame(request: Request[Any, Any, Any], gym: FromPath[str]) -> Response[str]:
    """Return the page of the sandboxed frame.

    Raises:
        NotFoundException: there is no such gym, or it brings no seat.
    """
    if not has_seat(gym):
        raise NotFoundException(f"the gym {gym[:64]!r} brings no seat of its own")
    headers = {
        "Content-Security-Policy": policy(_origin(request)),
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{one}=()" for one in _DENIED.split()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-DNS-Prefetch-Control": "off",
        "X-Frame-Options": "SAMEORIGIN",
    }
    page = _PAGE.format(gym=html.escape(gym, quote=True))
    return Response(page, media_type=MediaType.HTML, headers=headers)


@get(
    "/seats/{gym:str}/{name:str}",
    opt=may("see", "frame"),
    include_in_schema=False,
    sync_to_thread=True,
)
def seat_file(
    request: Request[Any, Any, Any], gym: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """Return a script, style or font of a seat.

    Raises:
        NotFoundException: there is no such file.
    """
    path = _path(gym, name)
    if path is None:
        raise NotFoundException(f"there is no file {name[:64]!r} for a seat of {gym[:64]!r}")
    data, packed, tag = _read(path, path.stat().st_mtime_ns)
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "no-cache",
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    kind = _TYPES[path.suffix]
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, media_type=kind, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(data, media_type=kind, headers=headers)


def _path(gym: str, name: str) -> Path | None:
    if gym == OURS:
        return _SHARED.get(name)
    if not _NAME.fullmatch(name):
        return None
    try:
        folder = _folder(gym)
    except BanburyError:
        return None
    path = folder / name
    inside = path.resolve().parent == folder.resolve()
    return path if (folder / "seat.js").is_file() and path.is_file() and inside else None


def _folder(gym: str) -> Path:
    """Return where a gym's own files lie: its table's folder, or its class's.

    Raises:
        UnknownName: there is no such gym.
        GymError: it cannot be loaded.
    """
    if gym not in registry.names():
        raise UnknownName("gym", gym[:64], registry.names())
    found = registry.gym(gym)
    table = getattr(found, "folder", None)
    return table if isinstance(table, Path) else Path(inspect.getfile(type(found))).parent


@functools.lru_cache(maxsize=256)
def _read(path: Path, changed_ns: int) -> tuple[bytes, bytes, str]:
    """Return a file, the same with gzip, and its tag; read again where it has changed."""
    data = path.read_bytes()
    return data, gzip.compress(data, 6, mtime=0), f'"{digest(data)[:16]}"'


def _origin(request: Request[Any, Any, Any]) -> str:
    """Return the origin by which the browser reached us, to stand in a policy."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return "'self'"
    return f"{request.url.scheme or 'http'}://{host}"


routes = (frame, seat_file)
