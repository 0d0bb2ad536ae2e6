"""The people of a lab, and who is invited to it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from banbury.accounts import Role
from banbury.accounts.link import Link, Made
from banbury.accounts.links import INVITE_HOURS
from banbury.accounts.members import Members
from banbury.web.context import Asking, TheAccounts
from banbury.web.guard import may


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new role."""

    role: Role


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An invitation to be made; with an e-mail, nobody else can use it."""

    role: Role
    email: str = ""
    hours: int = INVITE_HOURS


@get("/api/labs/{lab_name:str}/people", opt=may("see", "people"), sync_to_thread=True)
def people(
    accounts: TheAccounts,
    caller: Asking,
    lab_name: FromPath[str],
    search: FromQuery[str] = "",
    role: FromQuery[Role | None] = None,
    after: FromQuery[str] = "",
) -> Members:
    """List a lab's people, 50 a page, or those with a word that begins with `search`.

    Owners and researchers have names; who works for the lab has a pseudonym, but to the operator.
    """
    return accounts.members.page(lab_name, search, role, after, whole=caller.operator)


@patch(
    "/api/labs/{lab_name:str}/people/{person:str}",
    opt=may("change", "people"),
    status_code=204,
    sync_to_thread=True,
)
def change(
    accounts: TheAccounts,
    caller: Asking,
    lab_name: FromPath[str],
    person: FromPath[str],
    data: JSONBody[Change],
) -> None:
    """Give a member, by account or pseudonym, another role."""
    account = accounts.members.account(lab_name, person, whole=caller.operator)
    accounts.members.change_role(lab_name, account, data.role, caller)


@delete(
    "/api/labs/{lab_name:str}/people/{person:str}",
    opt=may("remove", "people"),
    sync_to_thread=True,
)
def remove(
    accounts: TheAccounts, caller: Asking, lab_name: FromPath[str], person: FromPath[str]
) -> None:
    """End a membership, by account or pseudonym; the work stays under the pseudonym."""
    account = accounts.members.account(lab_name, person, whole=caller.operator)
    accounts.members.remove(lab_name, account)


@get("/api/labs/{lab_name:str}/invitations", opt=may("see", "invitations"), sync_to_thread=True)
def invitations(
    accounts: TheAccounts, lab_name: FromPath[str], after: FromQuery[UUID | None] = None
) -> list[Link]:
    """List a lab's open invitations, the oldest first, 50 a page, after an id."""
    return accounts.links.invitations(lab_name, str(after or ""))


@post("/api/labs/{lab_name:str}/invitations", opt=may("invite", "people"), sync_to_thread=True)
def invite(
    accounts: TheAccounts, caller: Asking, lab_name: FromPath[str], data: JSONBody[Wanted]
) -> Made:
    """Make an invitation; its link is shown this once."""
    return accounts.links.invite(caller, lab_name, data.role, data.email, data.hours)


@delete(
    "/api/labs/{lab_name:str}/invitations/{invitation:uuid}",
    opt=may("remove", "invitations"),
    sync_to_thread=True,
)
def revoke(accounts: TheAccounts, lab_name: FromPath[str], invitation: FromPath[UUID]) -> None:
    """End an invitation."""
    accounts.links.revoke(lab_name, str(invitation))


routes = (people, change, remove, invitations, invite, revoke)
