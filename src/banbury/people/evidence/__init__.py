"""What beliefs about a person rest on: rows with their sources, and how they become beliefs.

Labs tell the house of gold tasks, reviews and agreement; the interview and what came of the data
add theirs. Each row counts once, and how fast or how cheaply somebody works is in none of them.
"""

from banbury.people.evidence.entry import Entry, likelihoods
from banbury.people.evidence.ledger import Ledger
from banbury.people.evidence.objections import Objection, Objections

__all__ = ["Entry", "Ledger", "Objection", "Objections", "likelihoods"]
