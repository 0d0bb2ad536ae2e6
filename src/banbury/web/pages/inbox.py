"""The inbox of whoever is signed in."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from banbury.web.api.inbox import counts
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import inbox as view
from banbury.web.views.waits import waits


@get("/inbox", opt=may("see", "inbox"), include_in_schema=False, sync_to_thread=True)
def inbox(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show what waits for a person, over all labs."""
    box = view.inbox(house, caller, counts(request))
    return page(request, "inbox.html", "inbox", box=box, beside=waits(house, caller))


routes = (inbox,)
