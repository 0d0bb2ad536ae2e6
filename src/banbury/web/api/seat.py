"""The seat's calls: take, answer, give back, report, take back."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from banbury.arena.live import Place, Stage
from banbury.people.cases import Devices
from banbury.store.queue import Lease
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.pages.seats import LENT
from banbury.web.rendering import BROWSER
from banbury.web.sending import shown
from banbury.web.tickets import HOURS, Tickets
from banbury.web.views import held
from banbury.web.views import seat as view

_CAMPAIGN = "/api/labs/{lab_name:str}/seat/{campaign:str}"
_LEASE = "/api/labs/{lab_name:str}/seat/leases/{lease:str}"
_WORK = may("work", "seat")


class Want(msgspec.Struct, frozen=True):
    """How many tasks to hold, from 1 to 4, and of which leases the page has the task already."""

    count: int = view.AHEAD
    have: tuple[str, ...] = ()


class Reason(msgspec.Struct, frozen=True):
    """What is broken, in the person's words."""

    reason: str


class Ended(msgspec.Struct, frozen=True):
    """How a lease stands after it was let go."""

    lease: str
    state: str


class Lent(msgspec.Struct, frozen=True):
    """Where a recording may be read without a session, and for how many hours."""

    url: str
    hours: float


class Left(msgspec.Struct, frozen=True):
    """Seconds until a lease runs out."""

    seconds: int


@get(_CAMPAIGN, opt=may("see", "seat"), sync_to_thread=True)
def room(lab: TheLab, campaign: FromPath[str]) -> held.Room:
    """Show a campaign's instructions, settings and the JSON Schema of its actions."""
    return view.room(lab, campaign)


@post(_CAMPAIGN + "/take", opt=_WORK, sync_to_thread=True, status_code=200)
def take(
    request: Request[Any, Any, Any],
    house: TheHouse,
    lab: TheLab,
    caller: Asking,
    campaign: FromPath[str],
    data: JSONBody[Want],
) -> held.Taken:
    """Hold tasks: those that the caller has already, then new ones, up to a number."""
    devices: Devices = request.app.state.devices
    devices.note(caller.account, request.cookies.get(BROWSER, "")[:100])
    count = min(max(data.count, 1), view.AHEAD)
    return view.take(house, lab, caller, campaign, count, data.have)


@get(_CAMPAIGN + "/recent", opt=_WORK, sync_to_thread=True)
def recent(lab: TheLab, caller: Asking, campaign: FromPath[str]) -> list[held.Done]:
    """List what the caller answered lately, the newest first."""
    return view.recent(lab, caller, campaign)


@get(_LEASE + "/work", opt=_WORK, sync_to_thread=True)
def work(lab: TheLab, caller: Asking, lease: FromPath[str]) -> held.Work:
    """Show one task that the caller holds, however large it is."""
    return view.work(lab, caller, lease)


@get(_LEASE + "/media/{sha256:str}", opt=_WORK, sync_to_thread=True)
def media(lab: TheLab, caller: Asking, lease: FromPath[str], sha256: FromPath[str]) -> Stream:
    """Return a file of a task that the caller holds or held."""
    blob = view.media(lab, caller, lease, sha256).blob
    return shown(lab.blobs.source(sha256), blob.media, "private, max-age=3600")


@post(_LEASE + "/media/{sha256:str}/ticket", opt=_WORK, sync_to_thread=True, status_code=200)
def ticket(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    lease: FromPath[str],
    sha256: FromPath[str],
) -> Lent:
    """Lend a recording of a task that the caller holds or held to the seat's frame."""
    blob = view.media(lab, caller, lease, sha256).blob
    tickets: Tickets = request.app.state.tickets
    return Lent(f"{LENT}/{tickets.make(lab.name, sha256, blob.media)}", HOURS)


@post(_LEASE + "/answer", opt=_WORK, sync_to_thread=True, status_code=200)
def answer(
    lab: TheLab, caller: Asking, lease: FromPath[str], data: JSONBody[held.Said]
) -> held.Kept:
    """Answer a task; the same submission again changes nothing."""
    return view.answer(lab, caller, lease, data)


@post(_LEASE + "/give-back", opt=_WORK, sync_to_thread=True, status_code=200)
def give_back(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, lease: FromPath[str]
) -> Ended:
    """Give a task back to the others."""
    there = _live(request, view.own(lab, caller, lease), lab.name)
    if there is not None:
        request.app.state.stage.leave(there).result()
    return Ended(lease, lab.queue.give_back(lease).state)


@post(_LEASE + "/broken", opt=_WORK, sync_to_thread=True, status_code=200)
def broken(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    lease: FromPath[str],
    data: JSONBody[Reason],
) -> Ended:
    """Report that a task is broken: nobody else gets it until somebody has looked."""
    there = _live(request, view.own(lab, caller, lease), lab.name)
    if there is not None:
        request.app.state.stage.report(there, data.reason).result()
    return Ended(lease, lab.queue.broken(lease, data.reason).state)


@post(_LEASE + "/undo", opt=_WORK, sync_to_thread=True, status_code=200)
def undo(lab: TheLab, caller: Asking, lease: FromPath[str]) -> held.Work:
    """Take an answer back, until somebody has looked at it."""
    return view.undo(lab, caller, lease)


@post(_LEASE + "/renew", opt=_WORK, sync_to_thread=True, status_code=200)
def renew(lab: TheLab, caller: Asking, lease: FromPath[str]) -> Left:
    """Hold a task for longer, as long as the caller is at it."""
    view.own(lab, caller, lease)
    return Left(view.left(lab.queue.renew(lease)))


def _live(request: Request[Any, Any, Any], lease: Lease, lab: str) -> Place | None:
    stage: Stage = request.app.state.stage
    return stage.place(lab, lease.id, lease.person)


routes = (room, take, recent, work, media, ticket, answer, give_back, broken, undo, renew)
