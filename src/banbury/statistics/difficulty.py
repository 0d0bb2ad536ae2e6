"""Walk a skill's difficulties to one at which the pass rate lies within a band.

At a rate near 0 or 1 a rollout teaches nothing, and a group of them has no signal for
reinforcement learning; so the difficulty is turned until some pass and some fail. The walk halves
the settings, as if harder ones passed less often, and tries each by batches until its place is
shown:

- `too hard`: a rate of twice the band's lower end or more is refuted;
- `too easy`: likewise at the upper end, with failures in the place of passes;
- `within`: half the lower end or less is refuted, and likewise at the upper end;
- `unsure`: none of these after the most rollouts; the walk then follows the estimate.

Each is read from Robbins' confidence sequence at `alpha`, so for one setting it is wrong with
probability at most alpha however often one looks; who walks many settings shares the error first.
Halving would not notice settings that are out of order. So where it ends without one within the
band, each of the others gets one batch, and more if some of it pass and some fail; `ordered` says
whether an easier setting is shown to pass less often than a harder one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.errors import InputError
from banbury.statistics.inputs import check_level
from banbury.statistics.sequences import BernoulliSequence

Standing = Literal["too hard", "within", "too easy", "unsure"]


class Setting(msgspec.Struct, frozen=True):
    """One setting that was tried: its place in the order, counts, sequence, and what they show."""

    index: int
    n: int
    passes: int
    low: float
    high: float
    standing: Standing


class Walk:
    """The walk over `settings` settings of one skill, the easiest first.

    Ask `next` for the setting to try and how often, and `update` with what came of it, until
    `next` returns None. The same results give the same walk.
    """

    def __init__(
        self,
        settings: int,
        alpha: float = 0.05,
        *,
        batch: int = 6,
        most: int = 36,
        band: tuple[float, float] = (0.1, 0.9),
    ) -> None:
        if settings < 1 or not 1 <= batch <= most:
            what = f"{settings} settings in batches of {batch}, at most {most}"
            raise InputError(what, where="Walk", do="give at least one of each")
        if not 0 < band[0] < 0.5 < band[1] < 1:
            raise InputError(f"a band {band}", where="Walk", do="give one around a half")
        self._alpha = check_level(alpha, "Walk", "alpha")
        self._batch, self._most, self._band = batch, most, band
        self._tried: dict[int, BernoulliSequence] = {}
        self._spent: dict[int, int] = {}
        self._left, self._right = 0, settings - 1
        self._all = range(settings)
        self._glancing = False
        self._at: int | None = (settings - 1) // 2 if settings > 1 else None

    def next(self) -> tuple[int, int] | None:
        """Return (index of the setting, rollouts), None at the end."""
        if self._at is None:
            return None
        return self._at, min(self._batch, self._most - self._spent.get(self._at, 0))

    def update(self, passes: int, n: int, *, asked: int | None = None) -> None:
        """Take in a batch at the setting that `next` named; `asked` counts failed ones too.

        A setting whose whole batch failed for want of infrastructure is left as it is.
        """
        if self._at is None:
            raise InputError("the walk is over", where="Walk.update")
        spent = n if asked is None else asked
        self._tried.setdefault(self._at, BernoulliSequence(self._alpha)).update(passes, n)
        self._spent[self._at] = self._spent.get(self._at, 0) + spent
        over = self._spent[self._at] >= self._most or n == 0
        over |= self._glancing and not self._band[0] <= self._rate(self._at) <= self._band[1]
        if over or self._standing(self._at) != "unsure":
            self._at = self._step(self._at)

    @property
    def tried(self) -> list[Setting]:
        """The settings that were tried, the easiest first."""
        return [
            Setting(i, s.n, s.successes, s.low, s.high, self._standing(i))
            for i, s in sorted(self._tried.items())
        ]

    @property
    def chosen(self) -> int:
        """The setting to use: shown within the band if there is one, else nearest to a half.

        Of those that all fail it is the easiest, of those that all pass the hardest.
        """
        ranked = []
        for t in self.tried:
            if t.n:
                rate = t.passes / t.n
                last = t.index if rate < 0.5 else -t.index
                ranked.append((t.standing != "within", abs(rate - 0.5), last, t.index))
        return min(ranked)[3] if ranked else 0

    @property
    def ordered(self) -> bool:
        """False where an easier setting is shown to pass less often than a harder one."""
        tried = self.tried
        return all(a.high >= b.low for i, a in enumerate(tried) for b in tried[i + 1 :])

    def _standing(self, index: int) -> Standing:
        s, (low, high) = self._tried[index], self._band
        if s.high < 2 * low:
            return "too hard"
        if s.low > 1 - 2 * (1 - high):
            return "too easy"
        return "within" if s.low > low / 2 and s.high < 1 - (1 - high) / 2 else "unsure"

    def _rate(self, index: int) -> float:
        s = self._tried[index]
        return s.successes / s.n if s.n else 0.5

    def _step(self, at: int) -> int | None:
        """Return the next setting to try, None at the end."""
        rate, standing = self._rate(at), self._standing(at)
        if standing == "too hard" or (standing == "unsure" and rate < self._band[0]):
            self._right = at - 1
        elif standing == "too easy" or (standing == "unsure" and rate > self._band[1]):
            self._left = at + 1
        else:
            return None
        if self._left <= self._right and not self._glancing:
            return (self._left + self._right) // 2
        self._glancing = True
        return next((i for i in self._all if i not in self._tried), None)
