"""The page on which people look at others' answers."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.rendering import page

_AT = "/labs/{lab_name:str}/review/{campaign:str}"


@get(_AT, opt=may("review", "reviews"), include_in_schema=False, sync_to_thread=True)
def review(request: Request[Any, Any, Any], lab: TheLab, campaign: FromPath[str]) -> Template:
    """Show the reviewer's place; its script takes the answers."""
    return page(request, "review.html", "campaigns", campaign=lab.queue.campaign(campaign))


routes = (review,)
