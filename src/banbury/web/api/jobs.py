"""Jobs: start a stage, list, watch, stop, start again."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import ServerSentEvent

from banbury.accounts.permissions import allowed
from banbury.errors import UnknownName
from banbury.store.jobs import Job, State
from banbury.web.context import Asking, TheAccounts, TheLab
from banbury.web.guard import may
from banbury.web.jobs.form import Form
from banbury.web.jobs.forms import STAGES
from banbury.web.sessions import asking, code_of
from banbury.web.views import jobs as view
from banbury.web.views.made import Made, made
from banbury.web.views.stages import ALL
from banbury.web.views.stages import stage as stage_of

_LAB = "/api/labs/{lab_name:str}"
_ONE = _LAB + "/jobs/{id:str}"


@get(_LAB + "/stages", opt=may("see", "stages"))
async def stages() -> list[str]:
    """List the stages that can be started, in the loop's order."""
    return [name.replace(" ", "-") for name in STAGES]


@get(_LAB + "/stages/{verb:str}", opt=may("see", "stages"), sync_to_thread=True)
def stage(request: Request[Any, Any, Any], verb: FromPath[str]) -> Form:
    """Return what a stage may be told: the arguments of its verb."""
    form: Form = request.app.state.forms.form(verb)
    return form


@post(_LAB + "/stages/{verb:str}", opt=may("start", "stages"), sync_to_thread=True)
def start(
    request: Request[Any, Any, Any],
    lab: TheLab,
    caller: Asking,
    verb: FromPath[str],
    data: JSONBody[dict[str, Any]],
) -> Job:
    """Start a stage with these arguments; the same that waits or runs already is returned."""
    return view.start(lab, caller, request.app.state.forms, verb, data)


@get(_LAB + "/stages/{verb:str}/left/{id:str}", opt=may("see", "stages"), sync_to_thread=True)
def left(lab: TheLab, verb: FromPath[str], id: FromPath[str]) -> Made:
    """Return what a stage left, by id or name, in full."""
    found = stage_of(verb)
    if found is None:
        raise UnknownName("stage", verb[:60], [s.slug for s in ALL])
    return made(lab, found.kind, id)


@get(_LAB + "/jobs", opt=may("see", "jobs"), sync_to_thread=True)
def jobs(
    lab: TheLab,
    verb: FromQuery[str | None] = None,
    standing: FromQuery[State | None] = None,
    before: FromQuery[str | None] = None,
) -> view.JobList:
    """List jobs, the newest first."""
    return view.listed(lab, verb, standing, before)


@get(_ONE, opt=may("see", "jobs"), sync_to_thread=True)
def job(lab: TheLab, id: FromPath[str]) -> view.JobSight:
    """Return a job with the end of its log."""
    return view.sight(lab, id)


@post(_ONE + "/cancel", opt=may("remove", "jobs"), sync_to_thread=True, status_code=200)
def cancel(lab: TheLab, id: FromPath[str]) -> Job:
    """Ask to stop a job; what it has done is kept."""
    return lab.jobs.cancel(id)


@post(_ONE + "/retry", opt=may("start", "jobs"), sync_to_thread=True)
def retry(request: Request[Any, Any, Any], lab: TheLab, caller: Asking, id: FromPath[str]) -> Job:
    """Start a job that is over once more, as a new one; stages carry on where they were."""
    return view.again(lab, caller, request.app.state.forms, id)


@get(_LAB + "/events", opt=may("see", "jobs"))
async def events(
    request: Request[Any, Any, Any],
    lab: TheLab,
    accounts: TheAccounts,
    job: FromQuery[str] = "",
    start: FromQuery[int] = 0,
) -> ServerSentEvent:
    """Tell as server-sent events what becomes of the jobs, or of one of them with its log.

    Nothing is told any more once the session, the token or the role has ended.
    """
    if job:
        await asyncio.to_thread(lab.jobs.job, job)
    code = code_of(request)

    async def still() -> bool:
        return allowed(await asking(accounts, code), "see", "jobs", lab.name)

    return ServerSentEvent(request.app.state.hub.stream(lab, job, start, still))


routes = (stages, stage, left, start, jobs, job, cancel, retry, events)
