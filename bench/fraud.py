"""How many planted cheats the signals bring to a person, by kind, and how many honest people.

A simulation, and only that: both honest people and cheats behave as assumed here. Honest: ability
and items' difficulty normal (logits); wrong answers follow each item's own distribution, and with
15 % the favourite mistake of one's school (30 of them); times log-normal with a personal speed; one
in ten writes elsewhere now and then and pastes; one in 25 dictates, and is compared with others who
do; 3 % share a device in a family, 1 % in a classroom of five; three answers of ten take a phrase
of six words that models use too. Everybody answers 120 of 240 closed items, 24 gold items that have
gone round, 24 fresh ones, and 8 open items. 1,500 people are trusted, among them one cheat of each
kind; the look is taken twice, the second time without those among the trusted whom a person found
out after the first. Each cheat cheats on a share of the answers between 30 % and all of them: paste
(a model's answers, pasted), retype (the same, typed by hand, 15 % of words changed), reword (typed
by hand, 60 % changed), accounts (three by one person, half of them on one device), ring (five who
share a key of answers), leak (knows the gold that has gone round), click (at random, in a
quarter of the time). The rate asked of the signals is 0.8 %, so that the draw of this simulation
leaves the honest below 1 %.

Run: make bench NAME=fraud        (about two minutes on two cores)
"""

import sys
import time
from collections import defaultdict

import numpy as np

from banbury.people.signals import Answer, look
from banbury.people.signals.look import kinds as measured_kinds
from banbury.people.signals.record import recorded
from banbury.statistics.intervals import wilson
from figures import row, tell

SEEDS = (1, 2)
TRUSTED, HONEST, EACH, RATE = 1500, 2500, 45, 0.008
KINDS = ("paste", "retype", "reword", "accounts", "ring", "leak", "click")
CLOSED, OPEN, CIRCULATED, FRESH = 240, 12, 60, 300
OPTIONS, SCHOOLS = 4, 30


class World:
    """Items, models' answers, and people who answer."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        count = CLOSED + CIRCULATED + FRESH
        self.hard = rng.normal(0, 1, count)
        self.wrong = rng.dirichlet(np.ones(OPTIONS - 1), count)
        self.school = rng.integers(1, OPTIONS, (SCHOOLS, count))
        self.long = rng.normal(3, 0.6, count + OPEN)
        self.words = [[f"w{i}x{n}" for n in range(60)] for i in range(OPEN)]
        self.models = {
            f"open{i}": [" ".join(rng.choice(self.words[i], 40)) for _ in range(3)]
            for i in range(OPEN)
        }
        self.answers: list[Answer] = []
        self.kind: dict[str, str] = {}
        self.like: dict[str, str] = {}
        self.trait: dict[str, str] = {}
        self._devices = 0

    def device(self) -> str:
        self._devices += 1
        return f"d{self._devices}"

    def option(self, item: int, ability: float, school: int) -> int:
        """An honest answer; 0 is right."""
        rng = self.rng
        if rng.random() < 1 / (1 + np.exp(self.hard[item] - ability)):
            return 0
        if rng.random() < 0.15:
            return int(self.school[school, item])
        return 1 + int(rng.choice(OPTIONS - 1, p=self.wrong[item]))

    def text(self, item: int) -> str:
        rng = self.rng
        words = list(rng.choice(self.words[item], int(rng.integers(25, 50))))
        if rng.random() < 0.3:
            said = self.models[f"open{item}"][int(rng.integers(3))].split()
            at = int(rng.integers(len(said) - 6))
            words[3:9] = said[at : at + 6]
        return " ".join(words)

    def reworded(self, item: int, share: float) -> str:
        rng = self.rng
        said = self.models[f"open{item}"][int(rng.integers(3))].split()
        change = rng.random(len(said)) < share
        other = rng.choice(self.words[item], len(said))
        return " ".join(np.where(change, other, said))


def person(w: World, id: str, kind: str, device: str, key: dict[int, int] | None = None) -> None:
    """Let one person answer 120 closed items, 48 gold ones and 8 open ones."""
    rng = w.rng
    w.kind[id] = kind
    ability = rng.normal(0.8 if kind not in ("leak", "click") else 0.3, 0.7)
    school, speed = int(rng.integers(SCHOOLS)), rng.normal(0, 0.35)
    share = rng.uniform(0.3, 1) if kind not in ("honest", "trusted") else 0.0
    dictates, elsewhere = rng.random() < 0.04, rng.random() < 0.1
    if dictates:
        w.like[id] = "dictates"
    elif elsewhere:
        w.trait[id] = "write elsewhere and paste"
    gold = rng.choice(CIRCULATED, 24, replace=False) + CLOSED
    fresh = rng.choice(FRESH, 24, replace=False) + CLOSED + CIRCULATED
    for item in [*rng.choice(CLOSED, 120, replace=False), *gold, *fresh]:
        cheats = rng.random() < share
        took = w.long[item] + speed + rng.normal(0, 0.4)
        picked = w.option(item, ability, school)
        if cheats and kind in ("paste", "retype", "reword"):
            picked = w.option(item, 2.5, school)
            took = 3 + speed + rng.normal(0, 0.3)
        elif cheats and kind == "click":
            picked, took = int(rng.integers(OPTIONS)), took - np.log(4)
        elif cheats and kind == "leak" and CLOSED <= item < CLOSED + CIRCULATED:
            picked = 0
        elif cheats and kind in ("ring", "accounts") and key is not None:
            picked = key.setdefault(int(item), picked)
        role = "" if item < CLOSED else "circulated" if item < CLOSED + CIRCULATED else "fresh"
        w.answers.append(
            Answer(id, f"closed{item}", str(picked), float(np.exp(took)), device=device,
                   right=picked == 0, gold=role)
        )  # fmt: skip
    for item in rng.choice(OPEN, 8, replace=False):
        cheats = rng.random() < share
        took = w.long[len(w.hard) + item] + speed + rng.normal(0, 0.4) + 1.5
        text = w.text(item)
        keys = int(len(text) * rng.uniform(0.95, 1.3))
        if dictates or (elsewhere and rng.random() < 0.3):
            keys = int(keys * rng.uniform(0, 0.3))
        if cheats and kind in ("paste", "retype", "reword"):
            text = w.reworded(item, {"paste": 0.1, "retype": 0.15, "reword": 0.6}[kind])
            keys = int(len(text) * (0.05 if kind == "paste" else rng.uniform(0.95, 1.3)))
            took = 4 + speed + rng.normal(0, 0.3)
        w.answers.append(
            Answer(id, f"open{item}", text, float(np.exp(took)), keys, device=device, open=True)
        )


def honest(w: World, kind: str, count: int) -> None:
    """Honest people, some of them on shared devices."""
    n = 0
    while n < count:
        draw = w.rng.random()
        size = 5 if draw < 0.002 else 2 if draw < 0.018 else 1
        device = w.device()
        for _ in range(min(size, count - n)):
            person(w, f"{kind}{n}", kind, device)
            if size > 1:
                w.trait[f"{kind}{n}"] = "share a device"
            n += 1


def cheats(w: World, kind: str, count: int, prefix: str = "") -> list[str]:
    """Cheats of one kind, in groups where the kind has groups."""
    size = {"accounts": 3, "ring": 5}.get(kind, 1)
    made = []
    for first in range(0, count, size):
        key: dict[int, int] = {}
        shared = w.device() if kind == "accounts" and w.rng.random() < 0.5 else ""
        for n in range(first, first + size):
            id = f"{prefix}{kind}{n}"
            person(w, id, kind, shared or w.device(), key)
            made.append(id)
    return made


def world(seed: int) -> tuple[World, set[str]]:
    w = World(seed)
    honest(w, "trusted", TRUSTED - 7)
    honest(w, "honest", HONEST)
    trusted = {p for p, k in w.kind.items() if k == "trusted"}
    for kind in KINDS:
        cheats(w, kind, EACH)
    for kind in KINDS:
        trusted.add(cheats(w, kind, 1, "unseen-")[0])
    return w, trusted


def main() -> int:
    brought: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    named: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    spent, untold, scores = 0.0, 0, defaultdict(list)
    unmasked, once = [0, 0], [0, 0]
    for seed in SEEDS:
        w, trusted = world(seed)
        begun = time.process_time()
        first = look(w.answers, trusted, rate=RATE, like=w.like, models=w.models)
        spent += time.process_time() - begun
        # A person looks at those of the trusted who are brought, and decides rightly.
        gone = {s.person for s in first.suspicions if w.kind[s.person] in KINDS} & trusted
        found = look(w.answers, trusted - gone, rate=RATE, like=w.like, models=w.models)
        unmasked[0] += len(gone)
        unmasked[1] += sum(w.kind[p] in KINDS for p in trusted)
        once[0] += sum(w.kind[s.person] in KINDS for s in first.suspicions)
        once[1] += sum(k in KINDS for k in w.kind.values())
        seen = {s.person: s for s in found.suspicions}
        untold += len(found.untold)
        for id, kind in w.kind.items():
            if id in trusted or id in found.untold:
                continue
            brought[kind][0] += id in seen
            brought[kind][1] += 1
            if kind == "honest" and id in w.trait:
                brought[w.trait[id]][0] += id in seen
                brought[w.trait[id]][1] += 1
            if id in seen and seen[id].signals:
                named[kind][seen[id].signals[0].kind] += 1
        right: dict[str, list[bool]] = defaultdict(list)
        for a in w.answers:
            if a.right is not None:
                right[a.person].append(a.right)
        for id, answers in right.items():
            scores[w.kind[id]].append(float(np.mean(answers)))
    return tell("fraud", list(figures(brought, named, spent, untold, scores, unmasked, once)))


def figures(  # type: ignore[no-untyped-def]
    brought, named, spent, untold, scores, unmasked, once
):
    seeds = " ".join(map(str, SEEDS))
    bad, n = brought["honest"]
    high = wilson(bad, n).high
    yield row(f"honest people brought to a person, of {n:,}", bad / n, "", "<= 0.01", seeds=seeds)
    yield row("the same, upper end of its 95 % interval", high, "", seeds=seeds)
    for trait in ("share a device", "write elsewhere and paste"):
        hit, n = brought[trait]
        yield row(f"honest people who {trait}, brought to a person, of {n}", hit / n, "")
    for kind in KINDS:
        hit, n = brought[kind]
        interval = wilson(hit, n)
        first = max(named[kind], key=named[kind].__getitem__, default="none")
        yield row(
            f"cheats brought to a person: {kind}, of {n}", hit / n, "", seeds=seeds,
            interval=f"{interval.low:.2f} to {interval.high:.2f}", mostly=f"by {first}",
        )  # fmt: skip
    yield row("all cheats, at the first look", once[0] / once[1], "", seeds=seeds)
    share = unmasked[0] / unmasked[1]
    yield row(f"cheats among the trusted found then, of {unmasked[1]}", share, "", seeds=seeds)
    middle = float(np.median(scores["honest"]))
    above = float(np.mean(np.array(scores["paste"]) > middle))
    yield row("paste cheats whose accuracy is above that of half the honest", above, "")
    yield row("people of whom nothing is said, since too few like them are trusted", untold, "")
    yield row("CPU time of a look at 4,300 people and 770,000 answers", spent / len(SEEDS), "s")


def each_kind(seed: int) -> None:
    """Print each kind's quantiles, to see which signal tells what."""
    w, _ = world(seed)
    for m in measured_kinds(recorded(w.answers), w.models):
        for kind in ("honest", *KINDS):
            values = [m.values[p] for p, k in w.kind.items() if k == kind and p in m.values]
            shown = np.quantile(values, [0.1, 0.5, 0.9, 0.99]) if values else []
            print(f"{m.kind:12} {kind:9}", *(f"{x:8.3f}" for x in shown))


if __name__ == "__main__":
    sys.exit(main())
