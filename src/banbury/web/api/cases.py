"""Cases about strange records: those who decide, the accused, the lab that asks for a look."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, JSONBody

from banbury.errors import InputError, UnknownName
from banbury.people.cases import Cases, Filed, Tellings, Told
from banbury.store import House
from banbury.store.jobs import Job
from banbury.web.context import Asking, TheHouse, TheLab, TheLive
from banbury.web.guard import may
from banbury.web.jobs import due
from banbury.web.views import cases as view

_CASE = "/api/cases/{case:str}"
_HEARING = "/api/hearings/{case:str}"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of the accused."""

    words: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decides, with reasons.

    Attributes:
        decision: `clear`, or `stand`.
        reasons: the accused reads them.
        pause: skills in which work pauses; nothing else follows.
    """

    decision: Literal["clear", "stand"]
    reasons: str
    pause: list[str] = []


@get("/api/cases", opt=may("see", "cases"), sync_to_thread=True)
def cases(house: TheHouse, caller: Asking) -> view.Board:
    """List cases that wait, those that were decided, and the last looks."""
    return view.board(house, caller.account)


@get(_CASE, opt=may("see", "cases"), sync_to_thread=True)
def case(house: TheHouse, caller: Asking, case: FromPath[str]) -> view.Sight:
    """Show a case with all of its evidence."""
    return view.sight(other(house, caller.account, case), caller.account)


@post(_CASE + "/tell", opt=may("change", "cases"), sync_to_thread=True, status_code=200)
def tell(house: TheHouse, caller: Asking, case: FromPath[str]) -> view.Sight:
    """Show the accused all of it; from then on they have seven days to answer."""
    other(house, caller.account, case)
    return view.sight(Cases(house).move(case, "told", caller.account), caller.account)


@post(_CASE + "/decide", opt=may("change", "cases"), sync_to_thread=True, status_code=200)
def decide(
    house: TheHouse, live: TheLive, caller: Asking, case: FromPath[str], data: JSONBody[Decision]
) -> view.Sight:
    """Decide a case, with reasons."""
    other(house, caller.account, case)
    if data.pause and data.decision == "clear":
        raise InputError("nothing pauses where nothing stands", do="leave the skills out")
    by = caller.account
    done = Cases(house).move(case, data.decision, by, data.reasons, data.pause)
    live.changed(done.account)
    return view.sight(done, by)


@get("/api/hearings", opt=may("see", "hearings"), sync_to_thread=True)
def hearings(house: TheHouse, caller: Asking) -> list[view.Sight]:
    """List the cases about oneself."""
    return view.about(house, caller.account)


@get(_HEARING, opt=may("see", "hearings"), sync_to_thread=True)
def hearing(house: TheHouse, caller: Asking, case: FromPath[str]) -> view.Sight:
    """Show a case about oneself, with all of its evidence."""
    return view.sight(mine(house, caller.account, case), caller.account)


@post(_HEARING + "/answer", opt=may("change", "hearings"), sync_to_thread=True, status_code=200)
def answer(
    house: TheHouse, caller: Asking, case: FromPath[str], data: JSONBody[Said]
) -> view.Sight:
    """Answer what is said about one's record; one may answer again until it is decided."""
    mine(house, caller.account, case)
    done = Cases(house).move(case, "answer", caller.account, data.words)
    return view.sight(done, caller.account)


@post(_HEARING + "/appeal", opt=may("change", "hearings"), sync_to_thread=True, status_code=200)
def appeal(
    house: TheHouse, caller: Asking, case: FromPath[str], data: JSONBody[Said]
) -> view.Sight:
    """Appeal against a decision, once; another person decides."""
    mine(house, caller.account, case)
    done = Cases(house).move(case, "appeal", caller.account, data.words)
    return view.sight(done, caller.account)


@get("/api/told", opt=may("see", "told"), sync_to_thread=True)
def told(house: TheHouse, caller: Asking) -> Told:
    """Show what one told of oneself."""
    return Tellings(house).get(caller.account)


@put("/api/told", opt=may("change", "told"), sync_to_thread=True, status_code=204)
def tell_of_oneself(house: TheHouse, caller: Asking, data: JSONBody[Told]) -> None:
    """Tell of oneself what one chooses to, in place of what one told before."""
    Tellings(house).put(caller.account, data)


@get("/api/labs/{lab_name:str}/cases", opt=may("see", "signals"), sync_to_thread=True)
def of_lab(house: TheHouse, lab: TheLab) -> view.OfLab:
    """Show what concerns a lab's own campaigns: what stands, by pseudonym, and counts."""
    return view.of_lab(house, lab.name)


@post("/api/labs/{lab_name:str}/looks", opt=may("start", "signals"), sync_to_thread=True)
def look(lab: TheLab, caller: Asking) -> Job:
    """Ask for a look at the records of a lab's people now."""
    return lab.jobs.add(due.LOOK, {}, by=caller.pseudonyms.get(lab.name, ""))


def mine(house: House, account: str, id: str) -> Filed:
    """Return a case about an account, as far as it may know of it.

    Raises:
        UnknownName: there is none.
    """
    found = next((one for one in Cases(house).about(account) if one.id == id), None)
    if found is None:
        raise UnknownName("case", id[:60], ())
    return found


def other(house: House, account: str, id: str) -> Filed:
    """Return a case that is not about the account.

    Raises:
        UnknownName: there is no such case, or it is about themselves and they know nothing of it.
    """
    found = Cases(house).one(id)
    if found.account == account and not (found.case.told_ns or found.case.decided):
        raise UnknownName("case", id[:60], ())
    return found


routes = (
    *(cases, case, tell, decide, hearings, hearing, answer, appeal, told, tell_of_oneself),
    *(of_lab, look),
)
