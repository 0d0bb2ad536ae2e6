"""The standing report: does the interview predict, and whom does it treat how."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Template

from banbury.people.prediction.html import fragment
from banbury.web.api.prediction import report_of
from banbury.web.context import Asking, TheHouse
from banbury.web.guard import may
from banbury.web.rendering import page


@get("/prediction", opt=may("see", "prediction"), include_in_schema=False, sync_to_thread=True)
def prediction(
    request: Request[Any, Any, Any],
    house: TheHouse,
    caller: Asking,
    simulate: FromQuery[bool] = False,
) -> Template:
    """Show the report of the house's own rows, or of a simulation, which says that it is one."""
    found = report_of(request, house, caller, simulate)
    return page(request, "prediction.html", "inbox", report=found, fragment=fragment(found))


routes = (prediction,)
