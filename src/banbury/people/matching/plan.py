"""A plan: who is offered what, and how far it can be from the best."""

from __future__ import annotations

import msgspec


class Offer(msgspec.Struct, frozen=True):
    """One place offered to one person.

    Attributes:
        person: id.
        opening: id.
        explored: whether this is one of the places that are given by a draw.
        quality: expected quality of this person's work here, in [0, 1], by the mean belief.
        value: what the offer adds to the plan: weight * quality (by the draw where it is
            explored) * cheapness.
    """

    person: str
    opening: str
    explored: bool
    quality: float
    value: float


class Plan(msgspec.Struct, frozen=True):
    """Offers that keep all rules, and a proof of how good they are.

    Attributes:
        offers: by opening, then person.
        value: sum of the offers' values.
        bound: no plan that gives newcomers as many places has a value above this.
        places: how many places were open.
        newcomers: how many offers go to newcomers.
        wanted: how many newcomers the rules ask for.
        seconds: time that it took.
    """

    offers: tuple[Offer, ...]
    value: float
    bound: float
    places: int
    newcomers: int
    wanted: int
    seconds: float

    @property
    def share(self) -> float:
        """Return the proven share of the best possible value; 1 where nothing can be had."""
        return min(1.0, self.value / self.bound) if self.bound > 0 else 1.0
