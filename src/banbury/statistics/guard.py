"""The guard gate: did a repair harm what worked?

A repaired checkpoint may be released only if it did not make other skills worse. "No significant
drop" would not show that, since with few items nothing is significant; so safety itself has to be
shown, by a test of non-inferiority. Each skill, and all skills pooled, get one of three verdicts:

- `safe`: a drop of `margin` or more is refuted (adjusted p-value <= alpha).
- `harmed`: not safe, and a drop is shown: far more items were lost than gained, by McNemar's
  exact one-sided test (adjusted p-value <= alpha). It is a finding, never lack of evidence.
- `not shown safe`: neither. More items are needed to tell.

A drop that is shown to be real and shown to be smaller than the margin is what the margin
tolerates: the verdict is `safe`, and `dropped` says that it is there.

Skill by skill, each of the two tests has its p-values adjusted over all skills by Holm's method:
any skill wrongly called safe, or any wrongly called dropped, is at most alpha likely. The pooled
tests stand at alpha by themselves; they ask about the average item.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from banbury.errors import InputError
from banbury.statistics.inputs import FloatArray, check_level, check_pairs
from banbury.statistics.multiple import holm
from banbury.statistics.paired import (
    drop_p_value,
    exact_drop_p_value,
    non_inferiority,
    score_variance,
)

Verdict = Literal["safe", "harmed", "not shown safe"]


class GuardFinding(msgspec.Struct, frozen=True):
    """What the gate found for one skill, or for all pooled.

    `before` and `after` are pass rates, `low` is the one-sided lower bound of the difference at
    1 - alpha (not adjusted). `p_safe` tests "fell by the margin or more", `p_drop` tests "did
    not fall"; both are adjusted. `dropped` says that a drop, of whatever size, is shown.
    """

    skill: str
    verdict: Verdict
    n: int
    before: float
    after: float
    gained: int
    lost: int
    difference: float
    low: float
    p_safe: float
    p_drop: float
    dropped: bool


class Guard(msgspec.Struct, frozen=True):
    """The gate's findings, and its verdict over all.

    `verdict` is `harmed` if any skill or the pool is, else `safe` if the pool is, else `not shown
    safe`. Skills not shown safe one by one do not stop a safe pool; they are listed.
    """

    verdict: Verdict
    pooled: GuardFinding
    skills: tuple[GuardFinding, ...]
    margin: float
    alpha: float


def guard(
    pairs_by_skill: Mapping[str, tuple[ArrayLike, ArrayLike]],
    margin: float = 0.10,
    alpha: float = 0.05,
) -> Guard:
    """Judge each skill and all pooled from passes (before, after) of the same items.

    `pairs_by_skill` maps a skill to two vectors of 0 and 1, shape (n,), n >= 1, in the same order
    of items. Items are weighed alike, so a skill with more of them weighs more in the pool; the
    pooled variance is taken skill by skill. Raises InputError, also where no skill is given.
    """
    check_level(margin, "guard", "margin")
    check_level(alpha, "guard", "alpha")
    if not pairs_by_skill:
        raise InputError(
            "no skill to guard", where="guard", do="probe skills other than the repaired ones"
        )
    skills = list(pairs_by_skill)
    pairs = [
        check_pairs(*pairs_by_skill[s], where=f"guard, skill {s}", binary=True) for s in skills
    ]
    tests = [non_inferiority(x, y, margin, 1 - alpha) for x, y in pairs]
    gained = [int(np.sum(y > x)) for x, y in pairs]
    lost = [int(np.sum(y < x)) for x, y in pairs]
    p_safe = holm([test.p_value for test in tests])
    p_drop = holm([drop_p_value(g, c) for g, c in zip(gained, lost, strict=True)])
    findings = tuple(
        _finding(skill, pairs[i], tests[i].low, float(p_safe[i]), float(p_drop[i]), alpha)
        for i, skill in enumerate(skills)
    )
    pooled = _pooled(pairs, gained, lost, margin, alpha)
    harmed = any(finding.verdict == "harmed" for finding in findings)
    verdict: Verdict = "harmed" if harmed else pooled.verdict
    return Guard(verdict, pooled, findings, margin, alpha)


def pairs_needed(margin: float = 0.10, alpha: float = 0.05, skills: int = 1) -> int:
    """The fewest items with which a skill that did not change at all can be shown safe.

    With `skills` K the level is the strictest that Holm's method uses, alpha / K. Fewer items
    end in `not shown safe`, however well the checkpoint does.
    """
    check_level(margin, "pairs_needed", "margin")
    check_level(alpha, "pairs_needed", "alpha")
    # Refuting needs at least the items that lose none with probability alpha / K.
    n = max(1, int(np.floor(np.log(alpha / skills) / np.log1p(-margin))))
    while exact_drop_p_value(0, 0, n, margin) > alpha / skills:
        n += 1
    return n


def _finding(
    skill: str,
    pair: tuple[FloatArray, FloatArray],
    low: float,
    p_safe: float,
    p_drop: float,
    alpha: float,
) -> GuardFinding:
    before, after = pair
    dropped = p_drop <= alpha
    verdict: Verdict = "harmed" if dropped else "not shown safe"
    if p_safe <= alpha:
        verdict = "safe"
    return GuardFinding(
        skill=skill,
        verdict=verdict,
        n=before.size,
        before=float(before.mean()),
        after=float(after.mean()),
        gained=int(np.sum(after > before)),
        lost=int(np.sum(after < before)),
        difference=float(after.mean() - before.mean()),
        low=low,
        p_safe=p_safe,
        p_drop=p_drop,
        dropped=dropped,
    )


def _pooled(
    pairs: list[tuple[FloatArray, FloatArray]],
    gained: list[int],
    lost: list[int],
    margin: float,
    alpha: float,
) -> GuardFinding:
    """All skills together: the score test with each skill's own variance (Nam 2006)."""
    b, c = np.array(gained, dtype=np.float64), np.array(lost, dtype=np.float64)
    n = np.array([before.size for before, _ in pairs], dtype=np.float64)

    def p_value(difference: float) -> float:
        variance = float(np.sum(score_variance(b, c, n, np.full(n.shape, difference))))
        excess = float(np.sum(b - c - n * difference))
        if variance <= 1e-12:
            return 1.0 if excess <= 0 else 0.0
        return float(special.ndtr(-excess / np.sqrt(variance)))

    if len(pairs) == 1:
        test = non_inferiority(*pairs[0], margin, 1 - alpha)
        p_safe, low = test.p_value, test.low
    else:
        p_safe, low = p_value(-margin), -1.0
        high = float((b - c).sum() / n.sum())
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (middle, high) if p_value(middle) <= alpha else (low, middle)
    together = (np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs]))
    p_drop = drop_p_value(sum(gained), sum(lost))
    return _finding("pooled", together, low, p_safe, p_drop, alpha)
