"""The banks of a house, as their authors wrote them."""

from __future__ import annotations

from banbury.gyms.interview.bank import Bank
from banbury.people.interviews.banks import Banks
from banbury.store import House


def banks_of(house: House) -> dict[str, Bank]:
    """Return the banks of a house by skill."""
    return {skill: held.bank for skill, held in Banks(house).authored().items()}
