"""Interviews: what there is, begin one, answer step by step, try code."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from banbury.accounts.limits import Limit
from banbury.arena.live import How, Place, Stage
from banbury.arena.live import View as Shown
from banbury.errors import InputError
from banbury.gyms.interview import running
from banbury.gyms.interview.screening import screened
from banbury.people.interviews import Appeals, Interview, Interviews, Offered
from banbury.people.interviews.interviews import GYM
from banbury.people.resumes import Resumes
from banbury.store import House
from banbury.web.api.live import Since
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.judges import Judges
from banbury.web.sending import shown
from banbury.web.views import interviews as view
from banbury.web.views import seat
from banbury.web.views.live import Done, Scene

_ALL = "/api/interviews"
_ONE = "/api/interviews/{interview:str}"
_WORK = may("work", "interviews")


RESUME = 4000
"""Characters of a résumé that a model sees."""
TRIES = Limit("you try code too often", 20, 5.0)


class Beginning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which interview, and what one agrees to: the words of `GET /api/interviews`."""

    skill: str
    agreed: bool
    voice: bool = False


class Begun(msgspec.Struct, frozen=True):
    """An interview that goes on."""

    id: str


class Open(msgspec.Struct, frozen=True):
    """The skills in which one can be interviewed, and the words to which one agrees first."""

    agreement: str
    skills: list[Offered]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, in a few sentences."""

    reason: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody decides about an appeal.

    Attributes:
        reason: why, for the person.
        right: items whose answers were right; with `wrong` empty too, the result is kept.
        wrong: items whose answers were wrong.
    """

    reason: str
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


class Decided(msgspec.Struct, frozen=True):
    """`kept` or `corrected`."""

    decision: str


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A repair of a function, by its name, to try on the samples that are shown."""

    code: str
    entry: str


class Tried(msgspec.Struct, frozen=True):
    """What came of one sample: what it is, what the code returned, whether that is right."""

    sample: str
    returned: str
    right: bool


@get(_ALL, opt=may("see", "interviews"), sync_to_thread=True)
def listed(house: TheHouse, caller: Asking) -> Open:
    """List the skills in which the caller can be interviewed, with their tries."""
    return Open(view.agreement(), view.offered(house, caller))


@post(_ALL, opt=_WORK, sync_to_thread=True)
def begin(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, data: JSONBody[Beginning]
) -> Begun:
    """Begin the next try, or go on with the one that is open."""
    if not data.agreed:
        raise InputError("an interview begins once you have agreed to it", where="agreed")
    begun = Interviews(house).begin(
        caller.account,
        data.skill,
        agreed=view.agreement(),
        voice=data.voice,
        resume=bool(request.app.state.judges and Resumes(house).get(caller.account)),
        labs=tuple(caller.roles),
    )
    return Begun(begun.id)


@post(_ONE + "/open", opt=_WORK, status_code=200)
async def open_seat(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    interview: FromPath[str],
    data: JSONBody[Since],
) -> Scene:
    """Open the seat where the interview stands, or look at it."""
    stage: Stage = request.app.state.stage
    held = await asyncio.to_thread(Interviews(house).get, interview, caller.account)
    place = await asyncio.to_thread(_place, request, house, held)
    shown = await asyncio.wrap_future(stage.open(place, data.since))
    return await _settled(stage, house, held, place, shown, data.since, "")


@post(_ONE + "/act", opt=_WORK, status_code=200)
async def act(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    interview: FromPath[str],
    data: JSONBody[Done],
) -> Scene:
    """Answer the question of a number; a doubled or a stale answer changes nothing."""
    stage: Stage = request.app.state.stage
    held = await asyncio.to_thread(Interviews(house).get, interview, caller.account)
    if held.ended_ns is not None:
        over = await asyncio.to_thread(view.finished, house, held, data)
        if over is not None:
            return over
    await asyncio.to_thread(view.fit, house, held)
    place = stage.place(held.lab, held.id, held.pseudonym)
    if place is None:
        place = await asyncio.to_thread(_place, request, house, held)
    action = seat.fitting(GYM, data.action)
    await asyncio.to_thread(view.sound, place.lab, held, str(getattr(action, "text", "")))
    move = seat.moved(action, seat.evident(data.evidence, place.taken_ns))
    how, shown = await asyncio.wrap_future(stage.act(place, data.number, move))
    return await _settled(stage, house, held, place, shown, data.number, how)


@post(_ONE + "/try", opt=_WORK, sync_to_thread=True, status_code=200)
def try_code(
    house: TheHouse, caller: Asking, interview: FromPath[str], data: JSONBody[Code]
) -> list[Tried]:
    """Run a repair on the samples of the question's function; nothing of it is kept."""
    held = Interviews(house).get(interview, caller.account)
    TRIES.take(caller.account)
    samples = view.samples(view.place(house, held).problem, data.entry)
    return [Tried(*row) for row in running.tried(data.code, data.entry, samples)]


@get(_ONE + "/result", opt=may("see", "interviews"), sync_to_thread=True)
def outcome(house: TheHouse, caller: Asking, interview: FromPath[str]) -> view.Outcome:
    """Show what was measured and why, and the appeal against it."""
    return view.outcome(house, Interviews(house).get(interview, caller.account))


@post(_ONE + "/appeal", opt=_WORK, sync_to_thread=True, status_code=204)
def appeal(
    house: TheHouse, caller: Asking, interview: FromPath[str], data: JSONBody[Reason]
) -> None:
    """Appeal to a person against one's result, once."""
    Appeals(house).make(Interviews(house).get(interview, caller.account), data.reason)


@post(
    "/api/labs/{lab_name:str}/interviews/{interview:str}/decide",
    opt=may("review", "interviews"),
    sync_to_thread=True,
    status_code=200,
)
def decide(
    house: TheHouse,
    lab: TheLab,
    caller: Asking,
    interview: FromPath[str],
    data: JSONBody[Decision],
) -> Decided:
    """Decide an appeal against the result of an interview that lives in this lab."""
    held = view.case(house, lab.name, interview).interview
    right = {**dict.fromkeys(data.wrong, False), **dict.fromkeys(data.right, True)}
    decision = Appeals(house).decide(
        held,
        right,
        data.reason,
        account=caller.account,
        pseudonym=caller.pseudonyms.get(lab.name, ""),
    )
    return Decided(decision)


@get(_ONE + "/media/{sha256:str}", opt=_WORK, sync_to_thread=True)
def media(
    house: TheHouse, caller: Asking, interview: FromPath[str], sha256: FromPath[str]
) -> Stream:
    """Return what a question shows, or a recording of one's own."""
    held = Interviews(house).get(interview, caller.account)
    lab = Interviews(house).lab(held)
    blob = view.media(lab, held, sha256).blob
    return shown(lab.blobs.source(sha256), blob.media, "private, no-store")


def _place(request: Request[Any, Any, Any], house: House, held: Interview) -> Place:
    judges: Judges = request.app.state.judges
    said = screened(Resumes(house).get(held.account)).text[:RESUME] if judges else ""
    return view.place(house, held, judges.interviewer(said))


async def _settled(
    stage: Stage,
    house: House,
    held: Interview,
    place: Place,
    shown: Shown,
    since: int,
    how: How | str,
) -> Scene:
    scene = await asyncio.to_thread(view.settled, house, held, place, shown, since, how)
    if scene.over:
        await asyncio.wrap_future(stage.leave(place))
    return scene


routes = (listed, begin, open_seat, act, try_code, outcome, appeal, decide, media)
