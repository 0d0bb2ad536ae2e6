"""Headers of every answer: what a browser may do with it."""

from __future__ import annotations

import re

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from banbury.web.tus import VERSION

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_OFF = "camera microphone geolocation payment usb serial hid midi display-capture"
_PERMISSIONS = ", ".join(
    [f"{name}=()" for name in _OFF.split()]
    + ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)"]
)
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", _PERMISSIONS),
    ("cross-origin-opener-policy", "same-origin"),
    ("cache-control", "no-store"),
)
_SPOKEN = re.compile(r"/interviews/[^/]+")
"""Pages on which somebody may record an answer, if they allow it."""
_TUS = re.compile(r"/api/labs/[^/]+/uploads(/|$)")
"""Where each answer, also one that the guard gives, says which version of the protocol it is of."""
_SHARED = ("/static/", "/seats/")
"""What a sandboxed frame, whose origin is none, may load."""


async def guarded(message: Message, scope: Scope) -> None:
    """Add the headers; a route that sets one of them itself keeps its own.

    A route with a content policy of its own, such as the frame of a seat, also says by it who may
    frame it.
    """
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    if "content-security-policy" not in headers:
        headers["content-security-policy"] = POLICY
        headers.setdefault("x-frame-options", "DENY")
    if _SPOKEN.fullmatch(scope["path"]):
        mine = _PERMISSIONS.replace("microphone=()", "microphone=(self)")
        headers.setdefault("permissions-policy", mine)
    for key, value in _ALWAYS:
        headers.setdefault(key, value)
    if not scope["path"].startswith(_SHARED):
        headers.setdefault("cross-origin-resource-policy", "same-origin")
    if _TUS.match(scope["path"]):
        headers.setdefault("tus-resumable", VERSION)
    if scope.get("scheme") == "https":
        headers.setdefault("strict-transport-security", "max-age=31536000")
