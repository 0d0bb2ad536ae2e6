"""Pages of cases: for those who decide, for the accused, for the lab."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from banbury.web.api.cases import mine, other
from banbury.web.context import Asking, TheHouse, TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import cases as view


@get("/cases", opt=may("see", "cases"), include_in_schema=False, sync_to_thread=True)
def cases(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show what waits for a decision, and what was decided."""
    return page(request, "cases.html", "inbox", board=view.board(house, caller.account))


@get("/cases/{case:str}", opt=may("see", "cases"), include_in_schema=False, sync_to_thread=True)
def case(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, case: FromPath[str]
) -> Template:
    """Show a case to whoever may decide it."""
    found = view.sight(other(house, caller.account, case), caller.account)
    return page(request, "case.html", "inbox", case=found)


@get("/hearings", opt=may("see", "hearings"), include_in_schema=False, sync_to_thread=True)
def hearings(request: Request[Any, Any, Any], house: TheHouse, caller: Asking) -> Template:
    """Show the cases about oneself."""
    return page(request, "hearings.html", "inbox", about=view.about(house, caller.account))


@get(
    "/hearings/{case:str}",
    opt=may("see", "hearings"),
    include_in_schema=False,
    sync_to_thread=True,
)
def hearing(
    request: Request[Any, Any, Any], house: TheHouse, caller: Asking, case: FromPath[str]
) -> Template:
    """Show a case about oneself with all of its evidence, and the form of the answer."""
    found = view.sight(mine(house, caller.account, case), caller.account)
    return page(request, "hearing.html", "inbox", case=found)


@get(
    "/labs/{lab_name:str}/cases",
    opt=may("see", "signals"),
    include_in_schema=False,
    sync_to_thread=True,
)
def of_lab(request: Request[Any, Any, Any], house: TheHouse, lab: TheLab) -> Template:
    """Show what a lab sees of strange records in its campaigns."""
    return page(request, "lab_cases.html", "people", seen=view.of_lab(house, lab.name))


routes = (cases, case, hearings, hearing, of_lab)
