"""How often the probe's intervals hold the truth after it stopped where it chose to.

The probe as it is: rounds, elimination or a budget, repeats, the dial; rollouts are drawn from
known rates. The average is over a stated prior, the least favourable rate is that of a grid.

Run: make bench NAME=coverage_probe        (about two minutes on one core)
"""

import sys
from collections.abc import Iterator

import numpy as np

from banbury.statistics.allocation import Allocation, Rule
from banbury.statistics.difficulty import Walk
from banbury.statistics.intervals import clustered_rate
from banbury.statistics.passk import mean_pass_at_k
from figures import Row, row, tell

SEED = 21
GRID = (0.03, 0.1, 0.3, 0.45, 0.55, 0.7, 0.9, 0.97)
Random = np.random.Generator


def rate(name: str, value: float, must: str | None = None) -> Row:
    return row(name, value, "probability", must, seed=SEED)


def probed(rule: Rule, rates: np.ndarray, random: Random) -> np.ndarray:
    """Return which intervals of a probe of 21 skills hold their rates, shape (21,)."""
    state = Allocation([f"domain {i // 7}" for i in range(21)], rule)
    while (wanted := state.next()).any():
        state.update(random.binomial(wanted, rates), wanted)
    low, high = state.bounds()
    return np.asarray((low <= rates) & (rates <= high))


def sequences() -> Iterator[Row]:
    """The confidence sequences, each and all 21 together, by each way to stop."""
    random = np.random.default_rng(SEED)
    ways = {
        "defaults": Rule(),
        "a zone, at most 100": Rule(threshold=0.3, zone=0.1, most=100),
        "a budget of 200": Rule(budget=200),
        "uniform": Rule(uniform=True),
    }
    for name, rule in ways.items():
        held = np.array([probed(rule, random.uniform(size=21), random) for _ in range(150)])
        text = f"probe's sequence, {name}"
        yield rate(f"{text}: mean, uniform rates", held.mean(), ">= 0.93")
        yield rate(f"{text}: all 21 together, uniform rates", held.all(axis=1).mean(), ">= 0.93")
        grid = {r: [probed(rule, np.full(21, r), random).all() for _ in range(40)] for r in GRID}
        least = min(grid, key=lambda r: np.mean(grid[r]))
        yield rate(f"{text}: all 21, least, all at {least}", np.mean(grid[least]), ">= 0.90")


def repeated(rate: float, random: Random, attempts: int = 4) -> tuple[bool, bool] | None:
    """Whether the clustered rate and pass@2 hold after a stop; tasks are Beta(3 r, 3 (1 - r))."""
    state, shares = Allocation(["d"], Rule()), np.zeros(0)
    while count := int(state.next()[0]):
        chances = random.beta(3 * rate, 3 * (1 - rate), count)
        fresh = random.binomial(attempts, chances) / attempts
        shares = np.concatenate([shares, fresh])
        state.update([fresh.sum()], [count])
    passes = np.rint(shares * attempts).astype(int)
    each = [[1.0] * p + [0.0] * (attempts - p) for p in passes]
    index = np.repeat(np.arange(passes.size), attempts)
    mean = clustered_rate(np.concatenate(each), index)
    either = mean_pass_at_k(np.full(passes.size, attempts), passes, 2)
    miss = 1 - rate
    truth = 1 - miss * (3 * miss + 1) / 4
    return mean.low <= rate <= mean.high, either.low <= truth <= either.high


def clustered() -> Iterator[Row]:
    """The intervals beside repeats: made for one look, read here after the probe's own stop."""
    random = np.random.default_rng(SEED)
    prior = np.array([repeated(random.uniform(), random) for _ in range(800)])
    grid = {r: np.array([repeated(r, random) for _ in range(250)]).mean(axis=0) for r in GRID}
    for at, name in enumerate(("clustered rate of 4 attempts", "pass@2 of 4 attempts")):
        text = f"{name}, after the probe's stop"
        yield rate(f"{text}: mean, uniform rates", prior[:, at].mean(), ">= 0.93")
        least = min(grid, key=lambda r: float(grid[r][at]))
        yield rate(f"{text}: least, at rate {least}", float(grid[least][at]), None)


def dials() -> Iterator[Row]:
    """The dial on five settings: sorted uniform rates, and all alike at the least favourable."""
    random = np.random.default_rng(SEED)

    def walked(rates: np.ndarray) -> tuple[bool, bool]:
        walk = Walk(rates.size, 0.05 / rates.size)
        while step := walk.next():
            walk.update(int(random.binomial(step[1], rates[step[0]])), step[1])
        tried = walk.tried
        right = {
            "too hard": lambda r: r < 0.2,
            "too easy": lambda r: r > 0.8,
            "within": lambda r: 0.05 < r < 0.95,
            "unsure": lambda r: True,
        }
        held = all(t.low <= rates[t.index] <= t.high for t in tried)
        return held, all(right[t.standing](rates[t.index]) for t in tried)

    prior = np.array([walked(np.sort(random.uniform(size=5))[::-1]) for _ in range(400)])
    yield rate(
        "dial, 5 settings, sorted uniform rates: all intervals", prior[:, 0].mean(), ">= 0.93"
    )
    yield rate("dial, 5 settings, sorted uniform rates: all places", prior[:, 1].mean(), ">= 0.95")
    ends = (0.03, 0.05, 0.2, 0.5, 0.8, 0.95, 0.97)
    grid = {r: np.array([walked(np.full(5, r)) for _ in range(120)]).mean(axis=0) for r in ends}
    for at, name in enumerate(("intervals", "places")):
        least = min(grid, key=lambda r: float(grid[r][at]))
        text = f"dial, 5 settings: all {name}, least, all at {least}"
        yield rate(text, float(grid[least][at]), ">= 0.90")


def main() -> int:
    rows: list[Row] = []
    for part in (sequences, clustered, dials):
        print(f"{part.__name__} ...", file=sys.stderr, flush=True)
        rows.extend(part())
    return tell("coverage_probe", rows)


if __name__ == "__main__":
    sys.exit(main())
