"""Hours of footage and sidecars as JSON."""

from __future__ import annotations

from typing import Any

from litestar import get
from litestar.params import FromPath, FromQuery

from banbury.errors import UnknownName
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.views import footage as view
from banbury.web.views.seat import person

_AT = "/api/labs/{lab_name:str}/footage"


@get(_AT, opt=may("see", "stages"), sync_to_thread=True)
def footage(lab: TheLab, campaign: FromQuery[str] = "") -> view.Operations:
    """Show hours by day, person, campaign, reason and scene."""
    if campaign:
        lab.queue.campaign(campaign)
    return view.operations(lab, campaign)


@get(_AT + "/own", opt=may("see", "footage"), sync_to_thread=True)
def mine(lab: TheLab, caller: Asking) -> view.Mine:
    """Show the caller's own hours, and what does not count with the reasons."""
    return view.mine(lab, person(caller, lab))


@get(_AT + "/{campaign:str}/{task:str}/sidecar", opt=may("see", "stages"), sync_to_thread=True)
def sidecar(lab: TheLab, campaign: FromPath[str], task: FromPath[str]) -> dict[str, Any]:
    """Show the sidecar of one scene.

    Raises:
        UnknownName: nobody has looked at it.
    """
    standing = lab.footage.standing(campaign, task)
    if standing is None:
        raise UnknownName("footage", f"{campaign}/{task}"[:80], ())
    return lab.artifact("footage", standing.artifact).body


routes = (footage, mine, sidecar)
