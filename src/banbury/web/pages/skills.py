"""Pages of skills: the map, and one skill in full."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import skills as view
from banbury.web.views.dots import dots, scale

_AT = "/labs/{lab_name:str}/skills"


@get(_AT, opt=may("see", "skills"), include_in_schema=False, sync_to_thread=True)
def skills(request: Request[Any, Any, Any], lab: TheLab) -> Template:
    """Show the map of skills."""
    found = view.picture(lab)
    return page(request, "skills.html", "skills", picture=found, dots=dots, scale=scale())


@get(_AT + "/{skill:str}", opt=may("see", "skills"), include_in_schema=False, sync_to_thread=True)
def skill(request: Request[Any, Any, Any], lab: TheLab, skill: FromPath[str]) -> Template:
    """Show one skill."""
    before, after = view.next_to(lab, skill)
    return page(
        *(request, "skill.html", "skills"),
        sight=view.sight(lab, skill),
        before=before,
        after=after,
        dots=dots,
        scale=scale(),
    )


routes = (skills, skill)
