"""The first page, the list of labs, and a lab's home."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Redirect, Template

from banbury.accounts.permissions import allowed
from banbury.web.api.accounts import places
from banbury.web.api.inbox import counts
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import loop as view
from banbury.web.views import stages
from banbury.web.views.bands import strip
from banbury.web.views.campaigns import bands
from banbury.web.views.inbox import inbox

_LAB = "/labs/{lab_name:str}/"


@get("/", opt=may("see", "labs"), include_in_schema=False)
async def first(caller: Asking) -> Redirect:
    """Go to where the caller works: the only lab, the list of labs, or the inbox."""
    staff = [name for name, role in caller.roles.items() if role != "expert"]
    if len(staff) == 1:
        return Redirect(f"/labs/{staff[0]}/", status_code=303)
    return Redirect("/labs" if staff or caller.operator else "/inbox", status_code=303)


@get("/labs", opt=may("see", "labs"), include_in_schema=False)
async def labs(request: Request[Any, Any, Any], caller: Asking) -> Template:
    """Show the labs of which the caller is a member, and to an operator how to make one."""
    return page(request, "labs.html", "labs", places=places(caller))


@get(_LAB, opt=may("see", "lab"), include_in_schema=False, sync_to_thread=True)
def home(request: Request[Any, Any, Any], house: TheHouse, lab: TheLab, caller: Asking) -> Template:
    """Show where the lab's loop stands; to an expert, what waits for them."""
    if not allowed(caller, "see", "stages", lab.name):
        box = inbox(house, caller, counts(request), only=lab.name)
        return page(request, "home_expert.html", "home", box=box)
    return page(request, "home.html", "home", **shown(lab))


@get(_LAB + "now", opt=may("see", "stages"), include_in_schema=False, sync_to_thread=True)
def now(request: Request[Any, Any, Any], lab: TheLab) -> Template:
    """Show the part of a lab's home that changes."""
    return page(request, "parts/home_now.html", **shown(lab))


def shown(lab: TheLab) -> dict[str, Any]:
    """Return what a lab's home shows."""
    found = view.standing(lab)
    return {
        "standing": found,
        "loop_lines": found.stages,
        "next": stages.stage(found.next),
        "waits_for": stages.waits_for,
        "strip": strip,
        "bands": bands,
    }


routes = (first, labs, home, now)
