"""A hierarchy of Beta priors over pass rates: skills of one domain resemble one another.

A skill's rate is Beta(c m, c (1 - m)): its domain has a level m, all domains share a concentration
c. Levels are uniform and concentrations a few powers of two, on a grid, so that the posterior is a
finite sum: no sampling, and the same results give the same posterior on every machine. The grid
reaches from c = 1 (a domain says nothing) to c = 32 (its skills are nearly alike), and the data
choose: an empirical-Bayes Beta hierarchy with the concentration averaged over instead of fixed.

The prior may be wrong. What rests on it must hold all the same, or say that it does not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, IntArray

_LEVELS = (np.arange(16) + 0.5) / 16
_CONCENTRATIONS = 2.0 ** np.arange(6)
_PASSES = np.outer(_CONCENTRATIONS, _LEVELS).ravel()  # the Beta parameters, shape (G,)
_MISSES = np.outer(_CONCENTRATIONS, 1 - _LEVELS).ravel()


def domain(skill: str) -> str:
    """Return the domain of a skill: its dotted path without the last part, "" if it has one."""
    return skill.rpartition(".")[0]


class Hierarchy:
    """The prior over K skills, `domains` naming the domain of each, shape (K,)."""

    def __init__(self, domains: Sequence[str]) -> None:
        if not len(domains):
            raise InputError("0 skills", where="Hierarchy", do="name at least one skill")
        names, self._of = np.unique(np.asarray(domains, dtype=str), return_inverse=True)
        self._member = np.eye(names.size)[self._of]  # (K, domains)

    def posterior(self, passes: ArrayLike, n: ArrayLike) -> Posterior:
        """Return what `passes` of `n` tries say, shapes (K,); passes may be sums of part scores."""
        s, m = _sums(passes, n, self._of.size)
        per_skill = _rising(_PASSES, s) + _rising(_MISSES, m - s) - _rising(_PASSES + _MISSES, m)
        shape = (_CONCENTRATIONS.size, _LEVELS.size, -1)
        logs = (per_skill @ self._member).reshape(shape)  # of each domain, by (c, m)
        top = logs.max(axis=1, keepdims=True)
        share = np.exp(logs - top)
        total = share.sum(axis=1, keepdims=True)
        of_c = (np.log(total) + top).sum(axis=(1, 2))
        chance_c = np.exp(of_c - of_c.max())
        weights = share / total * (chance_c / chance_c.sum())[:, None, None]
        return Posterior(weights.reshape(_PASSES.size, -1)[:, self._of], per_skill, s, m)


class Posterior:
    """The rates of K skills after some tries: for each a mixture of G Beta laws."""

    def __init__(
        self, weights: FloatArray, logs: FloatArray, passes: FloatArray, n: FloatArray
    ) -> None:
        self._weights, self._logs, self._s, self._n = weights, logs, passes, n

    def below(self, rate: float, skills: IntArray | None = None) -> FloatArray:
        """Return the chance that each skill's rate lies below `rate`, of all if none are named."""
        these = np.arange(self._n.size) if skills is None else skills
        s, m = self._s[these], self._n[these]
        if not these.size:
            return np.zeros(0)
        counts = zip(s.tolist(), (m - s).tolist(), strict=True)
        chances = np.stack([_below(passes, misses, rate) for passes, misses in counts], axis=1)
        return np.asarray((self._weights[:, these] * chances).sum(axis=0))

    def mean(self) -> FloatArray:
        """Return the expected rate of each skill, shape (K,)."""
        means = (_PASSES[:, None] + self._s) / ((_PASSES + _MISSES)[:, None] + self._n)
        return np.asarray((self._weights * means).sum(axis=0))

    def log_chance(self, after: Posterior) -> FloatArray:
        """Return the log of the chance, by this posterior, of what `after` saw beyond it: (K,)."""
        return np.asarray(np.log((self._weights * np.exp(after._logs - self._logs)).sum(axis=0)))


@functools.lru_cache(maxsize=16_384)
def _below(passes: float, misses: float, rate: float) -> FloatArray:
    """Return the chance of a rate below `rate` after these counts, for each prior, shape (G,)."""
    return np.asarray(special.betainc(_PASSES + passes, _MISSES + misses, rate))


def _rising(start: FloatArray, count: FloatArray) -> FloatArray:
    """Return the log of start (start + 1) ... of `count` factors, shape (G, K).

    Few counts differ, so each is worked out once.
    """
    each: FloatArray
    at: IntArray
    each, at = np.unique(count, return_inverse=True)
    return np.asarray((_gammaln(start[:, None] + each) - _gammaln(start)[:, None])[:, at.ravel()])


_gammaln: Callable[[FloatArray], FloatArray] = special.gammaln


def _sums(passes: ArrayLike, n: ArrayLike, skills: int) -> tuple[FloatArray, FloatArray]:
    s, m = np.asarray(passes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if s.shape != (skills,) or m.shape != (skills,) or not np.all((s >= 0) & (s <= m)):
        raise InputError(
            f"{s.shape} sums of {m.shape} tries for {skills} skills",
            where="Hierarchy",
            do="give one sum with 0 <= passes <= n for each skill, in the same order each time",
        )
    return s, m
