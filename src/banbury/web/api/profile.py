"""One's own record: what one says, what is believed and why, objections, the export."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from banbury.people.evidence import Objections
from banbury.people.offers import Profile, Profiles, Stated
from banbury.people.record import readable, record, zipped
from banbury.store import House
from banbury.web.context import Asking, TheHouse, TheLive
from banbury.web.guard import may
from banbury.web.sending import attached
from banbury.web.views import profile as view

_SKILL = "/api/profile/skills/{skill:str}"
_SEE, _CHANGE = may("see", "offers"), may("change", "offers")


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A skill that one says one has, and what one says of it."""

    skill: str
    note: str = ""


class Objecting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An objection: against which source of what is believed of which skill, and why."""

    skill: str
    source: str
    reason: str


class Made(msgspec.Struct, frozen=True):
    """The id of what was made."""

    id: str


@get("/api/profile", opt=_SEE, sync_to_thread=True)
def shown(house: TheHouse, caller: Asking) -> view.Mine:
    """Show what the caller says of themselves, what is believed of them and why."""
    return view.mine(house, caller.account)


@put("/api/profile", opt=_CHANGE, sync_to_thread=True, status_code=204)
def profile(house: TheHouse, live: TheLive, caller: Asking, data: JSONBody[Profile]) -> None:
    """Say what one is looking for, which languages one has, where and when one can work."""
    Profiles(house).put(caller.account, data)
    live.changed(caller.account)


@post("/api/profile/skills", opt=_CHANGE, sync_to_thread=True, status_code=200)
def state(house: TheHouse, live: TheLive, caller: Asking, data: JSONBody[Note]) -> Stated:
    """Say that one has a skill; said again, the note is changed."""
    said = Profiles(house).state(caller.account, data.skill, data.note)
    live.changed(caller.account)
    return said


@delete(_SKILL, opt=_CHANGE, sync_to_thread=True)
def withdraw(house: TheHouse, live: TheLive, caller: Asking, skill: FromPath[str]) -> None:
    """Take back that one has a skill; what was measured of it stays."""
    Profiles(house).withdraw(caller.account, skill)
    live.changed(caller.account)


@post("/api/objections", opt=_CHANGE, sync_to_thread=True)
def object_(house: TheHouse, caller: Asking, data: JSONBody[Objecting]) -> Made:
    """Object to a source of what is believed: a person who is not oneself decides."""
    made = Objections(house).make(caller.account, data.skill, data.source, data.reason)
    return Made(made)


@delete("/api/objections/{objection:str}", opt=_CHANGE, sync_to_thread=True)
def take_back(house: TheHouse, caller: Asking, objection: FromPath[str]) -> None:
    """Withdraw an open objection."""
    Objections(house).withdraw(caller.account, objection)


@get("/api/profile/record.json", opt=_SEE, sync_to_thread=True)
def as_json(house: TheHouse, caller: Asking) -> Response[bytes]:
    """Return all that is kept about the caller, as JSON."""
    data = msgspec.json.format(msgspec.json.encode(_record(house, caller.account)), indent=2)
    return Response(data, media_type=MediaType.JSON, headers=attached("banbury-record.json"))


@get("/api/profile/record.html", opt=_SEE, sync_to_thread=True)
def as_page(house: TheHouse, caller: Asking) -> Response[str]:
    """Return the same as a page to read."""
    said = readable(_record(house, caller.account))
    return Response(said, media_type=MediaType.HTML, headers=attached("banbury-record.html"))


@get("/api/profile/record.zip", opt=_SEE, sync_to_thread=True)
def as_zip(house: TheHouse, caller: Asking) -> Response[bytes]:
    """Return both in a ZIP."""
    data = zipped(_record(house, caller.account))
    return Response(data, media_type="application/zip", headers=attached("banbury-record.zip"))


def _record(house: House, account: str) -> dict[str, Any]:
    return record(house, account)


routes = (
    *(shown, profile, state, withdraw, object_, take_back),
    *(as_json, as_page, as_zip),
)
