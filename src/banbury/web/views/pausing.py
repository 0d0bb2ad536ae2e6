"""Where work is paused, a seat gives out none of it, says why, and lets people requalify."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury.people.ability.parts import within
from banbury.people.offers import Standings
from banbury.people.standing import Standing, explained
from banbury.store import House, Lab
from banbury.store.queue import Kind, Lease


class Away(msgspec.Struct, frozen=True):
    """The skills in which somebody's work is paused.

    Attributes:
        standings: of these skills.
        left: of those in which they set out to requalify, how many test tasks they may still do.
    """

    standings: tuple[Standing, ...] = ()
    left: dict[str, int] = {}

    @property
    def skills(self) -> list[str]:
        """Return the paused skills."""
        return [s.skill for s in self.standings]


def away(house: House, account: str) -> Away:
    """Return where a person's work is paused."""
    standings = Standings(house)
    held = standings.away(account)
    ways = {s.skill: standings.way_back(account, s.skill) for s in held if s.trying}
    return Away(tuple(held), {skill: way.left for skill, way in ways.items() if way is not None})


def claimed(
    lab: Lab,
    paused: Away,
    campaign: str,
    person: str,
    grant: str,
    count: int,
    kinds: Sequence[Kind] = ("work",),
    barred: Sequence[str] = (),
) -> list[Lease]:
    """Claim tasks for a person, none of a skill in which their work is paused.

    Whoever set out to requalify in one gets its test tasks first, no more than they may do.
    """
    held: list[Lease] = []
    if count > 0 and "work" in kinds:
        for skill, left in paused.left.items():
            more = min(count - len(held), left - _holds(lab, campaign, person, skill))
            if more > 0:
                held += lab.queue.gold.claim(campaign, person, grant, more, [skill])
    if len(held) < count:
        held += lab.queue.claim(
            campaign, person, grant, count - len(held), kinds, without=paused.skills, barred=barred
        )
    return held


def why(lab: Lab, paused: Away, campaign: str) -> tuple[str, str]:
    """Return why a pause takes tasks of a campaign from somebody, and of which skill; else ""."""
    for standing in paused.standings:
        if lab.queue.has(campaign, standing.skill):
            said = explained(standing)
            words = " ".join(said[:2])
            if (left := paused.left.get(standing.skill)) is not None:
                words += (
                    f" You set out to come back, and may still do {left} test tasks of it; "
                    "in this campaign there are none for you now."
                )
            return words, standing.skill
    return "", ""


def _holds(lab: Lab, campaign: str, person: str, skill: str) -> int:
    """Return how many tasks of a skill a person holds in a campaign."""
    held = [e for e in lab.queue.held(person, campaign) if e.kind == "work"]
    shows = lab.queue.campaign(campaign).shows
    return sum(within(shows or lab.task(e.task).skill, skill) for e in held)
