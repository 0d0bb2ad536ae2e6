"""How one stands, and what waits for a decision."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import standing as view


@get("/standing", opt=may("see", "offers"), include_in_schema=False, sync_to_thread=True)
def standing(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show how the caller stands, with the numbers, and what they can do."""
    found = view.with_rooms(house, caller, view.stands(house, caller.account))
    return page(request, "standing.html", "profile", stands=found)


@get("/appeals", opt=may("see", "appeals"), include_in_schema=False, sync_to_thread=True)
def appeals(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show pauses and objections that wait for a decision."""
    return page(request, "appeals.html", "appeals", desk=view.desk(house, caller.account))


routes = (standing, appeals)
