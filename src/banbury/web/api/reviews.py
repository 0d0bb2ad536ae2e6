"""Reviews: take answers to look at, decide about them."""

from __future__ import annotations

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.views import reviews as view
from banbury.web.views.leaving import read_by

_AT = "/api/labs/{lab_name:str}/reviews"
_REVIEW = may("review", "reviews")


class Want(msgspec.Struct, frozen=True):
    """How many answers to hold, 1 or 2."""

    count: int = view.AHEAD


@post(_AT + "/{campaign:str}/take", opt=_REVIEW, sync_to_thread=True, status_code=200)
def take_reviews(
    house: TheHouse, lab: TheLab, caller: Asking, campaign: FromPath[str], data: JSONBody[Want]
) -> view.Looks:
    """Hold answers to look at; never the caller's own, and where people differ all of theirs."""
    found = view.take(house, lab, caller, campaign, data.count)
    read_by(caller, lab, [answer.episode for look in found.looks for answer in look.answers])
    return found


@post(_AT + "/leases/{lease:str}/decide", opt=_REVIEW, sync_to_thread=True, status_code=200)
def decide(
    lab: TheLab, caller: Asking, lease: FromPath[str], data: JSONBody[view.Decided]
) -> view.Kept:
    """Accept an answer, mend it, or return it with reasons; a third person picks or mends."""
    return view.review(lab, caller, lease, data)


@post(_AT + "/leases/{lease:str}/give-back", opt=_REVIEW, sync_to_thread=True, status_code=200)
def give_back_review(lab: TheLab, caller: Asking, lease: FromPath[str]) -> dict[str, str]:
    """Leave an answer to another reviewer."""
    view.own(lab, caller, lease)
    return {"lease": lease, "state": lab.queue.give_back(lease).state}


routes = (take_reviews, decide, give_back_review)
