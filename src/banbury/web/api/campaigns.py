"""Campaigns: make one, change it, fill it, look at how far it is."""

from __future__ import annotations

from litestar import get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from banbury.arena import agreement as measured
from banbury.store.queue import Agreement, Campaign, Day, Late, Waits
from banbury.web.context import Asking, TheLab
from banbury.web.guard import may
from banbury.web.views import campaigns as view
from banbury.web.views import rules
from banbury.web.views.gyms import Gym, offered

_AT = "/api/labs/{lab_name:str}/campaigns"
_ONE = _AT + "/{name:str}"


@get(_AT, opt=may("see", "campaigns"), sync_to_thread=True)
def campaigns(lab: TheLab, after: FromQuery[str] = "") -> view.Lines:
    """List campaigns by name, each with how far it is."""
    return view.lines(lab, after)


@post(_AT, opt=may("make", "campaigns"), sync_to_thread=True)
def make_campaign(lab: TheLab, caller: Asking, data: JSONBody[rules.NewCampaign]) -> Campaign:
    """Make a campaign; the same again changes nothing."""
    return rules.make(lab, caller, data)


@get(_ONE, opt=may("see", "campaigns"), sync_to_thread=True)
def campaign(lab: TheLab, name: FromPath[str]) -> view.Sight:
    """Return a campaign and how far it is."""
    return view.sight(lab, name)


@patch(_ONE, opt=may("change", "campaigns"), sync_to_thread=True)
def change_campaign(lab: TheLab, name: FromPath[str], data: JSONBody[rules.Changes]) -> Campaign:
    """Change a campaign: its words, its rules, or its state: open, paused, closed."""
    return rules.change(lab, name, data)


@post(_ONE + "/tasks/drawn", opt=may("make", "tasks"), sync_to_thread=True)
def draw_tasks(lab: TheLab, name: FromPath[str], data: JSONBody[view.Drawing]) -> view.Added:
    """Let the campaign's gym make new tasks and put them into the campaign."""
    return view.add_drawn(lab, name, data)


@post(_ONE + "/tasks/known", opt=may("make", "tasks"), sync_to_thread=True)
def add_known_tasks(lab: TheLab, name: FromPath[str]) -> view.Added:
    """Put all of the lab's tasks of the campaign's gym into it, but reserved ones."""
    return view.add_known(lab, name)


@post(_ONE + "/gold", opt=may("make", "tasks"), sync_to_thread=True, status_code=200)
def mark_gold(lab: TheLab, name: FromPath[str], data: JSONBody[view.OfTasks]) -> view.Marked:
    """Mark a share of the tasks whose answer is known, by which people's work is measured."""
    return view.mark(lab, name, data.share)


@get(_ONE + "/waiting/{waits:str}", opt=may("see", "agreement"), sync_to_thread=True)
def waiting(
    lab: TheLab, name: FromPath[str], waits: FromPath[Waits], after: FromQuery[int] = 0
) -> view.Rows:
    """List tasks that wait: for `review`, for a `third` person, or reported as `broken`."""
    return view.waiting(lab, name, waits, after)


@get(_ONE + "/late", opt=may("see", "agreement"), sync_to_thread=True)
def late(lab: TheLab, name: FromPath[str]) -> list[Late]:
    """List the newest answers that came after their lease had expired."""
    return view.late(lab, name)


@get(_ONE + "/workers", opt=may("see", "agreement"), sync_to_thread=True)
def workers(lab: TheLab, name: FromPath[str]) -> list[view.Worker]:
    """List what each person did, under their pseudonyms."""
    return view.workers(lab, name)


@get(_ONE + "/agreement", opt=may("see", "agreement"), sync_to_thread=True)
def agreement(lab: TheLab, name: FromPath[str]) -> Agreement:
    """Say how far people agree beyond chance: Krippendorff's alpha of the newest answers."""
    return measured(lab, name)


@get(_ONE + "/days", opt=may("see", "agreement"), sync_to_thread=True)
def days(lab: TheLab, name: FromPath[str]) -> list[Day]:
    """List what was done on each day."""
    return view.days(lab, name)


@get("/api/labs/{lab_name:str}/gyms", opt=may("make", "campaigns"), sync_to_thread=True)
def gyms() -> list[Gym]:
    """List the gyms that a campaign may be of, with the skills whose tasks they make."""
    return offered()


routes = (
    *(campaigns, make_campaign, campaign, change_campaign, draw_tasks, add_known_tasks),
    mark_gold,
    *(waiting, late, workers, agreement, days, gyms),
)
