"""Why somebody was offered something, in plain words."""

from __future__ import annotations

import math

import numpy as np

from banbury.people.matching.free import free
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
    said.append(_time(person, opening))
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


def told(offer: Offer, person: Person, opening: Opening, rules: Rules) -> list[str]:
    """Return why the lab is sent this person, one sentence each, about them; no name, no rate."""
    said = [
        f"{skill}: {_range(person.beliefs[skill], opening)} of such work is done well, believed "
        f"from {_results(person.beliefs[skill].results)}."
        for skill in sorted(opening.skills)
    ]
    said.append(f"{offer.quality:.0%} of the work here is expected to be good.")
    if opening.languages:
        said.append(f"Speaks {_listed(sorted(opening.languages))}.")
    said.append(f"Has time for {opening.hours:g} hours before it is due.")
    if offer.explored:
        said.append("One of the places given to find out more about somebody.")
    if person.results < rules.newcomer_results:
        said.append("A newcomer.")
    return said


def _time(person: Person, opening: Opening) -> str:
    left = float(free([person], np.array([opening.weeks]))[0, 0])
    ways = ["at the times you state"] if person.windows is not None else []
    ways += ["after what you took on or are offered already"] if person.owed else []
    what = f" ({', '.join(ways)})" if ways else ""
    return (
        f"It is {opening.hours:g} hours of work in {_weeks(opening.weeks)}; until then you have "
        f"{max(opening.hours, round(left, 1)):g} hours free{what}."
    )


def _skill(skill: str, belief: Belief, opening: Opening) -> str:
    return (
        f"It needs {skill}. From {_results(belief.results)} we believe that you do "
        f"{_range(belief, opening)} of such work well."
    )


def _range(belief: Belief, opening: Opening) -> str:
    """The middle four fifths of what is believed."""
    wide = 1.28 * math.sqrt(belief.variance)
    low, high = (_chance(belief.mean + z, opening) for z in (-wide, wide))
    return f"between {low:.0%} and {high:.0%}"


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
