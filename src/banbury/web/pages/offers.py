"""Pages of offers: one's own with reasons, and what a lab asks for."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.accounts.consent import Consents
from banbury.people.cases import GROUPS, Tellings
from banbury.people.offers.languages import languages
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import offers as view
from banbury.web.views.profile import titles


@get("/offers", opt=may("see", "offers"), include_in_schema=False, sync_to_thread=True)
def offers(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show what the caller is offered and why, what they said, how they stand."""
    consents = {c.lab: c.stays for c in Consents(house).of(caller.account)}
    told = msgspec.structs.asdict(Tellings(house).get(caller.account))
    mine = view.mine(house, caller.account)
    return page(
        *(request, "offers.html", "inbox"),
        mine=mine,
        titles=view.titles(house, mine.offers),
        consents=consents,
        groups=GROUPS,
        told=told,
    )


@get(
    "/labs/{lab_name:str}/campaigns/{name:str}/asked",
    opt=may("see", "openings"),
    include_in_schema=False,
    sync_to_thread=True,
)
def asked(
    request: Request[Any, Any, Any], house: TheHouse, lab: TheLab, name: FromPath[str]
) -> Template:
    """Show what a campaign asks for, who was found, and how to ask."""
    campaign = lab.queue.campaign(name)
    found = view.found(house, lab.name, name)
    return page(
        *(request, "asked.html", "campaigns"),
        campaign=campaign,
        found=found,
        untold=view.untold(lab, name, found),
        measured=titles(),
        languages=languages(),
    )


routes = (offers, asked)
