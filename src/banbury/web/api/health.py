"""Whether the server answers."""

from __future__ import annotations

import msgspec
from litestar import get

from banbury import __version__
from banbury.web.guard import may


class Health(msgspec.Struct, frozen=True):
    """That the server answers, and its version."""

    ok: bool
    version: str


@get("/api/health", opt=may("see", "health"))
async def health() -> Health:
    """Say that the server answers."""
    return Health(True, __version__)


routes = (health,)
