"""Whether quality has fallen, from results in the order in which they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from banbury.errors import InputError
from banbury.statistics.drops import DropTest
from banbury.statistics.sequences import BettingSequence


class Result(msgspec.Struct, frozen=True):
    """One result of a person's work.

    Attributes:
        id: of the episode, so that it can be shown.
        kind: a gold task, whose answer is known, or a review.
        score: in [0, 1].
        line: the score that somebody whose work is just good enough has on the average of such
            tasks, above 0 and below 1; it must be set without looking at the score.
        by: who reviewed; "" for gold.
    """

    id: str
    kind: Literal["gold", "review"]
    score: float
    line: float
    by: str = ""


class Finding(msgspec.Struct, frozen=True):
    """What the results say.

    Attributes:
        fallen: whether it is shown that the mean lies, or lay for a while, below the line.
        alpha: chance at most of such a finding in a whole life, for whoever never falls below.
        evidence: what the test's gamblers own, from one coin; without the reviewer who weighs
            most, where reviews count.
        n: how many results were looked at.
        since: where the fall may have begun, as an index into the results.
        score, line: means from there on.
        low, high: confidence sequence, at alpha, of the mean score from there on.
        spared: the reviewer without whom it would not be shown, if it is not shown for that alone.
    """

    fallen: bool
    alpha: float
    evidence: float
    n: int
    since: int
    score: float
    line: float
    low: float
    high: float
    spared: str = ""


def found(results: Sequence[Result], alpha: float = 0.01) -> Finding:
    """Return what results say, in the order in which they came.

    It must be shown without any one reviewer's reviews, so that nobody's opinion alone pauses
    anybody. That makes a false finding rarer still.

    Raises:
        InputError: there is no result, or one is no score.
    """
    if not results:
        raise InputError("no results", where="standing", do="ask again after the first one")
    whole = _tested(results, alpha)
    reviewers = sorted({r.by for r in results if r.kind == "review"})
    least, spared = whole, ""
    for reviewer in reviewers:
        rest = [r for r in results if r.kind == "gold" or r.by != reviewer]
        without = _tested(rest, alpha)
        if (without.fallen, without.evidence) < (least.fallen, least.evidence):
            least, spared = without, reviewer
    fallen = whole.fallen and least.fallen
    since = whole.since if fallen else 0
    part = results[since:]
    sequence = BettingSequence(alpha, grid=200)
    sequence.update([r.score for r in part])
    return Finding(
        fallen, alpha, least.evidence, len(results), since,
        sum(r.score for r in part) / len(part), sum(r.line for r in part) / len(part),
        sequence.low, sequence.high, spared if whole.fallen and not fallen else "",
    )  # fmt: skip


def _tested(results: Sequence[Result], alpha: float) -> DropTest:
    test = DropTest(alpha)
    for result in results:
        test.update(result.score, result.line)
    return test
