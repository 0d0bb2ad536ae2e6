"""The people of a lab."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from banbury.accounts import Role, allowed
from banbury.accounts.members import MANY
from banbury.accounts.permissions import ROLES
from banbury.people.interviews.graders import alone
from banbury.web.context import Asking, TheAccounts, TheHouse
from banbury.web.guard import may
from banbury.web.origin import here_only, shown_origin
from banbury.web.rendering import page

DOES: dict[Role, str] = {
    "owner": "Owners may do everything, and decide who is in the lab.",
    "researcher": "Researchers start the stages of the loop, make tasks, campaigns and releases.",
    "reviewer": "Reviewers check what others made, and see everything.",
    "expert": "Experts do tasks and see their own work.",
}


@get(
    "/labs/{lab_name:str}/people",
    opt=may("see", "people"),
    include_in_schema=False,
    sync_to_thread=True,
)
def people(
    request: Request[Any, Any, Any],
    accounts: TheAccounts,
    house: TheHouse,
    caller: Asking,
    lab_name: FromPath[str],
    search: FromQuery[str] = "",
    role: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Template:
    """Show a page of members, and who is invited."""
    only: Role | None = next((r for r in ROLES if r == role), None)
    found = accounts.members.page(lab_name, search, only, after, whole=caller.operator)
    origin = shown_origin(request)
    invited = allowed(caller, "see", "invitations", lab_name)
    return page(
        request,
        "people.html",
        "people",
        found=found,
        counts=accounts.members.counts(lab_name),
        invitations=accounts.links.invitations(lab_name) if invited else [],
        origin=origin,
        here_only=here_only(origin),
        many=MANY,
        roles=ROLES,
        does=DOES,
        stuck=alone(house, lab_name),
        search=search,
        only=only,
        more={"search": search, "role": only or "", "after": found.after},
    )


routes = (people,)
