"""Whom the test of falling quality pauses, and how soon, beside a threshold on the last ten items.

A simulation: results are right or wrong independently, 80 % is asked for. The peer is the common
rule: pause when fewer than seven of the last ten gold items are right.

Run: make bench NAME=standing        (about one minute)
"""

import sys
from collections.abc import Callable

import numpy as np

from banbury.statistics.drops import DropTest
from figures import Row, row, tell

LINE, ALPHA, SEED = 0.8, 0.01, 11


def by_test(scores: np.ndarray) -> int | None:
    test = DropTest(ALPHA)
    for n, score in enumerate(scores):
        test.update(float(score), LINE)
        if test.fallen:
            return n + 1
    return None


def by_ten(scores: np.ndarray) -> int | None:
    last = np.convolve(scores, np.ones(10), "valid")
    low = np.flatnonzero(last < 7)
    return int(low[0]) + 10 if len(low) else None


def paused(rule: Callable[[np.ndarray], int | None], rate: float, n: int, people: int) -> float:
    rng = np.random.default_rng(SEED)
    return float(np.mean([rule(rng.random(n) < rate) is not None for _ in range(people)]))


def delays(rule: Callable[[np.ndarray], int | None], before: int, rate: float) -> list[float]:
    """Results from a fall to the pause, of those not paused before it."""
    rng = np.random.default_rng(SEED)
    found = []
    for _ in range(100):
        scores = np.concatenate([rng.random(before) < 0.95, rng.random(400) < rate])
        at = rule(scores)
        if at is None or at > before:
            found.append(np.inf if at is None else at - before)
    return found


def main() -> int:
    rows: list[Row] = []
    for rate, n in ((0.8, 1000), (0.85, 1000), (0.95, 1000)):
        peer = {"seven of the last ten": round(paused(by_ten, rate, n, 200), 3)}
        rows.append(
            row(f"paused although {rate:.0%} are right, within {n:,} results, of 200 people",
                paused(by_test, rate, n, 200), "", f"<= {ALPHA}", seed=SEED, peer=peer)
        )  # fmt: skip
    for before in (0, 100, 500):
        for rate in (0.6, 0.4):
            peer = {"seven of the last ten": float(np.median(delays(by_ten, before, rate)))}
            rows.append(
                row(f"results until the pause, from 95% to {rate:.0%} after {before}, median",
                    float(np.median(delays(by_test, before, rate))), "", seed=SEED, peer=peer)
            )  # fmt: skip
    return tell("standing", rows)


if __name__ == "__main__":
    sys.exit(main())
