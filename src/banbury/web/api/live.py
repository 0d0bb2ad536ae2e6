"""The live seat's calls: open, act, leave; each says what is there now."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import msgspec
from litestar import Request, post
from litestar.params import FromPath, JSONBody

from banbury.accounts import Caller
from banbury.arena.live import How, Place, Stage, View
from banbury.errors import InputError
from banbury.store import Lab
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.views import filmed, seat
from banbury.web.views import live as view

_LEASE = "/api/labs/{lab_name:str}/seat/leases/{lease:str}"
_WORK = may("work", "seat")


class Since(msgspec.Struct, frozen=True):
    """From which exchange on to show what happened."""

    since: int = 0


@post(_LEASE + "/open", opt=_WORK, status_code=200)
async def open_live(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    lease: FromPath[str],
    data: JSONBody[Since],
) -> view.Scene:
    """Open a live seat, or look at it: what was shown and done so far."""
    stage: Stage = request.app.state.stage
    place = await asyncio.to_thread(view.place, lab, caller, lease)
    shown = await asyncio.wrap_future(stage.open(place, data.since))
    return await _settled(stage, place, shown, data.since, "")


@post(_LEASE + "/act", opt=_WORK, status_code=200)
async def act(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    lease: FromPath[str],
    data: JSONBody[view.Done],
) -> view.Scene:
    """Do the action of a number; a doubled or a stale one changes nothing."""
    stage: Stage = request.app.state.stage
    try:
        place = await _place(stage, lab, caller, lease)
    except InputError:
        over = await asyncio.to_thread(view.finished, lab, caller, lease, data)
        if over is None:
            raise
        return over
    action = seat.fitting(place.gym, data.action)
    filmed.timely(action, place.taken_ns)
    move = seat.moved(action, seat.evident(data.evidence, place.taken_ns))
    how, shown = await asyncio.wrap_future(stage.act(place, data.number, move))
    return await _settled(stage, place, shown, data.number, how)


@post(_LEASE + "/leave", opt=_WORK, status_code=204)
async def leave(
    request: Request[Any, Any, Any], lab: TheLab, caller: Asking, lease: FromPath[str]
) -> None:
    """Let a live seat go; it is carried on where it stands when it is opened again."""
    stage: Stage = request.app.state.stage
    place = stage.place(lab.name, lease, seat.person(caller, lab))
    if place is not None:
        await asyncio.wrap_future(stage.leave(place))


async def _place(stage: Stage, lab: Lab, caller: Caller, lease: str) -> Place:
    """Return where the caller sits, without asking the store where the seat is open here."""
    there = stage.place(lab.name, lease, seat.person(caller, lab))
    if there is not None:
        return there
    return await asyncio.to_thread(view.place, lab, caller, lease)


async def _settled(
    stage: Stage, place: Place, shown: View, since: int, how: How | Literal[""]
) -> view.Scene:
    if not shown.over:
        return view.settled(place, shown, since, how)
    scene = await asyncio.to_thread(view.settled, place, shown, since, how)
    await asyncio.wrap_future(stage.leave(place))
    return scene


routes = (open_live, act, leave)
