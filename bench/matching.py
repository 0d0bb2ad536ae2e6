"""Matching 30,000 people and 5,000 open places under all constraints: time, share of the optimum.

A simulation, and only that: the people and campaigns are drawn, not observed. Assumed: 60 skills in
12 fields; a person has 1 to 6 skills, mostly of one field; beliefs on the logit scale with variance
1 / (1 + results / 4), results long-tailed, one person in seven a newcomer; twelve languages, four
people of five speak English; 5 to 40 hours a week; hourly costs log-normal with a spread of a
quarter; half of them say when in the week they are free, in one of eight time zones; 40 labs, one
pair of twenty in conflict; campaigns of one to three skills, half of them with a language, 2 to 20
hours a place, due in 3 days to 6 weeks, some with a least quality. The bound of the optimum is by
prices of the linear relaxation over all allowed pairs, in the same run. CPU time is held against
what is asked for: of all threads together, it is at least the time that a machine takes that has
nothing else to do; the time itself stands beside it, with the load it met.

Run: make bench NAME=matching        (about two minutes on two cores)
"""

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from functools import cache

import msgspec
import numpy as np
import sqlalchemy as sa

from banbury import store
from banbury.people.matching import Belief, Matching, Opening, Person, Rules, broken, match
from banbury.people.offers import Asked, Live, Offers
from banbury.people.offers.times import TIMES, When
from banbury.store.personal import sealed_text
from figures import Row, row, tell

PEOPLE, PLACES, SEEDS = 30_000, 5_000, (1, 2)
SKILLS = [f"field{n // 5}.skill{n}" for n in range(60)]
TONGUES = ["en", "de", "fr", "es", "pt", "hi", "ja", "ko", "zh", "ar", "sw", "pl"]
LABS = [f"lab{n}" for n in range(40)]
ZONES = ["Europe/Berlin", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo",
         "Africa/Nairobi", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"]  # fmt: skip
NOW_NS = 1_900_000_800 * 10**9
"""When the plan is made: a Sunday in March 2030, two weeks before clocks change in Europe."""


def rules(seed: int) -> Rules:
    rng = np.random.default_rng((seed, 0))
    pairs = [(a, b) for i, a in enumerate(LABS) for b in LABS[i + 1 :]]
    chosen = rng.random(len(pairs)) < 0.05
    return Rules(frozenset(p for p, c in zip(pairs, chosen, strict=True) if c), seed=seed)


@cache
def stated(seed: int, count: int = PEOPLE, first: int = 0) -> list[When]:
    """When each of the people is free: one to six parts of the week, or any time."""
    rng = np.random.default_rng((seed, 5, first))
    made = []
    for _ in range(count):
        parts = rng.choice(TIMES, size=int(rng.integers(1, 7)), replace=False).tolist()
        zone = ZONES[int(rng.integers(len(ZONES)))]
        told = tuple(t for t in TIMES if t in parts) if rng.random() < 0.5 else ()
        made.append(When(zone, told))
    return made


@cache
def people(seed: int, count: int = PEOPLE, first: int = 0) -> list[Person]:
    rng = np.random.default_rng((seed, 1, first))
    made = []
    when = stated(seed, count, first)
    spans = {one: one.windows(NOW_NS) for one in set(when)}
    for n in range(count):
        field = int(rng.integers(12))
        own = rng.choice(5, size=int(rng.integers(1, 5)), replace=False) + 5 * field
        other = rng.integers(60, size=int(rng.integers(0, 3)))
        results = int(rng.integers(10)) if rng.random() < 1 / 7 else 10 + int(rng.exponential(60))
        level = rng.normal(0.8, 0.8)
        beliefs = {
            SKILLS[s]: Belief(
                float(level + rng.normal(0, 0.5)), 1 / (1 + results / 4), results // (len(own) + 1)
            )
            for s in {*own.tolist(), *other.tolist()}
        }
        spoken = {"en"} if rng.random() < 0.8 else set()
        spoken |= {TONGUES[t] for t in rng.integers(1, 12, size=int(rng.integers(1, 3)))}
        made.append(
            Person(
                f"p{first + n}", beliefs, frozenset(spoken),
                min(float(rng.integers(5, 41)), when[n].hours),
                float(np.exp(rng.normal(-0.2, 0.25))),
                frozenset(LABS[x] for x in rng.integers(40, size=int(rng.integers(0, 2)))),
                int(rng.integers(1, 4)), windows=spans[when[n]],
            )
        )  # fmt: skip
    return made


def openings(seed: int, each: int) -> list[Opening]:
    """5,000 places, in openings of about `each`."""
    rng = np.random.default_rng((seed, 2))
    made: list[Opening] = []
    left = PLACES
    while left:
        places = min(left, 1 if each == 1 else 1 + int(rng.geometric(1 / (each - 1))))
        left -= places
        field, n = int(rng.integers(12)), len(made)
        skills = rng.choice(5, size=int(rng.integers(1, 4)), replace=False) + 5 * field
        made.append(
            Opening(
                f"o{n}", f"c{n // 2}", LABS[int(rng.integers(40))],
                {SKILLS[s]: float(rng.integers(1, 4)) for s in skills}, places,
                float(rng.integers(2, 21)), float(rng.choice([3 / 7, 1, 2, 3, 4, 6])),
                frozenset({TONGUES[int(rng.integers(12))]} if rng.random() < 0.5 else ()),
                float(rng.normal(0, 0.7)), float(rng.choice([0, 0.5, 0.7])),
                float(np.exp(rng.normal(0.1, 0.2))), float(rng.choice([1, 1, 2])),
            )
        )  # fmt: skip
    return made


def solved(seed: int, each: int) -> Iterator[Row]:
    """Everybody at once."""
    crowd, asked, how = people(seed), openings(seed, each), rules(seed)
    begun = time.process_time()
    plan = match(crowd, asked, how)
    spent = time.process_time() - begun
    wrong = broken(plan.offers, crowd, asked, how)
    at = f"{PEOPLE:,} people, {PLACES:,} places in {len(asked):,} openings"
    busy = os.getloadavg()[0]
    yield row(f"time of the whole plan, {at}", plan.seconds, "s", seed=seed, load=busy)
    yield row(f"CPU time of the whole plan, {at}", spent, "s", "<= 10", seed=seed)
    yield row(f"share of the optimum's bound, {at}", plan.share, "", ">= 0.98", seed=seed)
    yield row(f"rules broken, {at}", len(wrong), "", "== 0", seed=seed)
    yield row(f"places filled, {at}", len(plan.offers) / plan.places, "", seed=seed)
    short = plan.wanted - plan.newcomers
    yield row(f"newcomers fewer than the rules ask, {at}", max(0, short), "", "== 0", seed=seed)


def change(n: int, matching: Matching, known: dict[str, Person], who: Person, new: Person) -> None:
    """One person comes, leaves, refuses, or has less time."""
    if n % 4 == 0:
        known[new.id] = new
        matching.put(new)
    elif n % 4 == 1:
        del known[who.id]
        matching.drop(who.id)
    elif n % 4 == 2:
        refused = matching.openings_of(who.id)[0]
        known[who.id] = msgspec.structs.replace(who, away=who.away | {refused})
        matching.refuse(who.id, refused)
    else:
        known[who.id] = msgspec.structs.replace(who, hours=max(0.0, who.hours - 10))
        matching.put(known[who.id])


def changed(seed: int, each: int, count: int) -> Iterator[Row]:
    """One person's change, of every kind in turn, each of somebody who holds a place."""
    crowd, asked, how = people(seed), openings(seed, each), rules(seed)
    known = {p.id: p for p in crowd}
    matching = Matching(crowd, asked, how)
    busy = np.random.default_rng((seed, 3)).permutation(
        sorted({o.person for o in matching.plan.offers})
    )
    waits, cpu, n = [], [], 0
    fresh = people(seed, count, first=PEOPLE)
    for who in busy[: 2 * count]:
        if n == count or not matching.openings_of(str(who)):
            continue
        begun, used = time.perf_counter(), time.process_time()
        change(n, matching, known, known[str(who)], fresh[n])
        cpu.append(1e3 * (time.process_time() - used))
        waits.append(1e3 * (time.perf_counter() - begun))
        n += 1
    plan = matching.plan
    anew = match(list(known.values()), asked, how)
    wrong = broken(plan.offers, known.values(), asked, how)
    at = f"one change ({n} in turn, {len(asked):,} openings)"
    late = float(np.quantile(waits, 0.99))
    yield row(f"{at}, time, median", float(np.median(waits)), "ms", seed=seed)
    yield row(f"{at}, time, 99 of 100", late, "ms", seed=seed, load=os.getloadavg()[0])
    yield row(
        f"{at}, CPU time, 99 of 100", float(np.quantile(cpu, 0.99)), "ms", "<= 100", seed=seed
    )
    yield row(f"{at}, CPU time, longest", max(cpu), "ms", seed=seed)
    yield row(f"{at}: proven share of the optimum then", plan.share, "", ">= 0.98", seed=seed)
    yield row(f"{at}: value over that of a plan anew", plan.value / anew.value, "", seed=seed)
    yield row(f"{at}: rules broken", len(wrong), "", "== 0", seed=seed)


def lived(seed: int, each: int, count: int) -> Iterator[Row]:
    """The same in a house with rows: people refuse, and the next ones are offered their places.

    It is what the workbench's server does from the refusal to the new offer's row, with PostgreSQL
    and the seal of each offer's reasons; the CPU time is this process's, the time holds both.
    """
    crowd, asked, how = people(seed), openings(seed, each), rules(seed)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BANBURY_KEYS"] = f"{folder}/keys"
        with store.open(f"banbury://{folder}/house?durable=no") as house:
            ids = settle(house, crowd, asked, how, stated(seed))
            live = Live(house, msgspec.structs.replace(how, conflicts=frozenset()))
            used = time.process_time()
            live.round()
            round_s = time.process_time() - used
            offers = Offers(house)
            waiting = house.run(lambda c: c.execute(sa.text(
                "SELECT id::text, account::text FROM work_offer WHERE state = 'offered' ORDER BY id"
            )).all())  # fmt: skip
            order = np.random.default_rng((seed, 4)).permutation(len(waiting))[:count]
            waits, cpu, told = [], [], 0
            for n in order:
                offer, account = waiting[n]
                begun, used = time.perf_counter(), time.process_time()
                told += live.changed(account, offers.refuse(account, offer))
                cpu.append(1e3 * (time.process_time() - used))
                waits.append(1e3 * (time.perf_counter() - begun))
    at = f"one refusal in a house ({count} in turn, {len(ids):,} people, {len(asked):,} openings)"
    busy = os.getloadavg()[0]
    yield row(f"{at}, time, median", float(np.median(waits)), "ms", seed=seed, load=busy)
    yield row(f"{at}, time, 99 of 100", float(np.quantile(waits, 0.99)), "ms", seed=seed, load=busy)
    yield row(
        f"{at}, CPU time, 99 of 100", float(np.quantile(cpu, 0.99)), "ms", "<= 100", seed=seed
    )
    yield row(
        f"CPU time of the round for all before it, in a house with rows ({len(ids):,} people)",
        round_s, "s", seed=seed,
    )  # fmt: skip
    yield row(f"{at}: places that were offered anew", told / count, "share", seed=seed)


def settle(
    house: store.House, crowd: list[Person], asked: list[Opening], how: Rules, when: list[When]
) -> list[str]:
    """Write people, openings and conflicts into a house as rows; return the accounts."""
    ids = {p.id: str(uuid.uuid5(uuid.NAMESPACE_OID, p.id)) for p in crowd}
    house.keyring.make_all(f"person:{id}" for id in ids.values())
    for lab in LABS:
        house.run(lambda c, lab=lab: c.execute(sa.text(
            "INSERT INTO lab (name, database, secret, created_ns) VALUES (:n, :n, '', 0)"
        ), {"n": lab}))  # fmt: skip
    tables = {
        "INSERT INTO account (id, operator, closed, created_ns) VALUES (:a, false, false, 0)": [
            {"a": ids[p.id]} for p in crowd
        ],
        "INSERT INTO work_profile (account, languages, hours, rate, most, looking) VALUES "
        "(:a, :l, :h, :r, :m, true)": [
            {"a": ids[p.id], "l": sorted(p.languages), "h": p.hours, "r": p.rate, "m": p.most}
            for p in crowd
        ],
        "INSERT INTO person_words (account, kind, body, changed_ns) VALUES "
        "(:a, 'profile', :b, 0)": [
            {"a": ids[p.id], "b": sealed_text(house.keyring, ids[p.id],
                                              msgspec.json.encode(said).decode(),
                                              "person_words.profile")}
            for p, said in zip(crowd, when, strict=True) if said.told
        ],
        "INSERT INTO work_belief (account, skill, mean, variance, results) VALUES "
        "(:a, :s, :m, :v, :n)": [
            {"a": ids[p.id], "s": s, "m": b.mean, "v": b.variance, "n": b.results}
            for p in crowd for s, b in p.beliefs.items()
        ],
        "INSERT INTO lab_conflict (lab, other) VALUES (:a, :b)": [
            {"a": min(pair), "b": max(pair)} for pair in sorted(how.conflicts)
        ],
        "INSERT INTO work_opening (id, lab, campaign, body, due_ns, made_by, made_ns) VALUES "
        "(:id, :l, :c, :b, :d, '', 0)": [
            {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, o.id)), "l": o.lab, "c": o.campaign,
             "b": msgspec.json.encode(Asked(dict(o.skills), o.places, o.hours, 7 * o.weeks,
                                            tuple(o.languages), o.difficulty, o.least, o.rate)),
             "d": time.time_ns() + round(o.weeks * 7 * 86_400 * 1e9)} for o in asked
        ],
    }  # fmt: skip
    for query, rows in tables.items():
        house.run(lambda c, query=query, rows=rows: c.execute(sa.text(query), rows))
    return list(ids.values())


def explored(seed: int) -> Iterator[Row]:
    """What exploring and the newcomers' share cost today."""
    crowd, asked, how = people(seed), openings(seed, 10), rules(seed)
    none = msgspec.structs.replace(how, explore=0.0, newcomers=0.0)
    with_, without = match(crowd, asked, how), match(crowd, asked, none)
    lost = 1 - sum(o.quality for o in with_.offers) / len(with_.offers) / (
        sum(o.quality for o in without.offers) / len(without.offers)
    )
    yield row(
        "expected quality of a place given up for exploring and newcomers", lost, "", seed=seed
    )
    fresh = {p.id for p in crowd if p.results < how.newcomer_results}
    share = sum(o.person in fresh for o in without.offers) / len(without.offers)
    yield row("places that go to newcomers without either", share, "", seed=seed)
    yield row("places that go to newcomers", with_.newcomers / len(with_.offers), "", seed=seed)


def main() -> int:
    rows: list[Row] = []
    for seed in SEEDS:
        for each in (10, 1):
            rows += solved(seed, each)
    rows += changed(SEEDS[0], 10, 120)
    rows += changed(SEEDS[0], 1, 120)
    rows += lived(SEEDS[0], 10, 100)
    rows += explored(SEEDS[0])
    return tell("matching", rows)


if __name__ == "__main__":
    sys.exit(main())
