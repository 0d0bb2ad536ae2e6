"""What adaptive allocation saves, and whether its error is what the report claims.

200 skills in 10 domains of 20; those below 0.3 are to be found; a gross error is a call on the
wrong side of a rate at or beyond 0.2 or 0.4. Two kinds of world, and two that are made to break a
prior:

- domains share a level: level uniform on (0.01, 0.99), rates Beta(8 level, 8 (1 - level));
- scattered: each skill is weak with chance 0.15 whatever its domain, Beta(1, 9), else Beta(6, 2);
- all at the edges: every rate is 0.2 or 0.4, at random;
- a lone weak skill: one at 0.2, all others at 0.9.

F1 counts undecided skills on the side to which the hierarchical posterior leans, in every method.
No package in the index solves this problem, to find the arms below a threshold: those for pure
exploration look for the best arm. The peers are published rules, written out here: APT
(Locatelli, Gutzeit & Carpentier 2016, arXiv:1605.08671), which needs no prior, and stopping each
skill once the posterior risk of a gross error is below 0.0005, which trusts the prior.

Run: make bench NAME=allocation        (about eight minutes on one core, half on two)
"""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from banbury.statistics.allocation import Allocation, Rule
from banbury.statistics.hierarchy import Hierarchy
from banbury.statistics.intervals import clopper_pearson_bounds
from banbury.statistics.sequences import BernoulliSequences
from figures import Row, row, tell

SEED = 400
SKILLS, DOMAINS = 200, [f"domain {i // 20}" for i in range(200)]
LINE, ZONE = 0.3, 0.1
LOW, HIGH = LINE - ZONE, LINE + ZONE
MOST = 200
EACH = (2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200)
Array = np.ndarray
Random = np.random.Generator


def shared(random: Random) -> Array:
    level = np.repeat(random.uniform(0.01, 0.99, 10), 20)
    return random.beta(8 * level, 8 * (1 - level))


def scattered(random: Random) -> Array:
    weak = random.random(SKILLS) < 0.15
    return np.where(weak, random.beta(1, 9, SKILLS), random.beta(6, 2, SKILLS))


def edges(random: Random) -> Array:
    return np.where(random.random(SKILLS) < 0.5, LOW, HIGH)


def lone(random: Random) -> Array:
    rates = np.full(SKILLS, 0.9)
    rates[random.integers(SKILLS)] = LOW
    return rates


WORLDS: dict[str, Callable[[Random], Array]] = {
    "domains share a level": shared,
    "scattered": scattered,
    "all at the edges": edges,
    "a lone weak skill": lone,
}


class Outcome(NamedTuple):
    """One run: rollouts, F1 of finding those below the line, gross errors, undecided skills.

    `any_gross` counts calls alone; `any_side` counts the sides of undecided skills too.
    `missed` are undecided skills at or beyond the edges of the zone.
    """

    rollouts: float
    f1: float
    any_gross: float
    any_side: float
    undecided: float
    missed: float


def outcome(rates: Array, rollouts: int, side: Array, called: Array) -> Outcome:
    """Score a run; `side` is true for below, `called` where that was a call and not a leaning."""
    weak = rates < LINE
    f1 = 2 * (side & weak).sum() / max(1, side.sum() + weak.sum())
    gross = np.where(side, rates >= HIGH, rates <= LOW)
    beyond = (rates <= LOW) | (rates >= HIGH)
    return Outcome(
        rollouts, f1, (gross & called).any(), gross.any(), (~called).sum(), (beyond & ~called).sum()
    )


def allocated(rule: Rule, rates: Array, random: Random) -> Outcome:
    """Our rule."""
    state = Allocation(DOMAINS, rule)
    while (wanted := state.next()).any():
        state.update(random.binomial(wanted, rates), wanted)
    called = np.array([d != "undecided" for d in state.decisions])
    below = np.array([d == "below" for d in state.decisions])
    side = np.where(called, below, state.posterior.below(LINE) > 0.5)
    return outcome(rates, int(state.asked.sum()), side, called)


def apt(rates: Array, random: Random, budget: int = 2000) -> Outcome:
    """APT, a batch of 2 at a time for 20 skills at once, with a tolerance of 0.05."""
    n = np.full(SKILLS, 2)
    s = random.binomial(n, rates)
    while n.sum() < budget:
        index = np.sqrt(n) * (np.abs(s / n - LINE) + 0.05)
        near = np.argsort(index, kind="stable")[:20]
        n[near] += 2
        s[near] += random.binomial(2, rates[near])
    side = Hierarchy(DOMAINS).posterior(s, n).below(LINE) > 0.5
    return outcome(rates, int(n.sum()), side, np.ones(SKILLS, dtype=bool))


def by_posterior(rates: Array, random: Random, risk: float = 0.0005) -> Outcome:
    """Stop each skill once the posterior chance of a gross error of its side is below `risk`."""
    prior = Hierarchy(DOMAINS)
    s, n = np.zeros(SKILLS, dtype=int), np.zeros(SKILLS, dtype=int)
    while True:
        posterior = prior.posterior(s, n)
        risks = np.minimum(1 - posterior.below(HIGH), posterior.below(LOW))
        go = (risks > risk) & (n < MOST)
        if not go.any():
            break
        s += go * random.binomial(2, rates)
        n += 2 * go
    side = posterior.below(LINE) > 0.5
    return outcome(rates, int(n.sum()), side, np.ones(SKILLS, dtype=bool))


def curve(rates: Array, random: Random) -> Array:
    """F1 of the same number of rollouts for each skill, shape (EACH,)."""
    steps = np.diff((0, *EACH))
    s, n, prior, found = np.zeros(SKILLS), 0, Hierarchy(DOMAINS), []
    for step in steps:
        s, n = s + random.binomial(step, rates), n + step
        side = prior.posterior(s, np.full(SKILLS, n)).below(LINE) > 0.5
        found.append(outcome(rates, SKILLS * n, side, side).f1)
    return np.array(found)


def run(world: str, method: Callable[[Array, Random], Any], seed: int) -> Any:
    random = np.random.default_rng([SEED, seed])
    return method(WORLDS[world](random), random)


Each = Callable[[str, Callable[[Array, Random], Any], int], Array]


def figure(name: str, value: float, unit: str, must: str | None = None, seeds: int = 0) -> Row:
    return row(name, value, unit, must, seed=SEED, seeds=seeds)


def upper(wrong: Array) -> float:
    """The upper end of the exact 95 % interval of a share."""
    return float(clopper_pearson_bounds(int(wrong.sum()), wrong.size)[1])


def elimination(each: Each) -> Iterator[Row]:
    """The rule as the probe uses it, in all worlds."""
    rule = Rule(threshold=LINE, zone=ZONE, batch=2, most=MOST)
    for world in WORLDS:
        asked = world in ("domains share a level", "scattered")
        seeds = 400 if asked else 150
        found = each(world, partial(allocated, rule), seeds)
        rollouts, f1, gross, side, undecided, missed = found.T
        text = f"elimination, {world}"
        must = "<= 5000" if asked else None
        yield figure(f"{text}: rollouts", rollouts.mean(), "rollouts", must, seeds)
        yield figure(f"{text}: runs with a gross error", gross.mean(), "share", None, seeds)
        yield figure(f"{text}: upper 95 % bound of that", upper(gross), "share", "<= 0.05", seeds)
        yield figure(f"{text}: F1", f1.mean(), "F1", None, seeds)
        yield figure(f"{text}: left undecided, of 200", undecided.mean(), "skills", None, seeds)
        yield figure(f"{text}: of these outside the zone", missed.mean(), "skills", None, seeds)
        if asked:
            name = f"{text}: a gross error if all undecided had to be called"
            yield figure(name, side.mean(), "share", None, seeds)


def budgeted(each: Each) -> Iterator[Row]:
    """A budget of 2,000, beside APT and beside the same number each, and the saving."""
    for world in ("domains share a level", "scattered"):
        rule = Rule(threshold=LINE, zone=ZONE, batch=2, most=MOST, budget=2000)
        found = each(world, partial(allocated, rule), 400)
        ours = found[:, 1].mean()
        text = f"budget of 2,000, {world}"
        yield figure(f"{text}: F1", ours, "F1", ">= 0.85", 400)
        gross = upper(found[:, 2])
        yield figure(f"{text}: upper 95 % bound of a gross error", gross, "share", "<= 0.05", 400)
        flat = each(world, curve, 200).mean(axis=0)
        yield figure(f"{text}: F1 of 10 each", flat[EACH.index(10)], "F1", None, 200)
        yield figure(f"{text}: F1 of APT", each(world, apt, 200)[:, 1].mean(), "F1", None, 200)
        same = SKILLS * float(np.interp(ours, flat, EACH))
        yield figure(f"{text}: rollouts of as many each for that F1", same, "rollouts", None, 200)
        yield figure(f"{text}: times saved at equal F1", same / 2000, "x", None, 200)


def sweep(each: Each) -> Iterator[Row]:
    """As many rollouts for each until all are called, by the same sequences; at most 200 each."""
    rule = Rule(threshold=LINE, zone=ZONE, batch=4, most=MOST, uniform=True)
    for world in ("domains share a level", "scattered"):
        found = each(world, partial(allocated, rule), 60)
        text = f"uniform sweep, {world}"
        yield figure(f"{text}: rollouts", found[:, 0].mean(), "rollouts", None, 60)
        yield figure(f"{text}: F1", found[:, 1].mean(), "F1", None, 60)
        yield figure(f"{text}: left undecided, of 200", found[:, 4].mean(), "skills", None, 60)


def trusting(each: Each) -> Iterator[Row]:
    """The posterior's own stop: cheap, right where its prior is, and wrong elsewhere."""
    for world in WORLDS:
        seeds = 400 if world in ("domains share a level", "scattered") else 60
        found = each(world, by_posterior, seeds)
        text = f"peer: posterior risk below 0.0005, {world}"
        yield figure(f"{text}: rollouts", found[:, 0].mean(), "rollouts", None, seeds)
        name = f"{text}: upper 95 % bound of a gross error, all 200 called"
        yield figure(name, upper(found[:, 3]), "share", None, seeds)


def small(each: Each) -> Iterator[Row]:
    """The probe's own defaults (21 skills, line 0.5, at most 24): the hierarchy's bets or none."""
    found = each("domains share a level", defaults, 300).mean(axis=0)
    for at, name in enumerate(("with the hierarchy's bets", "with Jeffreys' alone")):
        text = f"defaults, 21 skills, {name}"
        yield figure(f"{text}: rollouts", found[2 * at], "rollouts", None, 300)
        yield figure(f"{text}: undecided", found[2 * at + 1], "skills", None, 300)


def defaults(rates: Array, random: Random) -> Array:
    """Rollouts and undecided skills of both, on 7 skills of each of 3 domains."""
    few = rates[np.r_[0:7, 20:27, 40:47]]
    draws = random.random((24, 21)) < few
    state = Allocation([f"domain {i // 7}" for i in range(21)], Rule())
    while (wanted := state.next()).any():
        passes = [
            draws[n : n + w, i].sum() for i, (n, w) in enumerate(zip(state.n, wanted, strict=True))
        ]
        state.update(passes, wanted)
    plain = BernoulliSequences(21, 0.05)
    while (going := (np.array(plain.decided(0.5)) == "undecided") & (plain.n < 24)).any():
        passes = [
            draws[n : n + 6, i].sum() * go
            for i, (n, go) in enumerate(zip(plain.n, going, strict=True))
        ]
        plain.update(passes, 6 * going)
    left = [state.decisions.count("undecided"), plain.decided(0.5).count("undecided")]
    return np.array([state.n.sum(), left[0], plain.n.sum(), left[1]], dtype=float)


def main() -> int:
    rows: list[Row] = []
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:

        def each(world: str, method: Callable[[Array, Random], Any], seeds: int) -> Array:
            found = pool.map(partial(run, world, method), range(seeds), chunksize=10)
            return np.array(list(found), dtype=float)

        for part in (elimination, budgeted, sweep, trusting, small):
            print(f"{part.__name__} ...", file=sys.stderr, flush=True)
            rows.extend(part(each))
    return tell("allocation", rows)


if __name__ == "__main__":
    sys.exit(main())
