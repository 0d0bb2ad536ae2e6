"""A sequential test of whether scores have fallen below a line, at whatever moment that was.

It may be looked at after every score, for ever: whoever never falls below the line is called fallen
with probability at most alpha in all their life, not in each look.
"""

from __future__ import annotations

import math

import numpy as np

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_level

BLOCK = 8
"""Scores from one possible beginning of a fall to the next."""
_ALIKE = 125
"""Lots that begin with the same half of their share: those of the first thousand scores."""
_STAKES = np.array([0.05, 0.1, 0.2, 0.35, 0.5, 0.7])
"""Shares of the largest stake that may be bet; each gambler bets one of them throughout."""


class DropTest:
    """Gamblers who bet that scores lie below a line, a new lot of them from time to time.

    Each bets a fixed share of what they own: a score x in [0, 1] with the line m multiplies it by
    1 + stake * (m - x). If each score's mean, given all before, is at least its line, this is a
    supermartingale (Waudby-Smith & Ramdas 2024, JRSS-B 86(1)). Each lot begins with a share of one
    coin, so that a late fall is not outweighed by a long good past (as in the e-detectors of Shin,
    Ramdas & Rinaldo 2024). What all own and what is not bet yet is one coin at first, so it
    reaches 1 / alpha with probability at most alpha (Ville's inequality).

    Attributes:
        n: how many scores there were.
        evidence: coins now; under no fall their mean is at most 1.
        fallen: whether evidence has ever reached 1 / alpha.
        since: how many scores came before the lot that owns most; where a fall may have begun.
    """

    def __init__(self, alpha: float = 0.01) -> None:
        self.alpha = check_level(alpha, "DropTest", "alpha")
        self.n = 0
        self.evidence = 1.0
        self.fallen = False
        self._lots: FloatArray = np.zeros((0, len(_STAKES)))
        self._unbet = 1.0

    @property
    def since(self) -> int:
        """Return how many scores came before the lot that owns most."""
        return BLOCK * int(self._lots.sum(axis=1).argmax()) if len(self._lots) else 0

    def update(self, score: float, line: float) -> None:
        """Add a score with its line; raise InputError where they are not in [0, 1] and (0, 1)."""
        check_level(line, "DropTest.update", "line")
        if not 0 <= score <= 1:
            raise InputError(f"a score of {score!r}", where="DropTest.update", do="give 0 to 1")
        if self.n % BLOCK == 0:
            share = _share(self.n // BLOCK)
            self._unbet = max(0.0, self._unbet - share)
            lot = np.full((1, len(_STAKES)), share / len(_STAKES))
            self._lots = np.concatenate([self._lots, lot])
        self._lots *= 1 + _STAKES / (1 - line) * (line - score)
        self.n += 1
        self.evidence = float(self._lots.sum()) + self._unbet
        self.fallen = self.fallen or self.evidence >= 1 / self.alpha

    @property
    def nats(self) -> float:
        """Return how much evidence there is on a scale that adds up, ln of the coins."""
        return math.log(self.evidence)


def _share(lot: int) -> float:
    """What a lot begins with: half by 1 / k^2, for early falls; half alike for the first 125."""
    return 0.5 / ((lot + 1) * (lot + 2)) + (0.5 / _ALIKE if lot < _ALIKE else 0.0)
