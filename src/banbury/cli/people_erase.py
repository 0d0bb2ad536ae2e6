"""`banbury people erase|copies`: erase somebody, and tell which copies of people's work left."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from banbury import store
from banbury.cli.terminal import Json, Place, counted, out, print_json, print_table
from banbury.errors import InputError, UnknownName
from banbury.people.erasing import Erased, Erasures, Plan, account_of
from banbury.store.deliveries import Delivered

_SHOWN = 5


def erase(
    email: str,
    /,
    *,
    yes: Annotated[bool, Parameter(negative="")] = False,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """Erase a person for good: their key, name and address; in each lab what they did not leave.

    What has left a lab before is listed, and stays where it is. Stopped at any moment, it goes on
    with the same command or a running worker.

    Args:
        email: of the account.
        yes: do not ask; without it the e-mail has to be typed again.
        place: where the work is kept.
        json: print JSON instead.
    """
    with store.open(place.store) as house:
        account = account_of(house, email)
        if account is None:
            raise UnknownName("account", email, ())
        erasures = Erasures(house)
        plan = erasures.plan(account)
        if not json:
            _show(email, plan)
        if plan.first:
            what, _, do = plan.first[0].partition(": ")
            raise InputError(what, do=do)
        _sure(email, yes)
        done = erasures.erase(account)
    if json:
        print_json({"erased": done, "labs": plan.labs})
        return
    _tell(done)


def copies(
    person: str = "",
    /,
    *,
    after: str = "",
    limit: int = 50,
    place: Place = Place(),
    json: Json = False,
) -> None:
    """List the copies of people's work that left a lab, the newest first.

    Args:
        person: a pseudonym: only copies with work of theirs, and how much of it.
        after: id of the copy after which to go on.
        limit: how many.
        place: where the work is kept, and which lab.
        json: print JSON instead.
    """
    with place.open(create=False) as lab:
        listed = lab.deliveries
        found = listed.of(person, after, limit) if person else listed.listed(after, limit)
    if json:
        print_json({"copies": found, "after": found[-1].id if len(found) == limit else ""})
        return
    rows = [
        (_when(d), d.kind, _what(d), d.who, f"{d.episodes:,}", str(d.people), d.sha256[:16])
        for d in found
    ]
    columns = ("when", "how", "what", "who", "episodes", "people", "sha256")
    print_table(f"Copies that left {place.lab}", columns, rows, right=("episodes", "people"))


def _show(email: str, plan: Plan) -> None:
    out.print(f"{email}: what erasing them does\n", markup=False, highlight=False)
    for lab in plan.labs:
        held = counted(lab.episodes, "episode")
        head = f"{lab.lab} ({lab.role or 'left'}, {lab.pseudonym}): {held}"
        out.print(head, markup=False, highlight=False)
        out.print(f"  {lab.words}", markup=False, highlight=False)
        for copy in lab.delivered[:_SHOWN]:
            said = (
                f"  a copy stays outside: {copy.kind} {_when(copy)}, {_what(copy)}, by {copy.who}"
            )
            out.print(f"{said}, {copy.episodes} of theirs", markup=False, highlight=False)
        if len(lab.delivered) > _SHOWN:
            more = len(lab.delivered) - _SHOWN
            out.print(f"  and {more} more: banbury people copies {lab.pseudonym} --lab {lab.lab}",
                      markup=False, highlight=False)  # fmt: skip
        if lab.unknown:
            out.print(f"  not known now: {lab.unknown}", markup=False, highlight=False)
    if not plan.labs:
        out.print("They are in no lab.")


def _sure(email: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nobody is here to confirm this", do="add --yes")
    out.print("\nNothing leads back from here. Type the e-mail address again: ", end="")
    if sys.stdin.readline().strip().lower() != email.strip().lower():
        raise InputError("the address is another one", do="nothing was done")


def _tell(done: Erased) -> None:
    if done.done:
        out.print("\nErased. The id of the account stays, without anything of the person.")
        return
    for lab, why in done.waits.items():
        out.print(f"\n{lab} waits: {why}", markup=False, highlight=False)
    out.print("The person is out; a running worker, or the same command, goes on with the rest.")


def _when(copy: Delivered) -> str:
    return datetime.fromtimestamp(copy.made_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M")


def _what(copy: Delivered) -> str:
    version = f" version {copy.version}" if copy.version else ""
    format, place = (f" ({copy.format})" if copy.format else ""), copy.place
    return f"{copy.what}{version}{format}{f', now in {place}' if place else ''}"
