"""The page of the copies that left a lab, for its owners."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Template

from banbury.store.deliveries import MACHINE
from banbury.web.context import TheLab
from banbury.web.guard import may
from banbury.web.rendering import page
from banbury.web.views import deliveries as views


@get(
    "/labs/{lab_name:str}/deliveries",
    opt=may("see", "deliveries"),
    include_in_schema=False,
    sync_to_thread=True,
)
def deliveries(
    request: Request[Any, Any, Any],
    lab: TheLab,
    after: FromQuery[str] = "",
    person: FromQuery[str] = "",
    erased: FromQuery[str] = "",
) -> Template:
    """Show a page of the list: all, those with work of a person, or of somebody erased since."""
    found = views.listing(lab, after, person.strip(), bool(erased))
    return page(
        request,
        "deliveries.html",
        "releases",
        found=found,
        machine=MACHINE,
        person=person.strip(),
        only_erased=bool(erased) and not person.strip(),
        more={"person": person.strip(), "erased": erased, "after": found.next},
    )


routes = (deliveries,)
