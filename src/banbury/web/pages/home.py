"""The first page, and a lab's home."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Redirect, Template

from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page


@get("/", opt=may("see", "labs"), include_in_schema=False)
async def first(caller: Asking) -> Redirect:
    """Go to where the caller works: the only lab, or the inbox."""
    staff = [name for name, role in caller.roles.items() if role != "expert"]
    return Redirect(f"/labs/{staff[0]}/" if len(staff) == 1 else "/inbox", status_code=303)


@get("/labs/{lab_name:str}/", opt=may("see", "lab"), include_in_schema=False, sync_to_thread=True)
def home(request: Request[Any, Any, Any], lab: TheLab) -> Template:
    """Show where the lab's loop stands."""
    return page(request, "home.html", "home", episodes=lab.count())


routes = (first, home)
