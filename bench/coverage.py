"""How often each interval of `banbury.statistics` holds the truth, and how often each test errs.

Two figures for each: the average over a stated prior on the truth, and the least favourable truth
of a grid. Where the outcomes can be enumerated the figure is exact (seed null); elsewhere it is
simulated, and carries its seed. A row with no `must` is measured, not promised.

Run: make bench NAME=coverage        (about two minutes on one core)
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import special

from banbury.errors import InputError
from banbury.statistics.agreement import cohens_kappa, krippendorffs_alpha
from banbury.statistics.intervals import (
    clopper_pearson_bounds,
    clustered_mean,
    clustered_rate,
    jeffreys_bounds,
    wilson_bounds,
)
from banbury.statistics.multiple import holm
from banbury.statistics.paired import (
    drop_p_value,
    exact_drop_p_value,
    newcombe_bounds,
    paired_bootstrap,
    score_variance,
    tango_bounds,
    tango_score,
)
from banbury.statistics.passk import mean_pass_at_k
from banbury.statistics.sequences import BettingSequence, bernoulli_bounds
from figures import Row, row, tell

SEED = 20
RATES = np.round(np.arange(0.005, 1.0, 0.005), 3)


def rate(name: str, value: float, must: str | None = None, seed: int | None = None) -> Row:
    return row(name, value, "probability", must, seed=seed)


def one_rate() -> Iterator[Row]:
    """One pass rate, one look; exact sums over the binomial law."""
    methods = {
        "wilson": (wilson_bounds, ">= 0.945", None),
        "jeffreys": (jeffreys_bounds, ">= 0.945", None),
        "clopper-pearson": (clopper_pearson_bounds, ">= 0.95", ">= 0.95"),
    }
    for name, (bounds, mean_must, least_must) in methods.items():
        for n in (8, 16, 50, 200):
            s = np.arange(n + 1)
            low, high = bounds(s, np.full(n + 1, n))
            p = RATES[:, None]
            mass = np.exp(
                special.gammaln(n + 1) - special.gammaln(s + 1) - special.gammaln(n - s + 1)
                + special.xlogy(s, p) + special.xlogy(n - s, 1 - p)
            )  # fmt: skip
            held = np.sum(mass * ((low <= p) & (p <= high)), axis=1)
            yield rate(f"{name}, n={n}: mean over uniform rates", held.mean(), mean_must)
            worst = RATES[held.argmin()]
            yield rate(f"{name}, n={n}: least, at rate {worst}", held.min(), least_must)


def ever_missed(horizon: int, every: int, bounds: Callable[..., Any]) -> np.ndarray:
    """For each rate, the chance that a look after each `every` rollouts ever misses it; exact."""
    p = RATES[:, None]
    alive = np.zeros((RATES.size, horizon + 1))
    alive[:, 0] = 1.0
    for n in range(1, horizon + 1):
        shifted = np.pad(alive, ((0, 0), (1, 0)))[:, :-1]
        alive = alive * (1 - p) + shifted * p
        if n % every == 0:
            low, high = bounds(np.arange(n + 1), np.full(n + 1, n))
            alive[:, : n + 1] *= (low <= p) & (p <= high)
    return 1 - alive.sum(axis=1)


def looked_at_often() -> Iterator[Row]:
    """Sequences and, as the warning, Wilson's interval, looked at every 8 rollouts."""
    for horizon in (64, 400):
        for name, bounds, must in (
            ("beta-binomial sequence", bernoulli_bounds, "<= 0.05"),
            ("wilson (not made for it)", wilson_bounds, None),
        ):
            missed = ever_missed(horizon, 8, bounds)
            text = f"{name}, every 8 to {horizon}: ever misses"
            yield rate(f"{text}, mean over uniform rates", missed.mean(), must)
            yield rate(f"{text}, worst, at rate {RATES[missed.argmax()]}", missed.max(), must)
    random = np.random.default_rng(SEED)
    laws = {
        "uniform": (0.5, lambda k: random.uniform(size=k)),
        "beta(8, 2)": (0.8, lambda k: random.beta(8, 2, k)),
        "beta(0.2, 0.2)": (0.5, lambda k: random.beta(0.2, 0.2, k)),
        "0 or 1 at 0.1": (0.1, lambda k: (random.random(k) < 0.1).astype(float)),
        "0 or 1 at 0.5": (0.5, lambda k: (random.random(k) < 0.5).astype(float)),
    }
    shares = {}
    for name, (mean, draw) in laws.items():
        missed = 0
        for _ in range(600):
            sequence = BettingSequence(grid=400)
            for _ in range(25):
                sequence.update(draw(8))
            missed += not sequence.low <= mean <= sequence.high
        shares[name] = missed / 600
    worst = max(shares, key=lambda name: shares[name])
    text = "betting sequence, every 8 to 200: ever misses"
    yield rate(f"{text}, mean over 5 laws", np.mean(list(shares.values())), "<= 0.05", SEED)
    yield rate(f"{text}, worst, {worst}", shares[worst], "<= 0.05", SEED)
    wrong = 0
    for _ in range(2000):
        rates = random.beta(0.7, 1.5, 20)
        s, n = random.binomial(8, rates[:, None], (20, 25)).cumsum(axis=1), np.arange(8, 201, 8)
        low, high = bernoulli_bounds(s, np.broadcast_to(n, s.shape), 0.05 / 20)
        wrong += bool(np.any((low > rates[:, None]) | (high < rates[:, None])))
    yield rate("20 skills sharing alpha: any ever missed", wrong / 2000, "<= 0.05", SEED)


def paired() -> Iterator[Row]:
    """Paired differences of passes; exact sums over the multinomial law of the four cells."""
    random = np.random.default_rng(SEED)
    for n in (10, 20, 50):
        cells = np.array([(b, c) for b in range(n + 1) for c in range(n + 1 - b)], dtype=float)
        full = np.array(
            [(a, b, c) for b, c in cells for a in range(int(n - b - c) + 1)], dtype=float
        )
        low, high = tango_bounds(full[:, 1], full[:, 2], np.full(len(full), n))
        newcombe = newcombe_bounds(full[:, 0], full[:, 1], full[:, 2], np.full(len(full), n))
        fourth = n - full.sum(axis=1, keepdims=True)
        table = np.hstack([full, fourth])
        ways = special.gammaln(n + 1) - special.gammaln(table + 1).sum(axis=1)
        prior = random.dirichlet([1, 1, 1, 1], 300)
        edge = np.array(
            [(0, 1, 0, 0), (0, 0.98, 0, 0.02), (0.02, 0.96, 0, 0.02), (0, 0.9, 0, 0.1),
             (0.98, 0, 0, 0.02), (0.5, 0, 0, 0.5), (0.97, 0.01, 0.02, 0), (0.45, 0.02, 0.1, 0.43),
             (0.02, 0.95, 0.03, 0), (0, 0.95, 0.05, 0), (0.1, 0.8, 0.05, 0.05),
             (0.88, 0, 0.12, 0), (0.25, 0.25, 0.25, 0.25), (0.5, 0.25, 0, 0.25)]
        )  # fmt: skip
        for name, (lo, hi) in {"tango": (low, high), "newcombe 10": newcombe}.items():
            held = []
            for truth in np.vstack([prior, edge]):
                difference = truth[1] - truth[2]
                mass = np.exp(ways + special.xlogy(table, truth).sum(axis=1))
                inside = (lo <= difference + 1e-9) & (difference - 1e-9 <= hi)
                held.append(float(mass[inside].sum()))
            mean, least = float(np.mean(held[:300])), int(np.argmin(held[300:]))
            must = ">= 0.945" if name == "tango" else None
            yield rate(f"{name}, n={n}: mean over Dirichlet(1,1,1,1)", mean, must, SEED)
            at = tuple(float(x) for x in edge[least])
            yield rate(
                f"{name}, n={n}: least of 14 edges, at {at}",
                held[300 + least],
                ">= 0.90" if name == "tango" else None,
            )


def paired_scores() -> Iterator[Row]:
    """The paired bootstrap on families of partial scores."""
    random = np.random.default_rng(SEED)

    def held(families: int, shift: float, spread: float, rare: float, runs: int) -> float:
        inside = 0
        for run in range(runs):
            # before in [0.3, 0.7] and no shift beyond 0.3, so nothing is cut and the mean is known.
            effect = shift + spread * random.uniform(-1, 1, families)
            effect *= random.random(families) < rare
            index = np.repeat(np.arange(families), random.integers(2, 9))
            before = random.uniform(0.3, 0.7, index.size)
            after = before + effect[index] * random.binomial(1, 0.8, index.size)
            result = paired_bootstrap(before, after, index, draws=800, seed=run)
            inside += result.low <= 0.8 * shift * rare <= result.high
        return inside / runs

    for families in (5, 10, 30):
        cases = [(s, w, 1.0) for s in (0.0, 0.1) for w in (0.02, 0.1, 0.2)]
        shares = {case: held(families, *case, runs=400) for case in cases}
        worst = min(shares, key=lambda case: shares[case])
        text = f"paired bootstrap, {families} families"
        mean = float(np.mean(list(shares.values())))
        yield rate(f"{text}: mean over 6 shifts and spreads", mean, ">= 0.93", SEED)
        yield rate(f"{text}: least, (shift, spread) = {worst[:2]}", shares[worst], ">= 0.90", SEED)
        sparse = held(families, 0.25, 0.05, 0.1, runs=400)
        yield rate(f"{text}: one family in ten gains 0.25", sparse, None, SEED)


def non_inferior() -> Iterator[Row]:
    """Wrongly calling a drop of the margin safe, and the guard's family-wise errors."""
    margin, random = 0.1, np.random.default_rng(SEED)
    share = np.linspace(0, (1 - margin) / 2, 150)[:, None]
    for n in (20, 29, 50, 100):
        b, c = np.array([(b, c) for b in range(n + 1) for c in range(n + 1 - b)], dtype=float).T
        score = tango_score(b, c, np.full(b.shape, float(n)), np.full(b.shape, -margin))
        mass = np.exp(
            special.gammaln(n + 1) - special.gammaln(b + 1) - special.gammaln(c + 1)
            - special.gammaln(n - b - c + 1) + special.xlogy(b, share)
            + special.xlogy(c, share + margin)
            + special.xlogy(n - b - c, np.maximum(1 - 2 * share - margin, 0))
        )  # fmt: skip
        p_safe = np.array(
            [exact_drop_p_value(int(x), int(y), n, margin) for x, y in zip(b, c, strict=True)]
        )
        exact, normal = mass[:, p_safe <= 0.05], mass[:, score >= special.ndtri(0.95)]
        text = f"non-inferiority, n={n}, true drop = margin 0.1: called safe"
        yield rate(f"{text}, worst", exact.sum(axis=1).max(), "<= 0.05")
        yield rate(f"{text}, mean over changed shares", exact.sum(axis=1).mean(), "<= 0.05")
        yield rate(f"{text}, worst, by the normal law", normal.sum(axis=1).max())
        if n == 100:
            yield from family_wise(b, c, p_safe, random)
    for skills, n in ((16, 20), (5, 20), (10, 50)):
        worst = 0.0
        for gain in (0.0, 0.02, 0.1, 0.3, 0.44):
            drawn = random.multinomial(
                n, [gain, gain + margin, 1 - 2 * gain - margin], (20000, skills)
            ).astype(float)
            b, c, m = drawn[..., 0], drawn[..., 1], np.full((20000, skills), float(n))
            spread = score_variance(b, c, m, np.full(b.shape, -margin)).sum(axis=1)
            z = (b - c + m * margin).sum(axis=1) / np.sqrt(spread)
            worst = max(worst, float(np.mean(z >= special.ndtri(0.95))))
        name = f"pooled, {skills} skills of {n}, all down by the margin: called safe, worst"
        yield rate(name, worst, "<= 0.06", SEED)


def family_wise(
    b: np.ndarray, c: np.ndarray, p_safe: np.ndarray, random: np.random.Generator
) -> Iterator[Row]:
    """Holm's correction as the guard applies it, on 8 skills of 100 items."""
    place = {(int(x), int(y)): i for i, (x, y) in enumerate(zip(b, c, strict=True))}
    p_drop = np.array([drop_p_value(int(x), int(y)) for x, y in zip(b, c, strict=True)])
    for name, gain, loss, p in (
        ("any called safe, all down by the margin", 0.0, 0.1, p_safe),
        ("any called safe, down by the margin, most changed", 0.4, 0.5, p_safe),
        ("any called dropped, none changed on average", 0.1, 0.1, p_drop),
    ):
        drawn = random.multinomial(100, [gain, loss, 1 - gain - loss], (4000, 8))
        wrong = sum(
            bool(np.any(holm([p[place[int(x), int(y)]] for x, y, _ in run]) <= 0.05))
            for run in drawn
        )
        yield rate(f"guard, 8 skills of 100: {name}", wrong / 4000, "<= 0.05", SEED)


def clustered() -> Iterator[Row]:
    """Means over families of 5 items; a family's rate is Beta with intra-class correlation 1/4."""
    random = np.random.default_rng(SEED)

    def shares(families: int, rate: float, runs: int) -> np.ndarray:
        inside = np.zeros(3)
        index = np.repeat(np.arange(families), 5)
        for _ in range(runs):
            rates = random.beta(3 * rate, 3 * (1 - rate), families)
            passes = random.random((families, 5)) < rates[:, None]
            scores, mean = passes.ravel().astype(float), passes.mean(axis=1)
            for i, result in enumerate(
                (
                    clustered_rate(scores, index),
                    clustered_mean(scores, index),
                    # pass@2 of each family's 5 attempts; the truth in closed form.
                    mean_pass_at_k(np.full(families, 5), (mean * 5).round(), 2),
                )
            ):
                q = 1 - rate
                truth = rate if i < 2 else 1 - q * (3 * q + 1) / 4
                inside[i] += result.low <= truth <= result.high
        return inside / runs

    names = ("clustered rate", "clustered mean (t)", "mean pass@2 of 5")
    for families in (10, 40):
        prior = np.mean([shares(families, random.uniform(), 4) for _ in range(400)], axis=0)
        grid = (0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97)
        worst = np.array([shares(families, rate, 500) for rate in grid])
        for i, name in enumerate(names):
            promised = i != 1
            mean_must, least_must = (">= 0.93", ">= 0.90") if promised else (None, None)
            yield rate(
                f"{name}, {families} families: mean, uniform rates", prior[i], mean_must, SEED
            )
            least = grid[int(worst[:, i].argmin())]
            text = f"{name}, {families} families: least, at rate {least}"
            yield rate(text, worst[:, i].min(), least_must, SEED)


def agreement() -> Iterator[Row]:
    """Two raters who agree for cause on a share of the items, which is then kappa and alpha."""
    random = np.random.default_rng(SEED)
    for n in (30, 100):
        shares: dict[str, list[float]] = {"cohen's kappa": [], "krippendorff's alpha": []}
        cases = [(k, a) for k in (2, 4) for a in (0.2, 0.5, 0.8, 0.95)]
        for labels, cause in cases:
            inside, runs = np.zeros(2), 250
            for run in range(runs):
                first = random.integers(0, labels, n)
                same = random.random(n) < cause
                second = np.where(same, first, random.integers(0, labels, n))
                try:
                    kappa = cohens_kappa(first.tolist(), second.tolist(), draws=800, seed=run)
                    alpha = krippendorffs_alpha([first, second], draws=800, seed=run)
                except InputError:
                    continue
                inside += [x.low <= cause <= x.high for x in (kappa, alpha)]
            for name, held in zip(shares, inside / runs, strict=True):
                shares[name].append(float(held))
        for name, held in shares.items():
            at = cases[int(np.argmin(held))]
            text = f"{name}, n={n}"
            yield rate(f"{text}: mean over 8 cases", float(np.mean(held)), ">= 0.92", SEED)
            yield rate(f"{text}: least, (labels, agreement) = {at}", min(held), ">= 0.88", SEED)


def main() -> int:
    rows: list[Row] = []
    parts = (one_rate, looked_at_often, paired, paired_scores, non_inferior, clustered, agreement)
    for part in parts:
        print(f"{part.__name__} ...", file=sys.stderr, flush=True)
        rows.extend(part())
    return tell("coverage", rows)


if __name__ == "__main__":
    sys.exit(main())
