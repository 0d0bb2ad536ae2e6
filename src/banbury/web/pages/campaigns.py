"""Pages of campaigns: the list, a new one, one with its progress and what waits in it."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from banbury.accounts.permissions import allowed
from banbury.arena import agreement
from banbury.store.queue import Waits
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import campaigns as view
from banbury.web.views import filling
from banbury.web.views.bands import by_day, strip
from banbury.web.views.gyms import offered
from banbury.web.views.uploads import bound_gb

_AT = "/labs/{lab_name:str}/campaigns"
_ONE = _AT + "/{name:str}"


@get(_AT, opt=may("see", "campaigns"), include_in_schema=False, sync_to_thread=True)
def campaigns(request: Request[Any, Any, Any], lab: TheLab, after: FromQuery[str] = "") -> Template:
    """Show the lab's campaigns, each with how far it is."""
    shown = view.lines(lab, after)
    return page(request, "campaigns.html", "campaigns", lines=shown, strip=strip, bands=view.bands)


@get(_AT + "/new", opt=may("make", "campaigns"), include_in_schema=False, sync_to_thread=True)
def new(request: Request[Any, Any, Any], gym: FromQuery[str] = "") -> Template:
    """Show the form that makes a campaign."""
    gyms = offered()
    chosen = gym or ("labelling" if any(g.name == "labelling" for g in gyms) else "")
    return page(request, "campaign_new.html", "campaigns", gyms=gyms, chosen=chosen)


@get(_ONE, opt=may("see", "campaigns"), include_in_schema=False, sync_to_thread=True)
def campaign(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, name: FromPath[str]
) -> Template:
    """Show one campaign."""
    sight = view.sight(lab, name)
    skills = next((g.skills for g in offered() if g.name == sight.campaign.gym), [])
    staff = allowed(caller, "see", "agreement", lab.name)
    return page(
        *(request, "campaign.html", "campaigns"),
        gold=lab.queue.gold.count(name),
        sight=sight,
        picture=strip(sight.bands),
        again=False,
        runs=filling.runs(lab, name) if staff else [],
        campaign=name,
        suffixes=",".join(filling.SUFFIXES),
        skills=skills,
        staff=staff,
        upload_gb=bound_gb(sight.campaign.settings),
    )


@get(_ONE + "/live", opt=may("see", "campaigns"), include_in_schema=False, sync_to_thread=True)
def live(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, name: FromPath[str]
) -> Template:
    """Show the part of a campaign's page that changes while people work."""
    sight = view.sight(lab, name)
    told = allowed(caller, "see", "agreement", lab.name)
    picture = strip(sight.bands)
    return page(request, "parts/campaign_live.html", sight=sight, picture=picture, again=told)


@get(_ONE + "/release", opt=may("see", "agreement"), include_in_schema=False, sync_to_thread=True)
def release(request: Request[Any, Any, Any], lab: TheLab, name: FromPath[str]) -> Template:
    """Show how to release what is accepted, once something is."""
    return page(request, "parts/campaign_release.html", sight=view.sight(lab, name))


@get(_ONE + "/people", opt=may("see", "agreement"), include_in_schema=False, sync_to_thread=True)
def people(request: Request[Any, Any, Any], lab: TheLab, name: FromPath[str]) -> Template:
    """Show who works, under pseudonyms, and what was done by day."""
    found = agreement(lab, name)
    return page(
        *(request, "parts/campaign_people.html"),
        workers=view.workers(lab, name),
        agreement=found,
        agree=found.people,
        days=by_day(view.days(lab, name)),
    )


@get(
    _ONE + "/waiting/{waits:str}",
    opt=may("see", "agreement"),
    include_in_schema=False,
    sync_to_thread=True,
)
def waiting(
    request: Request[Any, Any, Any],
    lab: TheLab,
    name: FromPath[str],
    waits: FromPath[Waits],
    after: FromQuery[int] = 0,
) -> Template:
    """Show a page of tasks that wait."""
    rows = view.waiting(lab, name, waits, after)
    return page(*(request, "parts/campaign_waiting.html"), rows=rows, waits=waits, campaign=name)


@get(_ONE + "/late", opt=may("see", "agreement"), include_in_schema=False, sync_to_thread=True)
def late(request: Request[Any, Any, Any], lab: TheLab, name: FromPath[str]) -> Template:
    """Show the newest late answers."""
    return page(request, "parts/campaign_late.html", rows=view.late(lab, name))


@get(_ONE + "/jobs", opt=may("see", "jobs"), include_in_schema=False, sync_to_thread=True)
def jobs(request: Request[Any, Any, Any], lab: TheLab, name: FromPath[str]) -> Template:
    """Show the campaign's newest uploads, exports and releases."""
    return page(request, "parts/campaign_jobs.html", runs=filling.runs(lab, name), campaign=name)


routes = (campaigns, new, campaign, live, release, people, waiting, late, jobs)
