"""How a person stands in a skill: at work, paused with reasons, or asking for another look.

Work pauses when a sequential test on gold tasks and reviews shows that quality fell below what is
asked for, and never on one reviewer's word. A pause is explained, can be appealed, and ends.
"""

from banbury.people.standing.explained import explained
from banbury.people.standing.finding import Finding, Result, found
from banbury.people.standing.standing import Act, Standing, after

__all__ = ["Act", "Finding", "Result", "Standing", "after", "explained", "found"]
