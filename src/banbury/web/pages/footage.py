"""Pages of footage: hours and how they came about, for operations and for each wearer."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from banbury.web.context import Asking, Mine, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import footage as view
from banbury.web.views.seat import person

_AT = "/labs/{lab_name:str}/footage"


@get(_AT, opt=may("see", "footage"), include_in_schema=False, sync_to_thread=True)
def footage(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    mine: Mine,
    campaign: FromQuery[str] = "",
) -> Template:
    """Show hours of all, or to whoever reaches only their own, their own."""
    if mine:
        return own(request, lab, caller)
    if campaign:
        lab.queue.campaign(campaign)
    found = view.operations(lab, campaign)
    return page(
        *(request, "footage.html", "campaigns"),
        found=found,
        hours=found.hours,
        picture=view.picture(found.hours),
        said=view.hours_said,
        campaign=campaign,
        campaigns=view.filming(lab),
    )


@get(_AT + "/own", opt=may("see", "footage"), include_in_schema=False, sync_to_thread=True)
def mine(request: Request[Any, Any, Any], lab: TheLab, caller: Asking) -> Template:
    """Show the caller's own hours."""
    return own(request, lab, caller)


def own(request: Request[Any, Any, Any], lab: TheLab, caller: Asking) -> Template:
    """Return the page of somebody's own hours."""
    found = view.mine(lab, person(caller, lab))
    return page(
        *(request, "footage_own.html", "footage"),
        found=found,
        hours=found.hours,
        picture=view.picture(found.hours),
        said=view.hours_said,
    )


@get(
    _AT + "/{campaign:str}/{task:str}",
    opt=may("see", "stages"),
    include_in_schema=False,
    sync_to_thread=True,
)
def scene(
    request: Request[Any, Any, Any], lab: TheLab, campaign: FromPath[str], task: FromPath[str]
) -> Template:
    """Show what was found of one scene: its sidecar."""
    return page(
        *(request, "footage_scene.html", "campaigns"),
        **view.scene(lab, campaign, task),
        said=view.hours_said,
    )


routes = (footage, mine, scene)
