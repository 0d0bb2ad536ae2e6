"""Pages of interviews: what there is, how it goes, the seat, what came of it."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from banbury import clock
from banbury.errors import UnknownName
from banbury.people.interviews import Interviews
from banbury.people.interviews.graders import alone
from banbury.people.resumes import Resumes
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import interviews as view

_SEE = may("see", "interviews")


@get("/interviews", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def interviews(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show the skills in which the caller can be interviewed, and their tries."""
    skills = view.offered(house, caller)
    return page(request, "interviews.html", "inbox", skills=skills, now=clock.wall_ns())


@get("/interviews/new", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def new(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, skill: FromQuery[str]
) -> Template:
    """Show what an interview is, what becomes of it, and what one agrees to.

    Raises:
        UnknownName: there is no such interview for the caller.
    """
    skills = {one.skill: one for one in view.offered(house, caller)}
    if skill not in skills:
        raise UnknownName("skill", skill[:100], skills)
    return page(
        request,
        "interview_new.html",
        "inbox",
        s=skills[skill],
        agreement=view.agreement(),
        voice=view.VOICE,
        model=bool(request.app.state.judges),
        resume=bool(Resumes(house).get(caller.account)),
    )


@get("/interviews/resume", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def resume(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show one's own résumé, and how to hand one in."""
    text = Resumes(house).get(caller.account)
    model = bool(request.app.state.judges)
    return page(request, "resume.html", "inbox", text=text, model=model)


@get("/interviews/{interview:str}", opt=_SEE, include_in_schema=False, sync_to_thread=True)
def interview(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, interview: FromPath[str]
) -> Template:
    """Show the seat of an interview that goes on, or what came of it."""
    held = Interviews(house).get(interview, caller.account)
    title = view.title(house, held)
    if held.ended_ns is None:
        speech = bool(request.app.state.speech)
        return page(request, "interview.html", "inbox", held=held, title=title, speech=speech)
    found = view.outcome(house, held)
    skills = {one.skill: one for one in view.offered(house, caller)}
    return page(
        request,
        "interview_result.html",
        "inbox",
        held=held,
        title=title,
        found=found,
        offered=skills.get(held.skill),
        now=clock.wall_ns(),
        names=view.KINDS,
        ends=view.ENDS,
    )


@get(
    "/labs/{lab_name:str}/interviews",
    opt=may("review", "interviews"),
    include_in_schema=False,
    sync_to_thread=True,
)
def appeals(request: Request[Any, Any, Any], house: TheHouse, lab: TheLab) -> Template:
    """Show the appeals against results in this lab, and whether answers wait for nobody."""
    waiting, stuck = view.appeals(house, lab.name), alone(house, lab.name)
    return page(request, "interview_appeals.html", "people", waiting=waiting, stuck=stuck)


@get(
    "/labs/{lab_name:str}/interviews/{interview:str}",
    opt=may("review", "interviews"),
    include_in_schema=False,
    sync_to_thread=True,
)
def appeal(
    request: Request[Any, Any, Any], house: TheHouse, lab: TheLab, interview: FromPath[str]
) -> Template:
    """Show an appeal with every question, answer and key, for whoever decides it."""
    case = view.case(house, lab.name, interview)
    return page(request, "interview_appeal.html", "people", case=case)


routes = (interviews, new, resume, interview, appeals, appeal)
