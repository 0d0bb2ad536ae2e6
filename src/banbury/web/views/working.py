"""Where a person works now: in one lab at a time, which they leave by a click or by being done."""

from __future__ import annotations

from banbury.accounts.caller import Caller
from banbury.errors import UnknownName
from banbury.store import House, Lab
from banbury.store.grants import Grant


def begin(house: House, lab: Lab, caller: Caller, campaign: str) -> Grant:
    """Return the grant to work in a campaign; a lab in which nothing is held any more is left.

    Raises:
        InputError: the caller holds tasks in another lab, or has worked enough today.
    """
    now = house.grants.current(caller.account)
    if now is not None and now.lab != lab.name and not _holds(house, caller, now.lab):
        house.grants.end(caller.account)
    return house.grants.take(caller.account, lab.name, campaign)


def elsewhere(house: House, lab: Lab, caller: Caller) -> str:
    """Return the other lab in which the caller is at work now, "" for none."""
    now = house.grants.current(caller.account)
    return now.lab if now is not None and now.lab != lab.name else ""


def leave(house: House, caller: Caller) -> None:
    """End the caller's work where they are: what they hold stays theirs until its time is over."""
    house.grants.end(caller.account)


def _holds(house: House, caller: Caller, name: str) -> bool:
    """Say whether the caller holds anything in a lab; in one that they left, nothing."""
    person = caller.pseudonyms.get(name)
    if person is None:
        return False
    try:
        return bool(house.lab(name, create=False).queue.held(person))
    except UnknownName:
        return False
