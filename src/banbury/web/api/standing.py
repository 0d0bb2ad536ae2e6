"""Standing: appeal, come back by test tasks, decide on others' appeals and objections."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from banbury.people.evidence import Objection, Objections
from banbury.people.offers import Standings
from banbury.people.standing import Standing
from banbury.people.standing.standing import unsigned
from banbury.web.context import Asking, TheHouse, TheLive
from banbury.web.guard import may
from banbury.web.views import standing as view

_OWN = "/api/standings/{skill:str}"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, in a few sentences."""

    reason: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided on a pause.

    Attributes:
        account: whose pause.
        skill: in which skill.
        act: `lift` ends it, `uphold` leaves it after an appeal.
        reason: why; the person reads it.
    """

    account: str
    skill: str
    act: Literal["lift", "uphold"]
    reason: str


class Ruling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided on an objection: whether the evidence is left out, and why."""

    leave_out: bool
    reason: str


@get("/api/standings", opt=may("see", "offers"), sync_to_thread=True)
def standings(house: TheHouse, caller: Asking) -> list[view.Stand]:
    """Show how the caller stands wherever their work was ever paused, with the numbers."""
    return view.with_rooms(house, caller, view.stands(house, caller.account))


@post(_OWN + "/appeal", opt=may("change", "offers"), sync_to_thread=True, status_code=200)
def appeal(
    house: TheHouse, caller: Asking, skill: FromPath[str], data: JSONBody[Reason]
) -> Standing:
    """Appeal against a pause of one's own: a person looks, or the pause ends."""
    account = caller.account
    return unsigned(Standings(house).act(account, skill, "appeal", account, data.reason))


@post(_OWN + "/try", opt=may("change", "offers"), sync_to_thread=True, status_code=200)
def try_again(house: TheHouse, caller: Asking, skill: FromPath[str]) -> Standing:
    """Set out to come back: the seat gives test tasks of this skill, and they may end the pause."""
    return unsigned(Standings(house).act(caller.account, skill, "try", caller.account, ""))


@get("/api/appeals", opt=may("see", "appeals"), sync_to_thread=True)
def appeals(house: TheHouse, caller: Asking) -> view.Desk:
    """List pauses and objections that wait for somebody's decision."""
    return view.desk(house, caller.account)


@post("/api/appeals/decide", opt=may("change", "appeals"), sync_to_thread=True, status_code=200)
def decide(house: TheHouse, live: TheLive, caller: Asking, data: JSONBody[Decision]) -> Standing:
    """Decide on somebody else's pause, with reasons that they read."""
    about = data.account, data.skill, data.act
    done = Standings(house).act(*about, caller.account, data.reason)
    live.changed(data.account)
    return done


@post(
    "/api/objections/{objection:str}/decide",
    opt=may("change", "appeals"),
    sync_to_thread=True,
    status_code=200,
)
def rule(
    house: TheHouse, caller: Asking, objection: FromPath[str], data: JSONBody[Ruling]
) -> Objection:
    """Decide on somebody else's objection to a source, with reasons that they read."""
    return Objections(house).decide(objection, data.leave_out, caller.account, data.reason)


routes = (standings, appeal, try_again, appeals, decide, rule)
