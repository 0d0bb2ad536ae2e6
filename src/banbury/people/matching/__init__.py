"""Who is offered which work: assignment by expected quality per cost, under constraints.

`match` solves for everybody at once and says how far from the best possible plan it can be.
`Matching` keeps the result and takes in one person's change at a time. Each offer has its reasons.
"""

from banbury.people.matching.check import broken
from banbury.people.matching.matching import Matching
from banbury.people.matching.opening import Opening
from banbury.people.matching.person import Belief, Person
from banbury.people.matching.plan import Offer, Plan
from banbury.people.matching.reasons import reasons
from banbury.people.matching.rules import Rules
from banbury.people.matching.settled import Settled
from banbury.people.matching.solve import match

__all__ = [
    "Belief",
    "Matching",
    "Offer",
    "Opening",
    "Person",
    "Plan",
    "Rules",
    "Settled",
    "broken",
    "match",
    "reasons",
]
