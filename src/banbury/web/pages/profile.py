"""One's own record: what one says, and all that is believed with its sources."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.people.offers.languages import languages
from banbury.people.offers.times import TIMES
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import profile as view
from banbury.web.views import standing


@get("/profile", opt=may("see", "offers"), include_in_schema=False, sync_to_thread=True)
def profile(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show what the caller says, what is believed of them, where they work."""
    return page(
        request,
        "profile.html",
        "profile",
        mine=view.mine(house, caller.account),
        stands=standing.stands(house, caller.account),
        worked=view.worked(house, caller),
        all_languages=languages(),
        times=TIMES,
    )


@get(
    "/profile/skills/{skill:str}",
    opt=may("see", "offers"),
    include_in_schema=False,
    sync_to_thread=True,
)
def skill(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, skill: FromPath[str]
) -> Template:
    """Show what is believed of one skill of the caller, piece by piece."""
    return page(
        request, "profile_skill.html", "profile", held=view.one(house, caller.account, skill)
    )


routes = (profile, skill)
