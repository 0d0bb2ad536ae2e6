"""What mining yields, costs and promises, on repositories with a fixed range of commits.

The repositories of bench/mining/recent.txt (fixes since 2022) and older.txt (2018 to 2021) are
mined into the store that BANBURY_HOME names; what is there already is not mined again, so that a
run of hours may be stopped and carried on. Then every accepted task is looked at afresh: perturbed
runs of the fix under seeds that mining did not use, and a run without the fix.

Set MINING_LOCAL to a folder of clones, such as '/clones/{owner}/{name}', where addresses cannot be
fetched. MINING_ONLY=recent or =older takes one list alone.

Run: make bench NAME=mining        (hours on two cores the first time, then minutes)
"""

import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from banbury import store
from banbury.cycle.source.mine.account import Account, account
from banbury.cycle.source.mine.asked import Asked, Source, address, read_list
from banbury.cycle.source.mine.mining import mine
from banbury.cycle.source.mine.perturb import DAY_S, How
from banbury.episode import Problem
from banbury.gyms.code_repair import rooms, testing
from banbury.gyms.code_repair.judge import put
from banbury.gyms.code_repair.repair import key_of, repair_of
from banbury.sandbox import Limits
from banbury.store import Lab
from banbury.store.mining import Candidate
from figures import Row, row, tell

LISTS = Path(__file__).parent / "mining"
MUST = {"recent": (">= 0.7", ">= 0.95"), "older": (">= 0.45", ">= 0.8")}
FRESH = (
    How(hash_seed=101, order=101),
    How(order=102, clock=61 * DAY_S),
    How(hash_seed=103, zone="Australia/Lord_Howe"),
)
"""Perturbations that mining did not use."""
PEERS = {
    "valid tasks of candidates": {"SWE-rebench": 0.139, "Repo2RLEnv": "0.15 to 0.40 of PRs"},
    "environments built of candidates": {"SWE-rebench": 0.31, "RepoLaunch": 0.78},
}
LIMITS = Limits(cpu_s=300, wall_s=1200, processes=256)


def sources(name: str) -> list[Source]:
    """Return the repositories of a list."""
    return list(read_list(LISTS / f"{name}.txt", Source("")))


def candidates(lab: Lab, wanted: Sequence[Source]) -> Iterator[tuple[Source, list[Candidate]]]:
    """Yield each repository with the candidates that its line asks for."""
    rows = {row.url: row for row in lab.mining.repositories()}
    for source in wanted:
        if address(source.url) not in rows:
            continue
        low, high = source.span
        ids = lab.mining.chosen(
            rows[address(source.url)].id, since=low, until=high, limit=source.limit
        )
        yield source, lab.mining.candidates(ids=ids, limit=len(ids))


def yields(name: str, lab: Lab) -> tuple[list[Row], list[Candidate]]:
    """Return the figures of one list, and its candidates that were run."""
    held = list(candidates(lab, sources(name)))
    run = [c for _, every in held for c in every if c.state in ("task", "rejected")]
    told = [(c, account(c.body)) for c in run]
    valid = [c for c in run if c.state == "task"]
    built = [c for c in run if c.kind != "environment"]
    share, environments = MUST[name]
    ratios = [ratio(c, a) for c, a in told if a.suite_cpu_s]
    words = {"recent": "since 2022", "older": "2018 to 2021"}[name]
    return [
        row(f"repositories, {words}", len(held)),
        row(f"candidates run, {words}", len(run)),
        row(
            f"fewest candidates of a repository, {words}",
            min((len(every) for _, every in held), default=0),
            must=">= 10" if name == "recent" else None,
        ),
        row(
            f"valid tasks of candidates, {words}",
            len(valid) / max(1, len(run)),
            must=share,
            peer=PEERS["valid tasks of candidates"],
        ),
        row(
            f"environments built of candidates, {words}",
            len(built) / max(1, len(run)),
            must=environments,
            peer=PEERS["environments built of candidates"],
        ),
        row(
            f"CPU of a candidate, less 10 s, over one run of its suite, median, {words}",
            statistics.median(ratios) if ratios else 0.0,
            must="<= 6",
        ),
        row(
            f"CPU of a candidate, median, {words}",
            statistics.median([c.cpu_s for c in run]) if run else 0.0,
            "s",
        ),
        row(f"core-hours, {words}", sum(c.cpu_s for c in run) / 3600, "h"),
        row(
            f"most that a task adds to the store, {words}",
            max((a.disk for c, a in told if c.state == "task"), default=0) / 1e6,
            "MB",
            must="<= 10",
        ),
        row(f"mutants of fixes that tests notice, {words}", strength([a for _, a in told])),
    ], valid


def ratio(candidate: Candidate, told: Account) -> float:
    """Return what is left of a candidate's CPU time after 10 s, in runs of its suite."""
    return max(0.0, candidate.cpu_s - 10.0) / told.suite_cpu_s


def strength(accounts: Sequence[Account]) -> float:
    """Return the share of all mutants that were caught."""
    made = sum(len(a.mutants) for a in accounts)
    return sum(a.caught for a in accounts) / made if made else 0.0


def afresh(lab: Lab, tasks: Sequence[str]) -> list[Row]:
    """Run every task again as mining did not: with the fix, and without it."""
    problems = list(lab.problems(tasks).values())
    flaky = sum(bool(key_of(problem).flaky) for problem in problems)
    good = empty = 0
    with ThreadPoolExecutor(2) as pool:
        for number, (fixed, bare) in enumerate(pool.map(tried, problems), start=1):
            good += fixed
            empty += bare
            sys.stderr.write(f"\r{number} of {len(tasks)} tasks run afresh")
    sys.stderr.write("\n")
    total = len(FRESH) * len(problems)
    return [
        row("accepted tasks run afresh", len(tasks)),
        row("perturbed runs of the fix", total),
        row("perturbed runs of the fix that passed", good / max(1, total), must=">= 0.995"),
        row("accepted tasks that an empty patch passes", empty, must="== 0"),
        row("accepted tasks with a test that wavers (kept apart, with its rate)", flaky),
    ]


def tried(problem: Problem) -> tuple[int, bool]:
    """Return how many runs of the fix passed, and whether the tests pass without it."""
    good = sum(passes(problem, how, fixed=True) for how in FRESH)
    return good, passes(problem, FRESH[0], fixed=False)


def passes(problem: Problem, how: How, *, fixed: bool) -> bool:
    """Say whether the fail-to-pass tests of a task pass, with the fix or without it."""
    repair, key = repair_of(problem), key_of(problem)
    files = sorted({id.partition("::")[0] for id in key.fail_to_pass})
    with rooms.room(repair, problem.read, limits=LIMITS) as box:
        if fixed:
            ran = box.run(["git", "apply", "--whitespace=nowarn", "-"], stdin=key.fix.encode())
            assert ran.code == 0, ran.err.decode()
        put(box, key.tests)
        said = testing.run(
            box,
            repair.recipe,
            files,
            hash_seed=how.hash_seed,
            order=how.order,
            clock=how.clock or None,
            zone=how.zone,
            limits=LIMITS,
        )
    return all(said.of(id) == "passed" for id in key.fail_to_pass)


def leaking(valid: Sequence[Candidate]) -> int:
    """Return how many accepted tasks show the fix in their box, by their accounts."""
    return sum(bool(account(c.body).gates.get("leak")) for c in valid)


def main() -> int:
    """Mine what is not mined yet, and tell."""
    asked = Asked(local=os.environ.get("MINING_LOCAL", ""))
    only = os.environ.get("MINING_ONLY")
    rows: list[Row] = []
    every: list[Candidate] = []
    with store.open() as house:
        lab = house.lab(os.environ.get("BANBURY_LAB", "main"))
        for name in [only] if only else list(MUST):
            progress: Any = None
            mine(lab, sources(name), asked, rooms.cache(), progress=progress)
            said, valid = yields(name, lab)
            rows += said
            every += valid
        rows.append(
            row("accepted tasks in whose box the fix can be read", leaking(every), must="== 0")
        )
        rows.append(row("verified tasks", len(every), must=">= 100"))
        rows += afresh(lab, [id for c in every for id in c.tasks])
    return tell("mining", rows)


if __name__ == "__main__":
    sys.exit(main())
