"""The house's rules of matching, the same for every lab."""

from __future__ import annotations

import msgspec

from banbury.errors import InputError


class Rules(msgspec.Struct, frozen=True):
    """What holds for all offers of one round.

    Attributes:
        conflicts: pairs of labs such that nobody works for both.
        per_lab: most offers of one lab that a person holds at a time: how far one lab's data may
            rest on one person, and one person's income on one lab.
        explore: share of all places, spread over the openings by their sizes, that are given by a
            draw from what is believed (Thompson sampling) instead of its mean, so that wide
            beliefs get their chance; never more than this share.
        newcomers: share of all places that go to newcomers, as far as there are any who fit.
        newcomer_results: whoever has fewer results than this is a newcomer.
        thrift: how often cheapness counts at most: work at half the rate counts twice as much
            with 2 and more, and never more than `thrift` times; 1 ignores cost below the rate.
        seed: of the exploring draws, which depend on it, the person and nothing else.
    """

    conflicts: frozenset[tuple[str, str]] = frozenset()
    per_lab: int = 2
    explore: float = 0.1
    newcomers: float = 0.1
    newcomer_results: int = 10
    thrift: float = 1.5
    seed: int = 0

    def clash(self, lab: str, other: str) -> bool:
        """Say whether nobody may work for both labs."""
        return (lab, other) in self.conflicts or (other, lab) in self.conflicts


def check_rules(rules: Rules) -> Rules:
    """Return the rules if they can be followed, else raise InputError."""
    if not (0 <= rules.explore <= 1 and 0 <= rules.newcomers <= 1 and rules.thrift >= 1):
        raise InputError(
            "shares of places lie in [0, 1], and thrift is at least 1", where="matching rules"
        )
    if rules.per_lab < 1 or rules.seed < 0:
        raise InputError("per_lab is at least 1, and seed at least 0", where="matching rules")
    return rules
