"""Rules: the words and rules of a campaign, as whoever runs it sets them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from banbury.accounts.caller import Caller
from banbury.errors import InputError
from banbury.gyms import registry
from banbury.gyms.labelling.controls import read_controls
from banbury.people.offers.profiles import skill_named
from banbury.store import Lab
from banbury.store.queue import Campaign
from banbury.web.views import uploads

_LONGEST = {"title": 300, "instructions": 100_000, "settings": 2_000_000}
"""Characters, of settings bytes as JSON: every page of the campaign, and each list, sends them."""
_WORDS = ("new", ".", "..")
"""Names that addresses use for something else."""


class NewCampaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign to make; see `Campaign` for the meaning of each part."""

    name: str
    gym: str
    title: str = ""
    instructions: str = ""
    overlap: int = 1
    review: float = 1.0
    enough: float = 0.8
    lease_seconds: int = 1800
    hold: int = 10
    line: float = 0.7
    shows: str = ""
    settings: dict[str, Any] = {}


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a campaign; what is left out stays."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    instructions: str | msgspec.UnsetType = msgspec.UNSET
    overlap: int | msgspec.UnsetType = msgspec.UNSET
    review: float | msgspec.UnsetType = msgspec.UNSET
    enough: float | msgspec.UnsetType = msgspec.UNSET
    lease_seconds: int | msgspec.UnsetType = msgspec.UNSET
    hold: int | msgspec.UnsetType = msgspec.UNSET
    line: float | msgspec.UnsetType = msgspec.UNSET
    shows: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def _addressed(name: str) -> bool:
    """Say whether a name can be a part of an address, and stand in one line."""
    return "/" not in name and not any(unicodedata.category(c) == "Cc" for c in name)


def make(lab: Lab, caller: Caller, new: NewCampaign) -> Campaign:
    """Keep a new campaign.

    Raises:
        UnknownName: there is no such gym.
        InputError: a rule makes no sense, or the name is in use.
    """
    registry.gym(new.gym)
    if new.name != new.name.strip() or new.name in _WORDS or not _addressed(new.name):
        raise InputError(
            f"{new.name[:100]!r} cannot be a campaign's name",
            do="choose one without a slash, a line's end or a space at its ends, other than 'new'",
        )
    parts = msgspec.structs.asdict(new)
    _short(parts)
    _named(parts)
    _settled(new.gym, new.settings)
    return lab.queue.put(Campaign(**parts, made_by=caller.pseudonyms.get(lab.name, "")))


def change(lab: Lab, name: str, what: Changes) -> Campaign:
    """Change a campaign's rules or words.

    Raises:
        UnknownName: there is no such campaign.
        InputError: a rule makes no sense.
    """
    given = {k: v for k, v in msgspec.structs.asdict(what).items() if v is not msgspec.UNSET}
    _short(given)
    _named(given)
    if "settings" in given:
        _settled(lab.queue.campaign(name).gym, given["settings"])
    return lab.queue.change(name, **given)


def _named(given: dict[str, Any]) -> None:
    """Read what work shows as people write it: `Tax law` is `tax_law`.

    Raises:
        InputError: this cannot be a skill's name.
    """
    if given.get("shows"):
        given["shows"] = skill_named(given["shows"])


def _short(given: Mapping[str, Any]) -> None:
    """Refuse words that nobody would read.

    Raises:
        InputError: which.
    """
    for name, most in _LONGEST.items():
        value = given.get(name, "")
        size = len(value if isinstance(value, str) else msgspec.json.encode(value))
        if size > most:
            raise InputError(f"{size:,} characters are too many; the most are {most:,}", where=name)


def _settled(gym: str, settings: Mapping[str, Any]) -> None:
    """Refuse questions that nobody could answer, in the form's words, and a bound that is none.

    Raises:
        InputError: which, and why.
    """
    if gym in uploads.GYMS:
        uploads.bounded(settings)
    if gym != "labelling" or not settings.get("controls"):
        return
    try:
        read_controls(msgspec.json.encode(settings["controls"]), "settings.controls")
    except InputError as error:
        where, _, name = error.where.partition(", control ")
        what = error.what.replace("control", "question")
        named = f"question {name}: " if name.strip("'") else ""
        raise InputError(named + what, where=where, do=error.do) from None
