"""Why somebody was offered something, in plain words."""

from __future__ import annotations

import math

from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Belief, Person
from banbury.people.matching.plan import Offer
from banbury.people.matching.rules import Rules


def reasons(offer: Offer, person: Person, opening: Opening, rules: Rules) -> list[str]:
    """Return why this person was offered this place, one sentence each, addressed to them."""
    said = [_skill(skill, person.beliefs[skill], opening) for skill in sorted(opening.skills)]
    said.append(_quality(offer, opening))
    if opening.languages:
        said.append(f"It needs {_listed(sorted(opening.languages))}, which you speak.")
    said.append(
        f"It is {opening.hours:g} hours of work in {_weeks(opening.weeks)}; "
        f"you have {person.hours:g} hours a week."
    )
    if offer.explored:
        said.append(
            f"This is one of the {rules.explore:.0%} of places that we give to people whose skill "
            "we do not know well yet, to find out."
        )
    if person.results < rules.newcomer_results:
        said.append(
            f"You are new here ({_results(person.results)}); {rules.newcomers:.0%} of all places "
            "are kept for people who are."
        )
    said.append("You may refuse it. That is not held against you in any later offer.")
    return said


def _skill(skill: str, belief: Belief, opening: Opening) -> str:
    low, high = (_chance(belief.mean + z * math.sqrt(belief.variance), opening)
                 for z in (-1.28, 1.28))  # fmt: skip
    return (
        f"It needs {skill}. From {_results(belief.results)} we believe that you do between "
        f"{low:.0%} and {high:.0%} of such work well."
    )


def _quality(offer: Offer, opening: Opening) -> str:
    if opening.least:
        asked = f"; at least {opening.least:.0%} is asked for"
        if offer.quality < opening.least:
            asked += ", which you may well reach"
    else:
        asked = ""
    return f"All together we expect {offer.quality:.0%} of your work here to be good{asked}."


def _chance(mean: float, opening: Opening) -> float:
    return 1 / (1 + math.exp(min(opening.difficulty - mean, 700)))


def _results(count: int) -> str:
    return {0: "no result yet", 1: "one result"}.get(count, f"{count} results")


def _weeks(weeks: float) -> str:
    if weeks < 2:
        days = max(1, round(7 * weeks))
        return "one day" if days == 1 else f"{days} days"
    return f"{weeks:g} weeks"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
