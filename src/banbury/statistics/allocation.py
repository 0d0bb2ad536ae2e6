"""Which skills get the next rollouts, and which are decided: successive elimination.

All skills that are still open are tried in rounds; one that is shown to lie on one side of the
line is dropped. Three questions, kept apart:

*What is an error?* A skill called below whose rate is at or above `threshold + zone`, or called
above whose rate is at or below `threshold - zone`: a gross error. With a zone of 0 every wrong
side is one.

*What bounds it?* For each skill a likelihood ratio: the chance of its results by a bettor who
knows only what came before, over their chance at the rate p. Under p that is a martingale of mean
1, whoever bets and however: by Ville's inequality it ever reaches K / alpha with probability at
most alpha / K (Robbins 1970; Ramdas et al. 2023, Statistical Science 38(4), "plug-in"). A skill is
called below once every rate from `threshold + zone` up is refuted in that way. Its true rate makes
at most one of its two calls an error, so the chance of any gross error among K skills, at any time,
is at most alpha, whatever the rates, the prior and the allocation. Scores between 0 and 1 instead
of passes keep the bound (by convexity the ratio is a supermartingale; Howard et al. 2021).

*What is the prior for?* The bettor learns from all skills of the same domain by `Hierarchy`, with
a tenth of the stake on Jeffreys' prior, so that a wrong hierarchy costs at most log 10 = 2.3 of
evidence. It also says where rollouts are best spent, and which skills lie so near the line that
more would not tell: these stay `undecided`. None of that can make a call wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from banbury.errors import InputError
from banbury.statistics.hierarchy import Hierarchy, Posterior
from banbury.statistics.inputs import FloatArray, IntArray
from banbury.statistics.sequences import Decision, ratio_bounds, shared_alpha

_TRUST = 0.9
"""Share of the stake that follows the hierarchy."""
_BATCHES_EACH = 5
"""A budget is spent in about so many rounds a skill."""
_AT_ONCE = 20
"""Of the open skills one in so many gets rollouts in a round of a budget,"""
_AT_LEAST = 8
"""but so many skills at least, so that the rollouts of a round run beside one another."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How rollouts are allocated, and what a call means.

    Attributes:
        threshold: the line, in (0, 1).
        alpha: chance of any gross error, over all skills and looks.
        zone: half width of the zone around the line in which either call is right.
        batch: rollouts of a skill between two looks.
        most: most rollouts of one skill.
        budget: rollouts in all, None for no limit; they go where the side is least certain.
        uniform: the same number to each skill, the decided ones too, until all are decided.
        close: without a budget, a skill is left undecided once it lies within the zone with this
            probability by the hierarchy.
        patience: but not before so many rollouts.
    """

    threshold: float = 0.5
    alpha: float = 0.05
    zone: float = 0.0
    batch: int = 6
    most: int = 24
    budget: int | None = None
    uniform: bool = False
    close: float = 0.6
    patience: int = 16

    def check(self) -> None:
        """Do nothing, or raise InputError for numbers that decide nothing."""
        shared_alpha(self.alpha, 1)
        low, high = self.threshold - self.zone, self.threshold + self.zone
        if not (0 < self.threshold < 1 and self.zone >= 0 and 0 < low <= high < 1):
            raise InputError(
                f"a threshold of {self.threshold} with a zone of {self.zone} decides nothing",
                where="probe",
                do="give a line within (0, 1) and a zone that keeps it there",
            )
        if not 1 <= self.batch <= self.most:
            raise InputError(
                f"batch {self.batch} must lie between 1 and {self.most}", where="probe"
            )
        if self.budget is not None and self.budget < 1:
            raise InputError(f"a budget of {self.budget} rollouts buys nothing", where="probe")


class Allocation:
    """The state of a probe over K skills, `domains` naming the domain of each.

    Ask `next` how many rollouts each skill gets, `update` with what came of them, until `next`
    asks for none. The same results in the same order give the same answers.
    """

    def __init__(self, domains: Sequence[str], rule: Rule) -> None:
        rule.check()
        self.rule = rule
        self.passes = np.zeros(len(domains))
        self.n = np.zeros(len(domains), dtype=np.int64)
        self.asked = np.zeros(len(domains), dtype=np.int64)
        self._prior = Hierarchy(domains)
        self._posterior = self._prior.posterior(self.passes, self.n)
        self._won = np.zeros(len(domains))  # log chance of all results by the hierarchy's bets
        self._share = shared_alpha(rule.alpha, len(domains))
        self._call = np.zeros(len(domains), dtype=np.int64)  # -1 below, 1 above, 0 undecided
        self._given_up = np.zeros(len(domains), dtype=np.bool_)
        self._looks: list[tuple[FloatArray, FloatArray, FloatArray]] = []

    @property
    def posterior(self) -> Posterior:
        """What the hierarchy says of all rates now: a guess, not a finding."""
        return self._posterior

    @property
    def decisions(self) -> list[Decision]:
        """On which side of the line each skill is shown to lie."""
        words: dict[int, Decision] = {-1: "below", 0: "undecided", 1: "above"}
        return [words[int(call)] for call in self._call]

    def next(self) -> IntArray:
        """Return how many rollouts each skill gets now, shape (K,); all zero at the end."""
        rule, open_ = self.rule, self._open()
        room = np.where(open_, np.minimum(rule.batch, rule.most - self.asked), 0)
        if rule.budget is None:
            return room
        left = rule.budget - int(self.asked.sum())
        if rule.uniform:
            each = np.minimum(room, left // max(1, int(open_.sum())))
            return each if each.any() else np.zeros_like(room)
        step = max(1, min(rule.batch, rule.budget // (_BATCHES_EACH * self.n.size)))
        return _fill(self._order(open_), np.minimum(room, step), left)

    def update(self, passes: ArrayLike, n: ArrayLike, *, asked: ArrayLike | None = None) -> None:
        """Take in a round: the sum of scores of `n` judged rollouts of each skill, shapes (K,).

        `asked` counts those that the infrastructure failed too (n, if not given): they cost, and
        count nowhere. A skill whose whole round failed is left alone from then on.
        """
        s, m = np.asarray(passes, dtype=np.float64), np.asarray(n, dtype=np.int64)
        tried = m if asked is None else np.asarray(asked, dtype=np.int64)
        self.passes = self.passes + s
        self.n = self.n + m
        self.asked = self.asked + tried
        self._given_up |= (tried > 0) & (m == 0)
        before, self._posterior = self._posterior, self._prior.posterior(self.passes, self.n)
        self._won += before.log_chance(self._posterior)
        self._look()

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Return the confidence sequence of each rate, shapes (K,), tightest over all looks.

        They hold for all skills and looks together with probability 1 - alpha.
        """
        if not self._looks:
            return np.zeros(self.n.size), np.ones(self.n.size)
        evidence, s, m = (np.stack(each) for each in zip(*self._looks, strict=True))
        low, high = ratio_bounds(evidence, s, m, self._share)
        return low.max(axis=0), high.min(axis=0)

    def _look(self) -> None:
        """Call what is now shown; a call stands, whatever comes later."""
        s, m = self.passes, self.n.astype(np.float64)
        jeffreys = special.betaln(s + 0.5, m - s + 0.5) - special.betaln(0.5, 0.5)
        won = np.logaddexp(np.log(_TRUST) + self._won, np.log1p(-_TRUST) + jeffreys)
        self._looks.append((won, s, m))
        rule, rate = self.rule, s / np.maximum(m, 1)
        low, high = rule.threshold - rule.zone, rule.threshold + rule.zone
        below = (rate < high) & self._refuted(won, s, m, high)
        above = (rate > low) & self._refuted(won, s, m, low)
        side = np.where(below & above, np.where(rate < rule.threshold, -1, 1), above * 1 - below)
        self._call = np.where(self._call == 0, side, self._call)

    def _refuted(
        self, won: FloatArray, s: FloatArray, m: FloatArray, rate: float
    ) -> NDArray[np.bool_]:
        ratio = won - special.xlogy(s, rate) - special.xlog1py(m - s, -rate)
        return np.asarray((m > 0) & (ratio >= -np.log(self._share)))

    def _open(self) -> NDArray[np.bool_]:
        rule = self.rule
        room = (self.asked < rule.most) & ~self._given_up
        undecided = room & (self._call == 0)
        if rule.uniform:
            return room if undecided.any() else np.zeros_like(room)
        if rule.zone > 0 and rule.budget is None:
            undecided[self._near(np.flatnonzero(undecided & (self.n >= rule.patience)))] = False
        return np.asarray(undecided)

    def _near(self, skills: IntArray) -> IntArray:
        """Return those of the skills that lie so near the line that more would not tell."""
        rule, post = self.rule, self._posterior
        ends = (rule.threshold + rule.zone, rule.threshold - rule.zone)
        within = post.below(ends[0], skills) - post.below(ends[1], skills)
        return skills[within >= rule.close]

    def _order(self, open_: NDArray[np.bool_]) -> IntArray:
        """Return the skills of this round: all that were never tried, or the least certain."""
        fresh = np.flatnonzero(open_ & (self.asked == 0))
        if fresh.size:
            return fresh
        skills = np.flatnonzero(open_)
        below = self._posterior.below(self.rule.threshold, skills)
        score = np.minimum(below, 1 - below) / np.sqrt(self.asked[skills] + 1)
        ranked = skills[np.argsort(-score, kind="stable")]
        return ranked[: max(_AT_LEAST, skills.size // _AT_ONCE)]


def _fill(order: IntArray, room: IntArray, left: int) -> IntArray:
    """Give each skill its room, in that order, until nothing is left."""
    out = np.zeros_like(room)
    out[order] = np.clip(left - (np.cumsum(room[order]) - room[order]), 0, room[order])
    return out
