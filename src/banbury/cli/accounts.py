"""`banbury accounts list|invite|reset-link|revoke|reopen`: for whoever has the machine itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import App, Parameter

from banbury import clock, store
from banbury.accounts import Accounts, Caller, Role
from banbury.accounts.link import Made
from banbury.accounts.links import INVITE_HOURS
from banbury.accounts.people import Account
from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.errors import InputError

app = App(
    name="accounts",
    help="List accounts, invite people, let them in again.",
    help_format="plaintext",
)

Store = Annotated[str | None, Parameter(name="--store")]
Address = Annotated[str | None, Parameter(name="--address", env_var="BANBURY_ORIGIN")]
_HERE = "http://localhost:8080"


@app.command(name="list")
def list_(*, after: str = "", limit: int = 50, at: Store = None, json: Json = False) -> None:
    """List the accounts of the house by e-mail, with their roles.

    Args:
        after: begin after this e-mail.
        limit: how many.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    if limit < 1:
        raise InputError(f"a list of {limit} accounts shows nothing", do="give at least 1")
    with _opened(at) as accounts:
        found = accounts.people.listed(after, limit + 1)
    shown, more = found[:limit], len(found) > limit
    if json:
        print_json({"accounts": shown, "after": shown[-1].email if more else ""})
        return
    rows = [
        (
            a.email,
            a.name,
            ", ".join(f"{lab}: {role}" for lab, role in a.labs.items()),
            "closed" if a.closed else "operator" if a.operator else "",
        )
        for a in shown
    ]
    print_table(counted(len(shown), "account"), ("e-mail", "name", "labs", ""), rows)
    if more:
        out.print(f"\nThe next: banbury accounts list --after {shown[-1].email}", highlight=False)


@app.command
def invite(
    role: Role,
    /,
    *,
    email: str = "",
    hours: int = INVITE_HOURS,
    place: Place = Place(),
    address: Address = None,
    json: Json = False,
) -> None:
    """Make a link by which one person joins a lab, once.

    Args:
        role: owner, researcher, reviewer or expert.
        email: the only address that may use it; whoever holds the link if not given.
        hours: how long it works.
        place: where the work is kept, and which lab.
        address: where the workbench is reached; the environment's BANBURY_ORIGIN, else
            http://localhost:8080.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        lab = house.lab(place.lab, create=False).name
        accounts = Accounts(house)
        try:
            machine = Caller(account="machine", name=_who(), roles={lab: "owner"})
            made = accounts.links.invite(machine, lab, role, email, hours)
        finally:
            accounts.close()
    _show(made, address, f"Send this; it makes one person {role} of the lab {lab}:", json)


@app.command
def reset_link(
    email: str, /, *, at: Store = None, address: Address = None, json: Json = False
) -> None:
    """Make a link by which an account gets a new password, once.

    Args:
        email: of the account.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        address: where the workbench is reached; the environment's BANBURY_ORIGIN, else
            http://localhost:8080.
        json: print JSON instead.
    """
    with _opened(at) as accounts:
        account = accounts.people.named(email)
        if account.closed:
            raise InputError(
                f"the account {account.email} is closed", do="open it with banbury accounts reopen"
            )
        made = accounts.links.reset(account.id, _who())
    _show(made, address, f"Send this to {account.email}; it sets a new password:", json)


@app.command
def revoke(email: str, /, *, at: Store = None, json: Json = False) -> None:
    """Close an account: sessions, tokens and memberships end, the work under it stays.

    Args:
        email: of the account.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with _opened(at) as accounts:
        account = accounts.people.named(email)
        accounts.people.close(account.id)
    _told(account, "closed", "is closed; running servers know it within 5 seconds", json)


@app.command
def reopen(email: str, /, *, at: Store = None, json: Json = False) -> None:
    """Open a closed account again, without a password and in no lab.

    Args:
        email: of the account.
        at: folder or postgresql:// address; as BANBURY_URL or BANBURY_HOME say if not given.
        json: print JSON instead.
    """
    with _opened(at) as accounts:
        account = accounts.people.named(email)
        accounts.people.reopen(account.id)
    _told(account, "open", "is open; banbury accounts reset-link lets its person in", json)


@contextmanager
def _opened(at: str | None) -> Iterator[Accounts]:
    with store.open(at) as house:
        accounts = Accounts(house)
        try:
            yield accounts
        finally:
            accounts.close()


def _show(made: Made, address: str | None, say: str, json: bool) -> None:
    link = (address or _HERE).rstrip("/") + made.path
    hours = round((made.link.expires_ns - clock.wall_ns()) / 3600e9)
    if json:
        print_json({"link": link, "path": made.path, "expires_ns": made.link.expires_ns})
        return
    out.print(say + "\n", markup=False, highlight=False)
    out.print("    " + link, markup=False, highlight=False, soft_wrap=True)
    out.print(f"\nIt works once, for {counted(hours, 'hour')}.", highlight=False)


def _told(account: Account, state: str, say: str, json: bool) -> None:
    if json:
        print_json({"email": account.email, "state": state})
        return
    out.print(f"{account.email} {say}", markup=False, highlight=False)


def _who() -> str:
    return os.environ.get("USER", "") or "Whoever runs the machine"
