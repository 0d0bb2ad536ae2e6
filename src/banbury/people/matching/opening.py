"""Places of a campaign that are open."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from banbury.errors import InputError


class Opening(msgspec.Struct, frozen=True):
    """Open places that ask for the same: one person takes at most one of them.

    Attributes:
        id: whatever names it to the caller.
        campaign: one person takes at most one place in a campaign.
        lab: whose campaign it is.
        skills: weight of each skill that is needed, above 0; the quality of a person's work
            depends on the weighted mean of these skills.
        places: how many people are wanted.
        hours: hours of work of one place, all of them before the deadline.
        weeks: weeks until the deadline.
        languages: all of these are needed.
        difficulty: of the work, in logits.
        least: least expected quality of whoever is offered a place, in [0, 1].
        rate: most that an hour may cost; cheaper people count for more, see `Rules.thrift`.
        weight: how much good work here counts beside that elsewhere.
        taken: places that are held and not among `places`; the house's shares count these too.
        drawn: how many were given by a draw already.
        fresh: how many newcomers hold already.
    """

    id: str
    campaign: str
    lab: str
    skills: Mapping[str, float]
    places: int = 1
    hours: float = 5.0
    weeks: float = 1.0
    languages: frozenset[str] = frozenset()
    difficulty: float = 0.0
    least: float = 0.0
    rate: float = 1.0
    weight: float = 1.0
    taken: int = 0
    drawn: int = 0
    fresh: int = 0


def check_opening(opening: Opening) -> Opening:
    """Return the opening if it can be matched, else raise InputError."""
    where = f"opening {opening.id!r}"
    if not opening.skills or not all(0 < w < math.inf for w in opening.skills.values()):
        raise InputError(
            "an opening needs at least one skill, each with a weight above 0", where=where
        )
    positive = (opening.weight, opening.hours)
    numbers = (*positive, opening.weeks, opening.rate, opening.difficulty)
    if (
        not all(map(math.isfinite, numbers))
        or min(positive) <= 0
        or min(opening.weeks, opening.rate, opening.places) < 0
        or not min(opening.drawn, opening.fresh) >= 0
        or max(opening.drawn, opening.fresh) > opening.places + opening.taken
        or not 0 <= opening.least <= 1
    ):
        raise InputError(
            "hours, weeks, places, rate, weight, difficulty or least quality are no usable number",
            where=where,
            do="give finite numbers: hours and weight above 0, least in [0, 1], none below 0",
        )
    return opening
