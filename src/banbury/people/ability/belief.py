"""What Banbury believes about one skill of one person: a distribution with its sources.

Each piece of evidence is a likelihood on the scale of ability (people have mean 0, deviation 1).
With age it is raised to a power that halves with every half-life (the power prior: Ibrahim & Chen
2000), so that it fades into the prior, which no evidence at all would leave. Evidence says how
well somebody worked; how fast or how cheaply, it cannot say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import msgspec
import numpy as np
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray
from banbury.statistics.response.ability import bounds, estimate, normalised, prior
from banbury.statistics.response.items import GRID

Source = Literal["interview", "gold", "reviews", "agreement", "outcome"]
"""Where evidence comes from: the interview, tasks with a known answer, reviews received, agreement
with others on the same task, what came of the data that somebody made."""

DAY_NS = 86_400 * 10**9
HALF_LIFE_DAYS = 180.0


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """Evidence that is an ability with its standard error, such as an interview's.

    Attributes:
        source: where it comes from.
        mean: on the scale of ability.
        error: standard error of the measurement alone, above 0. Of an interview's posterior mean
            and error, take `unshrunk`, or the prior counts twice.
        at_ns: when, wall clock.
        of: what it rests on, such as an episode's id.
    """

    source: Source
    mean: float
    error: float
    at_ns: int
    of: str = ""


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    """Evidence that is a count of good pieces of work, such as gold tasks answered rightly.

    The chance of a good piece is 1 / (1 + exp(-slope (ability - level))).

    Attributes:
        source: where it comes from.
        good: pieces that were right, accepted or agreed with; half for one that was mended.
        n: pieces; a fraction where a source sees only part of each.
        at_ns: when, wall clock; of many days, one entry a day.
        slope: how much ability shows in this work.
        level: the ability at which half of it is good.
        of: what it rests on.
    """

    source: Source
    good: float
    n: float
    at_ns: int
    slope: float = 1.0
    level: float = 0.0
    of: str = ""


Evidence = Measured | Counted


class Weight(msgspec.Struct, frozen=True):
    """What one source gives to a belief.

    Attributes:
        source: which.
        entries: how many pieces of evidence.
        fresh: how much is left of them on average, in (0, 1].
        share: of all information beyond the prior, in [0, 1].
        without: what the mean would be without this source.
    """

    source: Source
    entries: int
    fresh: float
    share: float
    without: float


class Belief(msgspec.Struct, frozen=True):
    """An ability as a distribution, with where it comes from.

    Attributes:
        mean: of the distribution.
        error: its deviation.
        low: lower end of the 95 % interval.
        high: its upper end.
        sources: what each gives, the weightiest first.
        at_ns: the moment for which it holds.
    """

    mean: float
    error: float
    low: float
    high: float
    sources: tuple[Weight, ...]
    at_ns: int


def unshrunk(mean: float, error: float, prior_deviation: float = 1.0) -> tuple[float, float]:
    """Return mean and error of the measurement alone, from a posterior over a normal(0) prior.

    Raises:
        InputError: the posterior is not narrower than the prior: it measured nothing.
    """
    if not 0 < error < prior_deviation:
        raise InputError(
            f"a posterior error of {error:.3g} over a prior of {prior_deviation:.3g}",
            where="unshrunk",
            do="leave out an interview in which nothing was answered",
        )
    precision = 1 / error**2 - 1 / prior_deviation**2
    return mean / error**2 / precision, 1 / math.sqrt(precision)


def weights(
    evidence: Sequence[Evidence],
    now_ns: int,
    half_life_days: Mapping[Source, float] | None = None,
) -> FloatArray:
    """Return the belief's weights on the grid of abilities, shape (101,).

    Raises:
        InputError: see `belief`.
    """
    log = np.log(prior())
    for one in evidence:
        log = log + _fresh(one, now_ns, half_life_days or {}) * likelihood(one)
    return normalised(log)


def belief(
    evidence: Sequence[Evidence],
    now_ns: int,
    half_life_days: Mapping[Source, float] | None = None,
) -> Belief:
    """Return what is believed now.

    Args:
        evidence: all there is, of one skill of one person.
        now_ns: the moment, wall clock.
        half_life_days: by source, where it is not 180 days.

    Raises:
        InputError: a source is unknown, a number cannot be, or evidence lies in the future.
    """
    whole = weights(evidence, now_ns, half_life_days)
    held = estimate(whole)
    low, high = bounds(whole)
    told = {}
    for source in dict.fromkeys(e.source for e in evidence):
        mine = [e for e in evidence if e.source == source]
        rest = weights([e for e in evidence if e.source != source], now_ns, half_life_days)
        left = [_fresh(e, now_ns, half_life_days or {}) for e in mine]
        bend = sum(f * _curvature(e, held.mean) for f, e in zip(left, mine, strict=True))
        told[source] = (len(mine), float(np.mean(left)), bend, estimate(rest).mean)
    total = sum(bend for _, _, bend, _ in told.values())
    sources = [
        Weight(source, count, fresh, bend / total if total > 0 else 0.0, without)
        for source, (count, fresh, bend, without) in told.items()
    ]
    sources.sort(key=lambda w: -w.share)
    return Belief(held.mean, held.error, low, high, tuple(sources), now_ns)


def _fresh(one: Evidence, now_ns: int, half_life_days: Mapping[Source, float]) -> float:
    """Return how much of a piece of evidence is left, after checking it."""
    if one.source not in get_args(Source):
        raise InputError(
            f"{one.source!r} is no source of evidence about a skill",
            where="belief",
            do="give one of: " + ", ".join(get_args(Source)),
        )
    half_life = half_life_days.get(one.source, HALF_LIFE_DAYS)
    if not half_life > 0:
        raise InputError(f"a half-life of {half_life!r} days", where=f"source {one.source}")
    if one.at_ns > now_ns:
        raise InputError("evidence lies in the future", where=f"source {one.source}")
    _check(one)
    return float(0.5 ** ((now_ns - one.at_ns) / DAY_NS / half_life))


def _check(one: Evidence) -> None:
    if isinstance(one, Measured):
        if not (math.isfinite(one.mean) and math.isfinite(one.error) and one.error > 0):
            what = f"an ability of {one.mean!r} with an error of {one.error!r}"
            raise InputError(what, where=f"source {one.source}")
    elif not (0 <= one.good <= one.n and one.n > 0 and one.slope > 0 and math.isfinite(one.level)):
        what = f"{one.good:g} good of {one.n:g}, slope {one.slope!r}, level {one.level!r}"
        raise InputError(what, where=f"source {one.source}")


def likelihood(one: Evidence) -> FloatArray:
    """Return the logarithm of what a piece of evidence says while it is new, shape (101,)."""
    if isinstance(one, Measured):
        return np.asarray(-0.5 * ((GRID - one.mean) / one.error) ** 2)
    x = one.slope * (GRID - one.level)
    told = one.good * special.log_expit(x) + (one.n - one.good) * special.log_expit(-x)
    return np.asarray(told, dtype=np.float64)


def _curvature(one: Evidence, ability: float) -> float:
    """Return the information that a piece of evidence gives at an ability."""
    if isinstance(one, Measured):
        return 1 / one.error**2
    p = float(special.expit(one.slope * (ability - one.level)))
    return one.n * one.slope**2 * p * (1 - p)
