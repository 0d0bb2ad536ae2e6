"""The inbox, and what its owner says to a mend."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from banbury.store.queue import Lease
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.views import inbox as view
from banbury.web.views.reviews import own
from banbury.web.views.working import leave

_LEASE = "/api/labs/{lab_name:str}/mends/{lease:str}"


class Reasons(msgspec.Struct, frozen=True):
    """Why, one sentence each."""

    reasons: list[str]


def counts(request: Request[Any, Any, Any]) -> view.Counts:
    """Return the server's counts of campaigns."""
    state = request.app.state
    if "counts" not in state:
        state["counts"] = view.Counts()
    held: view.Counts = state["counts"]
    return held


@get("/api/inbox", opt=may("see", "inbox"), sync_to_thread=True)
def inbox(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> view.Inbox:
    """Show what waits for the caller in all their labs."""
    return view.inbox(house, caller, counts(request))


@post("/api/work/leave", opt=may("see", "inbox"), sync_to_thread=True, status_code=204)
def leave_work(house: TheHouse, caller: Asking) -> None:
    """Stop working in the lab where the caller is at work now, so as to begin in another."""
    leave(house, caller)


@post(_LEASE + "/agree", opt=may("change", "reviews"), sync_to_thread=True, status_code=200)
def agree(lab: TheLab, caller: Asking, lease: FromPath[str]) -> Lease:
    """Agree with what a reviewer made of one's own answer."""
    own(lab, caller, lease)
    return lab.queue.concede(lease)


@post(_LEASE + "/dispute", opt=may("change", "reviews"), sync_to_thread=True, status_code=200)
def dispute(lab: TheLab, caller: Asking, lease: FromPath[str], data: JSONBody[Reasons]) -> Lease:
    """Dispute what a reviewer made of one's own answer: a third person decides."""
    own(lab, caller, lease)
    return lab.queue.dispute(lease, data.reasons)


routes = (inbox, leave_work, agree, dispute)
