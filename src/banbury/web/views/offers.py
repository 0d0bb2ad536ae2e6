"""What a person sees of their offers, and a lab of those who were found."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from banbury.errors import UnknownName
from banbury.people.matching import Rules
from banbury.people.offers import (
    Candidate,
    Left,
    Offers,
    Openings,
    Profile,
    Profiles,
    Round,
    Shown,
    Standings,
)
from banbury.people.offers.openings import Listed
from banbury.people.standing import explained
from banbury.people.standing.standing import State
from banbury.store import House, Lab


class Stand(msgspec.Struct, frozen=True):
    """How the person stands in a skill in which work was ever paused.

    Attributes:
        skill: which.
        state: `working`, `paused`, `appealed` or `upheld`.
        words: what that means, why, and what can be done.
        appeal: whether they can appeal now.
    """

    skill: str
    state: State
    words: list[str]
    appeal: bool


class Mine(msgspec.Struct, frozen=True):
    """All that there is about a person's offers.

    Attributes:
        profile: what they say; None if nothing yet.
        skills: those of which something is believed, with the number of results.
        offers: newest first.
        standings: where work was ever paused.
        left: the hours that they can still be offered; None if they look for no work.
    """

    profile: Profile | None
    skills: dict[str, int]
    offers: list[Shown]
    standings: list[Stand]
    left: Left | None = None


class Found(msgspec.Struct, frozen=True):
    """A campaign's open places, and who was found.

    Attributes:
        openings: oldest first.
        people: by opening.
    """

    openings: list[Listed]
    people: list[Candidate]


class Opened(msgspec.Struct, frozen=True):
    """New places, and what the round of matching after it did in this lab's favour.

    Attributes:
        opening: id.
        offered: how many of the places are offered to somebody now.
    """

    opening: str
    offered: int


def mine(house: House, account: str) -> Mine:
    """Return all about a person's offers."""
    profiles, standings = Profiles(house), Standings(house)
    held = [standings.get(account, skill) for skill in standings.skills(account)]
    return Mine(
        profiles.get(account),
        {skill: b.results for skill, b in profiles.beliefs(account).items()},
        Offers(house).mine(account),
        [Stand(s.skill, s.state, explained(s), "appeal" in s.can) for s in held],
        Offers(house).hours(account),
    )


def titles(house: House, offers: Iterable[Shown]) -> dict[str, str]:
    """Return what people call the campaigns of offers that wait for an answer, by offer."""
    named = {}
    for one in offers:
        if one.state == "offered":
            with suppress(UnknownName):
                campaign = house.lab(one.lab, create=False).queue.campaign(one.campaign)
                named[one.id] = campaign.title or one.campaign
    return named


def found(house: House, lab: str, campaign: str) -> Found:
    """Return a campaign's open places, and who was found."""
    openings = Openings(house)
    return Found(openings.listed(lab, campaign), openings.found(lab, campaign))


def untold(lab: Lab, campaign: str, found: Found) -> set[str]:
    """Return skills that are asked for and of which the work that waits tells nothing."""
    if not lab.queue.progress(campaign).waiting:
        return set()
    asked = {skill for one in found.openings for skill in one.asked.skills}
    return {skill for skill in asked if not lab.queue.has(campaign, skill)}


def offered(house: House, lab: str, opening: str) -> Opened:
    """Match all that is open, and say what came of one opening."""
    match(house)
    one = next(o for o in Openings(house).listed(lab) if o.id == opening)
    return Opened(opening, one.offered)


def match(house: House) -> Round:
    """Match all that is open by the house's usual rules."""
    return Offers(house).match(Rules())
