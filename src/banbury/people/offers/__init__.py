"""Offers as rows of the house: who looks for work, what is open, who was offered what and why."""

from banbury.people.offers.live import Live
from banbury.people.offers.offers import Left, Offers, Round, Shown
from banbury.people.offers.openings import Asked, Candidate, Openings
from banbury.people.offers.profiles import Profile, Profiles, Stated
from banbury.people.offers.standings import Standings

__all__ = [
    "Asked",
    "Candidate",
    "Left",
    "Live",
    "Offers",
    "Openings",
    "Profile",
    "Profiles",
    "Round",
    "Shown",
    "Standings",
    "Stated",
]
