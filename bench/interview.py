"""The interview's measurement, in simulations: length, error, exposure, calibration, fairness.

What is assumed, and all of it is favourable: the two-parameter logistic model is true; people's
abilities are normal(0, 1); a bank of 300 items has ln a normal(0.3, 0.4) (half of the items
between 1.0 and 1.8: a bank from which items that tell little have been retired) and b normal(0, 1),
without guessing. Items are chosen and weighed by parameters estimated from 500 people who answered
the whole bank; people answer by the true ones. So the standard error that the interview states can
be held against the error that it makes. Figures are means over five banks.

The peer, girth 0.8.0, estimates the first bank from the same answers, in an environment of its
own.

Run: make bench NAME=interview        (some minutes on one core)
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from banbury.gyms.interview.bank import banks, parameters
from banbury.gyms.interview.gym import InterviewGym, hidden_of
from banbury.people.ability.fairness import Interviewed, biased_items
from banbury.people.ability.predicting import Worked, items_in_use
from banbury.statistics.correlation import corrected, correlation
from banbury.statistics.impact import impact
from banbury.statistics.response.calibration import calibrated
from banbury.statistics.response.choice import Balance
from banbury.statistics.response.exposure import guarded, prices, quarters
from banbury.statistics.response.items import Items
from banbury.statistics.response.simulation import answers, bank, simulated
from banbury.statistics.response.stopping import Rule
from figures import Row, row, tell
from peers import python

SEEDS = (0, 1, 2, 3, 4)
LEARNT_FROM = 500
PEOPLE = 3000
SHOWN_TO = 8000
LOG_MEAN, LOG_DEVIATION = 0.3, 0.4
LIMITS = {0.4: "<= 6", 0.3: "<= 11"}


def alike(one: np.ndarray, two: np.ndarray) -> float:
    return float(np.corrcoef(one, two)[0, 1])


def peer(x: np.ndarray, folder: str) -> subprocess.Popen[str]:
    """Let girth work on the same answers, beside what follows here."""
    inside = python("girth==0.8.0")
    np.save(Path(folder) / "answers.npy", x.astype(np.int64))
    return subprocess.Popen(
        [str(inside), str(Path(__file__).parent / "peers" / "girth_2pl.py"), folder],
        stdout=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def learnt() -> Iterator[tuple[int, Items, np.ndarray, Items, float]]:
    """Yield (seed, true items, answers, estimated items, CPU seconds) of each bank."""
    for seed in SEEDS:
        true = bank(300, seed, log_mean=LOG_MEAN, log_deviation=LOG_DEVIATION)
        people = np.random.default_rng(100 + seed).standard_normal(LEARNT_FROM)
        x = answers(true, people, seed)
        begun = time.process_time()
        ours = calibrated(x)
        yield seed, true, x, ours.items, time.process_time() - begun


def recovery(
    made: list[tuple[int, Items, np.ndarray, Items, float]], rival: subprocess.Popen[str]
) -> Iterator[Row]:
    """How well the parameters come back; girth's are those of the first bank."""
    said = rival.communicate()[0]
    theirs = json.loads(said.splitlines()[-1])
    who = f"from {LEARNT_FROM} people, 300 items"
    for name, key in (("discrimination", "a"), ("difficulty", "b")):
        held = [alike(getattr(m[3], name), getattr(m[1], name)) for m in made]
        girth = alike(np.array(theirs[key]), getattr(made[0][1], name))
        yield row(f"{name} {who}: true against estimated", float(np.mean(held)), "r", ">= 0.95",
                  peer={"girth 0.8.0": round(girth, 4)}, seeds=list(SEEDS))  # fmt: skip
    yield row("calibration of one bank", float(np.mean([m[4] for m in made])), "CPU s",
              peer={"girth 0.8.0": round(theirs["s"][0], 2)}, seeds=list(SEEDS))  # fmt: skip


def lengths(made: list[tuple[int, Items, np.ndarray, Items, float]]) -> Iterator[Row]:
    """How many items an interview takes, and how wrong it is."""
    for error, must in LIMITS.items():
        rule = Rule(error=error, most=60)
        found: dict[str, list[float]] = {}
        for seed, true, _, held, _ in made:
            people = np.random.default_rng(200 + seed).standard_normal(SHOWN_TO)
            some = people[:PEOPLE]
            free = simulated(held, some, rule, seed, truth=true)
            lots = simulated(held, some, rule, seed, truth=true, adaptive=False)
            price = prices(held, rule, seed=seed)
            capped = guarded(held, people, rule, price, 300 + seed, truth=true)
            for name, value in (
                ("items", free.count.mean()),
                ("95", np.percentile(free.count, 95)),
                ("wrong", np.sqrt(np.mean((free.mean - some) ** 2))),
                ("random", lots.count.mean()),
                ("free exposure", free.exposure.max()),
                ("capped", capped.count.mean()),
                ("more", capped.count.mean() - free.count.mean()),
                ("exposure", capped.exposure.max()),
                ("capped wrong", np.sqrt(np.mean((capped.mean - people) ** 2))),
            ):
                found.setdefault(name, []).append(float(value))
        mean = {name: float(np.mean(values)) for name, values in found.items()}
        seeds = {"seeds": list(SEEDS)}
        to = f"to a standard error of {error:g}"
        yield row(f"items {to}, calibrated bank of 300", mean["items"], "items", must, **seeds)
        yield row(f"items {to}, 95 of 100 people", mean["95"], "items", **seeds)
        yield row(f"items {to}, at random", mean["random"], "items", **seeds)
        yield row(f"error made {to}", mean["wrong"], "rms", **seeds)
        yield row(f"largest exposure {to}, no cap", mean["free exposure"], "share", **seeds)
        yield row(f"items {to}, exposure capped", mean["capped"], "items", **seeds)
        yield row(f"items more for the cap {to}", mean["more"], "items", "<= 2", **seeds)
        yield row(f"items more for the cap {to}, worst bank", max(found["more"]), "items", "<= 2",
                  **seeds)  # fmt: skip
        yield row(f"largest exposure {to}, capped, worst bank", max(found["exposure"]), "share",
                  "<= 0.25", **seeds)  # fmt: skip
        yield row(f"error made {to}, capped", mean["capped wrong"], "rms", **seeds)


def shipped() -> Iterator[Row]:
    """The banks that come with the gym, were their authors' estimates true."""
    gym = InterviewGym()
    for skill, held in banks().items():
        rule = hidden_of(next(gym.tasks(skill, seed=0))).rule
        asked = [item for item in held.items if item.kind != "open"]
        kinds = [item.kind for item in asked]
        people = np.random.default_rng(5).standard_normal(2000)
        eligible = np.array([quarters(kinds, n)[0] for n in range(people.size)])
        found = simulated(
            parameters(asked), people, rule, 6, eligible=eligible, balance=Balance(kinds)
        )
        right = float(np.corrcoef(found.mean, people)[0, 1])
        yield row(f"{skill}, {len(asked)} checked items: items asked", found.count.mean(), "items")
        yield row(f"{skill}: standard error, checked items alone", found.error.mean(), "deviations")
        yield row(f"{skill}: estimate against true ability", right, "r")
        yield row(f"{skill}: largest exposure", found.exposure.max(), "share")


def fairness() -> Iterator[Row]:
    """Items planted to be harder for one group; interviews without any difference."""
    hit = false = planted = plain = 0
    for seed in range(4):
        rng = np.random.default_rng(400 + seed)
        made = bank(40, 50 + seed, log_mean=LOG_MEAN, log_deviation=LOG_DEVIATION)
        group = rng.integers(0, 2, 1000)
        ability = rng.standard_normal(1000) - 0.4 * group
        harder = Items(made.discrimination, made.difficulty + 0.7 * (np.arange(40) < 4), made.guess)
        chance = np.where(group[:, None] == 1, harder.chance(ability).T, made.chance(ability).T)
        x = rng.random(chance.shape) < chance
        score = x.mean(axis=1)
        rows = [
            Interviewed("ab"[g], float(s), True, {f"{i:02}": bool(v) for i, v in enumerate(one)})
            for g, s, one in zip(group, score, x, strict=True)
        ]
        shown = {int(b.item) for b in biased_items(rows) if b.shown}
        hit += len(shown & set(range(4)))
        false += len(shown - set(range(4)))
        planted += 4
        plain += 36
    what = "1,000 people in two groups 0.4 apart in ability"
    yield row(f"items 0.7 harder for one group, found by Mantel-Haenszel ({what})", hit / planted,
              "share")  # fmt: skip
    yield row(f"fair items shown as unfair ({what})", false / plain, "share")
    rng = np.random.default_rng(9)
    held = 0
    rounds = 2000
    for _ in range(rounds):
        got = impact(int(rng.binomial(40, 0.4)), 40, int(rng.binomial(120, 0.5)), 120)
        held += got.low <= 0.8 and (got.high is None or got.high >= 0.8)
    yield row("adverse-impact ratio of 40 to 120 people: intervals that hold it", held / rounds,
              "share of 0.95", seed=9)  # fmt: skip


def predicting() -> Iterator[Row]:
    """A true correlation of 0.45 of which only the upper half by score was let to work."""
    held = whole = 0
    seen, mended = [], []
    rounds = 300
    for seed in range(rounds):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(400)
        y = 0.45 * x + np.sqrt(1 - 0.45**2) * rng.standard_normal(400)
        y[x < 0] = np.nan
        there = ~np.isnan(y)
        naive, found = correlation(x[there], y[there]), corrected(x, y, draws=300, seed=seed)
        held += found.low <= 0.45 <= found.high
        whole += naive.low <= 0.45 <= naive.high
        seen.append(naive.estimate)
        mended.append(found.estimate)
    who = "true r of 0.45, 400 people, the upper half works"
    yield row(f"correlation as seen ({who})", float(np.mean(seen)), "r")
    yield row(f"correlation corrected for selection ({who})", float(np.mean(mended)), "r")
    yield row("intervals that hold the truth, as seen", whole / rounds, "share of 0.95")
    yield row("intervals that hold the truth, corrected", held / rounds, "share of 0.95")


def retiring() -> Iterator[Row]:
    """Interviews of 12 of 100 items at random, a fifth of which measure something else."""
    made = bank(100, 7, log_mean=LOG_MEAN, log_deviation=LOG_DEVIATION)
    rng = np.random.default_rng(8)
    people = rng.standard_normal(20_000)
    dead = np.arange(100) % 5 == 0
    # A dead item measures something else of the person, equally well.
    other = rng.standard_normal(people.size)
    chance = np.where(dead, made.chance(other).T, made.chance(people).T)
    truth = rng.random(chance.shape) < chance
    found = simulated(made, people, Rule(error=0.0, most=12), 9, adaptive=False)
    gold = np.clip(0.7 + 0.12 * (0.6 * people + 0.8 * rng.standard_normal(people.size)), 0, 1)
    rows = [
        Worked(f"p{i}", "s", 0.0, {"gold": float(gold[i])},
               {f"{j:02}": bool(truth[i, j]) for j in np.flatnonzero(found.given[i])})
        for i in range(people.size)
    ]  # fmt: skip
    known = {
        f"{j:02}": (float(made.discrimination[j]), float(made.difficulty[j]), 0.0)
        for j in range(100)
    }
    use = items_in_use(rows, "gold", known)
    gone = np.array([one.retire for one in use])
    yield row("items that predict nothing, retired (20,000 people, 12 of 100 items each)",
              float(gone[dead].mean()), "share")  # fmt: skip
    yield row("items that predict, retired by mistake", float(gone[~dead].mean()), "share")


def main() -> int:
    made = list(learnt())
    with tempfile.TemporaryDirectory() as folder:
        rival = peer(made[0][2], folder)
        rest = []
        for part in (lengths(made), shipped(), fairness(), predicting(), retiring()):
            for one in part:
                rest.append(one)
                print(one["name"], one["value"], one["holds"], file=sys.stderr, flush=True)
        rows = [*recovery(made, rival), *rest]
    return tell("interview", rows)


if __name__ == "__main__":
    sys.exit(main())
