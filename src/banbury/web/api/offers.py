"""Offers of work: what one is offered, what one says of oneself, what a lab asks for."""

from __future__ import annotations

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from banbury.people.offers import Asked, Offers, Openings
from banbury.people.offers.openings import weights
from banbury.web.api.joining import Agreed
from banbury.web.context import Asking, TheAccounts, TheHouse, TheLab, TheLive
from banbury.web.guard import may
from banbury.web.views import offers as view

_OFFER = "/api/offers/{offer:str}"
_ASKED = "/api/labs/{lab_name:str}/campaigns/{name:str}/openings"


class Joined(msgspec.Struct, frozen=True):
    """The lab whose expert one is now."""

    lab: str


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a lab asks for, see `Asked`; skills as a list of NAME or NAME=WEIGHT."""

    skills: list[str]
    places: int = 1
    hours: float = 5.0
    days: float = 7.0
    languages: tuple[str, ...] = ()
    difficulty: float = 0.0
    least: float = 0.0
    rate: float = 0.0

    @property
    def asked(self) -> Asked:
        """Return it with the weights read."""
        return Asked(**{**msgspec.structs.asdict(self), "skills": weights(self.skills)})


@get("/api/offers", opt=may("see", "offers"), sync_to_thread=True)
def offers(house: TheHouse, caller: Asking) -> view.Mine:
    """Show what the caller is offered and why, what they said, how they stand."""
    return view.mine(house, caller.account)


@post(_OFFER + "/accept", opt=may("change", "offers"), sync_to_thread=True, status_code=200)
def accept(
    house: TheHouse,
    accounts: TheAccounts,
    caller: Asking,
    offer: FromPath[str],
    live: TheLive,
    data: JSONBody[Agreed | None] = None,
) -> Joined:
    """Take an offer: the caller becomes an expert of the lab."""
    lab = Offers(house).accept(caller.account, offer, data.stays if data else None)
    live.changed(caller.account)
    accounts.members.join(lab, caller.account, "expert")  # This process knows it at once.
    return Joined(lab)


@post(_OFFER + "/refuse", opt=may("change", "offers"), sync_to_thread=True, status_code=204)
def refuse(house: TheHouse, live: TheLive, caller: Asking, offer: FromPath[str]) -> None:
    """Refuse an offer; nothing else changes by that for whoever refuses."""
    live.changed(caller.account, Offers(house).refuse(caller.account, offer))


@get(_ASKED, opt=may("see", "openings"), sync_to_thread=True)
def openings(house: TheHouse, lab: TheLab, name: FromPath[str]) -> view.Found:
    """List a campaign's open places, and who was found, with reasons."""
    return view.found(house, lab.name, name)


@post(_ASKED, opt=may("make", "openings"), sync_to_thread=True)
def ask(
    house: TheHouse, lab: TheLab, caller: Asking, name: FromPath[str], data: JSONBody[Wanted]
) -> view.Opened:
    """Open places in a campaign, and offer them at once to those who fit best."""
    opening = Openings(house).open(
        lab.name, name, data.asked, by=caller.pseudonyms.get(lab.name, "")
    )
    return view.offered(house, lab.name, opening)


@delete(
    "/api/labs/{lab_name:str}/openings/{opening:str}",
    opt=may("remove", "openings"),
    sync_to_thread=True,
)
def close(house: TheHouse, lab: TheLab, opening: FromPath[str]) -> None:
    """Close open places: offers that nobody answered end."""
    Openings(house).close(lab.name, opening)


routes = (offers, accept, refuse, openings, ask, close)
