"""The way back after a pause: fresh gold tasks, tested against what the pause found.

Somebody whose work is still as it was when it was paused comes back with a chance of at most one in
twenty, however often they look: a bet on each score that its mean lies above the largest that the
pause left possible, at the stake that grows fastest where the mean is what is asked for
(Waudby-Smith & Ramdas 2024, JRSS-B 86(1)). It is a test of its own, apart from the one that pauses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from banbury.people.standing.finding import Finding, Result

ALPHA = 0.05
MOST = 40
"""Gold tasks after which a pause cannot be ended by more of them; a person may still lift it."""
_LEAST, _APART = 0.05, 0.1


class Requalifying(msgspec.Struct, frozen=True):
    """How far somebody is on the way back.

    Attributes:
        n: gold tasks answered since the pause.
        score: their mean, 0 where there is none.
        line: what is asked for.
        was: the mean that the test bets against.
        evidence: what the bet owns, from one coin; the pause ends at `needed`.
        needed: one over the chance of a false return.
        back: the evidence says that work is as it should be.
        left: how many gold tasks may still be done.
    """

    n: int
    score: float
    line: float
    was: float
    evidence: float
    needed: float
    back: bool
    left: int

    @property
    def progress(self) -> float:
        """Return how far the evidence is on its way, in [0, 1], on a scale that adds up."""
        grown = math.log(max(self.evidence, 1.0)) / math.log(self.needed)
        return 1.0 if self.back else min(1.0, grown)


def requalifying(finding: Finding, results: Sequence[Result]) -> Requalifying:
    """Return how far the gold tasks among the results since a pause lead.

    Args:
        finding: of the pause.
        results: since then, in the order in which they came; reviews among them do not count.
    """
    line = finding.line
    was = min(max(finding.high, _LEAST), line - min(_APART, line / 2))
    stake = (line - was) / (was * (1 - was))
    gold = [r.score for r in results if r.kind == "gold"][:MOST]
    coins, back = 1.0, False
    for score in gold:
        coins *= max(0.0, 1 + stake * (score - was))
        back = back or coins >= 1 / ALPHA
    mean = sum(gold) / len(gold) if gold else 0.0
    return Requalifying(len(gold), mean, line, was, coins, 1 / ALPHA, back, MOST - len(gold))
