"""The list of episodes, and the viewer of one."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from litestar.response import Template
from markupsafe import Markup

from banbury.charts.timeline import timeline
from banbury.web.context import Asking, Mine, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import episode as one
from banbury.web.views import episodes as many
from banbury.web.views.difference import difference as compare

_SEE = may("see", "episodes")
_LAB = "/labs/{lab_name:str}/episodes"
_ONE = _LAB + "/{episode:str}"
_ASKED = {"asked": Provide(many.asked, sync_to_thread=False)}
_WHOLE = 200_000
"""Characters of one text that a page takes in; a longer one is opened as plain text."""


@get(_LAB, opt=_SEE, dependencies=_ASKED, include_in_schema=False, sync_to_thread=True)
def episodes(
    request: Request[Any, Any, Any],
    lab: TheLab,
    asked: NamedDependency[many.Asked],
    caller: Asking,
    mine: Mine,
) -> Template:
    """Show a page of the list; to htmx only its rows."""
    found = many.listing(lab, asked, caller, mine)
    more = request.headers.get("hx-request") == "true" and bool(asked.after)
    template = "parts/episode_rows.html" if more else "episodes.html"
    return page(request, template, "episodes", found=found, asked=asked, mine=mine)


@get(
    _LAB + "/counts",
    opt=_SEE,
    dependencies=_ASKED,
    include_in_schema=False,
    sync_to_thread=True,
)
def counts(
    request: Request[Any, Any, Any],
    lab: TheLab,
    asked: NamedDependency[many.Asked],
    caller: Asking,
    mine: Mine,
) -> Template:
    """Show how many episodes fit, apart from the list, which does not wait for it."""
    return page(request, "parts/episode_counts.html", counts=many.counts(lab, asked, caller, mine))


@get(_ONE, opt=_SEE, include_in_schema=False, sync_to_thread=True)
def viewer(
    request: Request[Any, Any, Any],
    lab: TheLab,
    episode: FromPath[str],
    caller: Asking,
    mine: Mine,
    at: FromQuery[int] = 0,
) -> Template:
    """Show an episode: its header and the steps around one of them."""
    found = one.may_see(lab, episode, caller, mine)
    shape = one.outline(lab, found)
    first = min(max(at, 0), max(shape.total - 1, 0)) // one.SIZE * one.SIZE
    label = f"{shape.total} steps in order; who acted in each, and the rewards above"
    return page(
        request,
        "episode.html",
        "episodes",
        episode=one.episode(lab, episode, caller, mine),
        steps=one.stretch(lab, found, first),
        first=first,
        size=one.SIZE,
        total=shape.total,
        at=at,
        mine=mine,
        whole=_WHOLE,
        strip=Markup(timeline(shape.beats, label)),
    )


@get(_ONE + "/steps", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def steps(
    request: Request[Any, Any, Any],
    lab: TheLab,
    episode: FromPath[str],
    caller: Asking,
    mine: Mine,
    first: FromQuery[int] = 0,
) -> Template:
    """Show a stretch of the steps, for the viewer to put in its place."""
    found = one.may_see(lab, episode, caller, mine)
    shown = one.stretch(lab, found, first)
    return page(request, "parts/steps.html", steps=shown, id=found.id, whole=_WHOLE)


@get(_ONE + "/steps/{seq:str}", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def step(
    request: Request[Any, Any, Any],
    lab: TheLab,
    episode: FromPath[str],
    seq: FromPath[str],
    caller: Asking,
    mine: Mine,
) -> Template:
    """Show one step whole, in place of where it was cut."""
    found = one.may_see(lab, episode, caller, mine)
    shown = one.one(lab, found, one.number(seq), _WHOLE)
    return page(request, "parts/steps.html", steps=(shown,), id=found.id, whole=_WHOLE)


@get(_ONE + "/find", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def find(
    request: Request[Any, Any, Any],
    lab: TheLab,
    episode: FromPath[str],
    caller: Asking,
    mine: Mine,
    q: FromQuery[str] = "",
) -> Template:
    """Show in which steps some words stand."""
    found = one.find(lab, one.may_see(lab, episode, caller, mine), q)
    return page(request, "parts/hits.html", found=found, q=q, id=episode)


@get(_ONE + "/difference/{other:str}", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def difference(
    request: Request[Any, Any, Any],
    lab: TheLab,
    episode: FromPath[str],
    other: FromPath[str],
    caller: Asking,
    mine: Mine,
    start: FromQuery[int] = 0,
) -> Template:
    """Show two episodes side by side; to htmx only more rows."""
    found = compare(lab, episode, other, caller, mine, start)
    more = request.headers.get("hx-request") == "true" and start > 0
    template = "parts/difference_rows.html" if more else "difference.html"
    return page(request, template, "episodes", diff=found)


routes: tuple[Any, ...] = (episodes, counts, viewer, steps, step, find, difference)
