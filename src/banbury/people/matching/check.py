"""Whether a plan keeps every rule, looked up offer by offer in what was asked for.

It shares no code with the solver, so that it can be held against it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Person
from banbury.people.matching.plan import Offer
from banbury.people.matching.rules import Rules

_SLACK = 1e-6


def broken(
    offers: Iterable[Offer],
    people: Iterable[Person],
    openings: Iterable[Opening],
    rules: Rules,
) -> list[str]:
    """Return what rules the offers break, in words; an empty list if they keep all."""
    asked = {o.id: o for o in openings}
    known = {p.id: p for p in people}
    held: dict[str, list[Offer]] = defaultdict(list)
    taken: Counter[str] = Counter()
    explored = 0
    for offer in offers:
        held[offer.person].append(offer)
        taken[offer.opening] += 1
        explored += offer.explored
    found = [f"{id}: {n} places of {asked[id].places}" for id, n in taken.items()
             if n > asked[id].places]  # fmt: skip
    places = sum(o.places + o.taken for o in asked.values())
    drawn = explored + sum(o.drawn for o in asked.values())
    if explored and drawn > math.floor(rules.explore * places + _SLACK):
        found.append(f"{drawn} explored places of {places}")
    for id, mine in held.items():
        openings_held = [asked[o.opening] for o in mine]
        found += [f"{id}: {what}" for what in _alone(known[id], mine, openings_held, rules)]
        found += [f"{id}: {what}" for what in _together(known[id], openings_held, rules)]
    return found


def _alone(
    person: Person, offers: Sequence[Offer], openings: Sequence[Opening], rules: Rules
) -> Iterable[str]:
    """What is wrong with single offers."""
    for offer, opening in zip(offers, openings, strict=True):
        if not set(opening.skills) <= set(person.beliefs):
            yield f"a skill for {opening.id} is missing"
        if set(opening.skills) & person.paused:
            yield f"a skill for {opening.id} is paused"
        if not opening.languages <= person.languages:
            yield f"a language for {opening.id} is missing"
        if person.rate > opening.rate:
            yield f"{opening.id} pays {opening.rate}, they ask {person.rate}"
        if opening.id in person.away:
            yield f"{opening.id} is not to be offered"
        if any(rules.clash(opening.lab, lab) for lab in person.labs):
            yield f"{opening.lab} is in conflict with a lab of theirs"
        if not offer.explored and offer.quality < opening.least - 1e-4:
            yield f"{opening.id} asks for {opening.least}, not {offer.quality}"


def _together(person: Person, openings: Sequence[Opening], rules: Rules) -> Iterable[str]:
    """What is wrong with one person's offers taken together."""
    if len(openings) > person.most:
        yield f"{len(openings)} offers of at most {person.most}"
    if max(Counter(o.campaign for o in openings).values()) > 1:
        yield "two places in one campaign"
    if max(Counter(o.lab for o in openings).values()) > rules.per_lab:
        yield "too many offers of one lab"
    for one, other in combinations({o.lab for o in openings}, 2):
        if rules.clash(one, other):
            yield f"{one} and {other} are in conflict"
    # Work can be done in time if, for each deadline, all that is due by then fits before it.
    works = [*((o.weeks, o.hours) for o in openings), *person.owed]
    first = min(o.weeks for o in openings)
    for last in sorted({weeks for weeks, _ in works if weeks >= first}):
        due, most = sum(h for w, h in works if w <= last), _hours(person, last)
        if due > most + _SLACK:
            yield f"{due:g} hours in {last:g} weeks, in which they have {most:g} hours"


def _hours(person: Person, weeks: float) -> float:
    """The hours that a person can give by then, gone through window by window."""
    if person.windows is None:
        return person.hours * weeks
    done = 0.0
    for begin, end in person.windows:
        if begin >= weeks:
            break
        until = min(end, weeks)
        done += min(person.hours * until - done, 168 * (until - begin))
    return done
