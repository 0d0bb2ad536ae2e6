"""The seat: where a person does the tasks of a campaign."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.pages.seats import has_seat
from banbury.web.rendering import page
from banbury.web.views import seat as view


@get(
    "/labs/{lab_name:str}/seat/{campaign:str}",
    opt=may("see", "seat"),
    include_in_schema=False,
    sync_to_thread=True,
)
def seat(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, campaign: FromPath[str]
) -> Template:
    """Show the seat of a campaign; its script takes the tasks."""
    room = view.room(lab, campaign)
    filmed = room.settings.get("confirms")
    return page(
        request,
        "seat.html",
        "campaigns",
        room=room,
        own_seat=has_seat(room.gym),
        account=caller.account,
        hours=f"/labs/{lab.name}/footage?campaign={quote(str(filmed))}" if filmed else "",
    )


routes = (seat,)
