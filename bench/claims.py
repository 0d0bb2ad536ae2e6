"""What it costs to give people their next task, and to take an answer: rate, wait, CPU time.

Tasks are made by the database itself, since only claiming is measured. Workers are threads of one
process, as in the server: first eight that do nothing else, whose rate and waits are measured; then
200 that claim 500 tasks a second together; then 100,000 claims by 200 at once, after which every
task is counted. The peer is the query of tools that compute need when they are asked: it counts
each task's answers, on the same database.

Run: make bench NAME=claims        (about eight minutes on two cores)
"""

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from banbury import store
from banbury.episode import (
    GYM,
    Actor,
    Episode,
    Judgement,
    Record,
    RunKey,
    Seat,
    Step,
    canonical,
    new_id,
)
from banbury.store import House, Lab
from banbury.store.database import raw
from banbury.store.queue import Campaign, Lease
from figures import Row, row, tell
from store import server_ms

SIZES = (100_000, 1_000_000)
WORKERS = 200
ROUNDS = 7
PACE = 500.0
"""Claims a second that all workers ask for together where waits are measured."""

_TASKS = """
INSERT INTO task (id, gym, family, skill, split, body, created_ns, text)
SELECT encode(sha256(n::text::bytea), 'hex'), 'gym', 'bench', 'bench', 'open',
    convert_to(repeat('x', 200), 'UTF8'), 0, sha256(n::text::bytea)
FROM generate_series(%s::bigint, %s::bigint) AS n
"""

_COUNTING = """
SELECT w.task FROM work w LEFT JOIN lease l ON l.campaign = w.campaign AND l.task = w.task
WHERE w.campaign = %(campaign)s AND NOT EXISTS (SELECT FROM lease mine
    WHERE mine.campaign = w.campaign AND mine.task = w.task AND mine.person = %(person)s)
GROUP BY w.task, w.rank HAVING count(l.id) < %(overlap)s ORDER BY w.rank LIMIT 1
"""
"""Need computed when it is asked for: what tools do that keep no count."""


def campaign(lab: Lab, name: str, size: int, **rules: Any) -> None:
    """Make a campaign of the lab's tasks."""
    lab.queue.put(Campaign(name, "gym", hold=1000, **rules))
    added = lab.queue.add_all(name)
    assert added == size, f"{added} of {size} tasks are in the campaign"


def saturated(lab: Lab, name: str, seconds: float, threads: int = 8) -> tuple[float, list[float]]:
    """Claims a second of some threads that do nothing else, and each claim's milliseconds."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        count = 0
        while time.perf_counter() < end:
            begun = time.perf_counter()
            # A person does not claim for ever: a new one comes after 500 tasks.
            got = lab.queue.claim(name, f"s-{number}-{count // 500}")
            waits.append((time.perf_counter() - begun) * 1e3)
            assert got, "nothing was left to claim"
            count += 1

    begun = time.perf_counter()
    together(work, threads)
    return len(waits) / (time.perf_counter() - begun), waits


def paced(lab: Lab, name: str, seconds: float) -> list[float]:
    """Milliseconds from when each claim was due to when it was answered, by 200 workers."""
    waits: list[float] = []
    start = time.perf_counter() + 0.5

    def work(number: int) -> None:
        draw = random.Random(number)
        due = start + draw.random() * WORKERS / PACE
        while due < start + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            lab.queue.claim(name, f"w-{number}")
            waits.append((time.perf_counter() - due) * 1e3)
            due += draw.expovariate(PACE / WORKERS)

    together(work, WORKERS)
    return waits


def together(work: Callable[[int], None], threads: int) -> None:
    """Run work in threads to its end; the first error is raised here."""
    faults: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            faults.append(error)

    running = [threading.Thread(target=guarded, args=(n,)) for n in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    if faults:
        raise faults[0]


def over_assigned(lab: Lab, name: str, claims: int, overlap: int) -> int:
    """Let 200 workers make so many claims at once; return how many were one too many."""

    def work(number: int) -> None:
        for _ in range(claims // WORKERS // 5):
            lab.queue.claim(name, f"o-{number}", count=5)

    together(work, WORKERS)
    id = lab.queue.campaign(name).id
    query = (
        "SELECT coalesce(sum(greatest(0, n - %s)), 0), coalesce(sum(n), 0), "
        "coalesce(sum(n - people), 0) FROM (SELECT count(*) AS n, count(DISTINCT person) AS people "
        "FROM lease WHERE campaign = %s GROUP BY task) AS held"
    )
    [(over, made, twice)] = asked(lab, query, [overlap, id])
    assert made >= claims * 0.99, f"only {made} of {claims} claims were made"
    return int(over) + int(twice)


def counted_on_the_fly(lab: Lab, name: str, times: int) -> float:
    """Claims a second that the counting query answers, one after the other."""
    id = lab.queue.campaign(name).id
    begun = time.perf_counter()
    for n in range(times):
        asked(lab, _COUNTING, {"campaign": id, "person": f"peer-{n}", "overlap": 1})
    return times / (time.perf_counter() - begun)


def asked(lab: Lab, query: str, values: Any) -> list[Any]:
    return lab._database.run(lambda c: raw(c).execute(query, values).fetchall())


def answered(lab: Lab, name: str, leases: list[Lease]) -> list[tuple[str, Record, Judgement]]:
    """One-step episodes as a page makes them of an answer."""
    out = []
    for lease in leases:
        steps = (
            Step(0, "observation", GYM, "solver", "main", 0, 0, canonical({"text": "x" * 200})),
            Step(
                1, "action", 0, "solver", "main", 1, 2,
                canonical({"do": "answer", "text": "yes"}), reply_to=0,
            ),
            Step(2, "note", 0, "solver", "main", 2, 2, canonical({"seat": '{"keys":12}'})),
        )  # fmt: skip
        actor = Actor("person", lease.person)
        episode = Episode(
            new_id(), lab.name, RunKey(f"campaign:{name}", lease.task, actor.key, 0), "gym", "1",
            "bench", time.time_ns(), 9, "done", (actor,), (Seat("solver", (0,)),),
            tags=("person",),
        )  # fmt: skip
        verdict = Judgement(new_id(), episode.id, "gym/exact", "77aa", 1.0, True)
        out.append((lease.id, Record(episode, steps), verdict))
    return out


def cost(server: int, count: int, work: Callable[[], object]) -> tuple[float, float]:
    """CPU milliseconds of each of `count` things, of (this process, the server)."""
    before, begun = server_ms(server), time.process_time()
    work()
    return (time.process_time() - begun) * 1e3 / count, (server_ms(server) - before) / count


def percentile(waits: list[float], share: float) -> float:
    return statistics.quantiles(waits, n=1000)[round(share * 1000) - 1]


def figures(home: Path, sizes: tuple[int, ...], seconds: float, claims: int) -> Iterator[Row]:
    with store.open(str(home)) as house:
        lab = house.lab("bench")
        server = json.loads((home / "server.json").read_text())["postmaster"]
        made = 0
        for size in sizes:
            fill(house, lab, made, size)
            made = size
            campaign(lab, f"c{size}", size)
        yield row("load of this machine before, processes that want a core", os.getloadavg()[1])
        for size in sizes:
            name, at = f"c{size}", f"at {size:,} open tasks"
            saturated(lab, name, 1.0)
            rate, waits = saturated(lab, name, seconds)
            yield row(f"claims a second, {at}", rate, "claims / s", ">= 500")
            yield row(f"wait for a claim, p95, {at}", percentile(waits, 0.95), "ms", "<= 50")
            slow = percentile(paced(lab, name, seconds), 0.95)
            yield row(f"wait, 200 people at {PACE:g} claims a second, p95, {at}", slow, "ms")
        yield from processor_time(lab, server, sizes)
        name = f"c{sizes[0]}"
        yield row(
            f"claims a second by counting on the fly, {sizes[0]:,} tasks, half of them taken",
            counted_on_the_fly(lab, taken(lab, name, sizes[0] // 2), 20), "claims / s",
        )  # fmt: skip
        campaign(lab, "over", made, overlap=2)
        over = over_assigned(lab, "over", claims, 2)
        what = f"tasks given to one too many, {claims:,} claims by {WORKERS} at once"
        yield row(what, over, "", "== 0")
        yield from submissions(lab, server)


def processor_time(lab: Lab, server: int, sizes: tuple[int, ...]) -> Iterator[Row]:
    """CPU time of a claim by one thread, in rounds that take turns, so that noise meets all."""
    found: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(ROUNDS):
        for size in sizes:
            work = partial(alone, lab, f"c{size}", 400)
            found[size].append(sum(cost(server, 400, work)))
    middle = {size: statistics.median(rounds) for size, rounds in found.items()}
    for size, spent in middle.items():
        yield row(f"CPU of a claim, client and server, at {size:,} open tasks", spent, "ms", "<= 4")
    apart = middle[sizes[-1]] / middle[sizes[0]]
    yield row("CPU of a claim at the most tasks over that at the fewest", apart, "", "<= 1.25")


def fill(house: House, lab: Lab, before: int, size: int) -> None:
    """Let the database make tasks, as their owner."""
    with house._server.connect(lab._database.name) as admin:
        admin.execute(_TASKS, [before + 1, size])


def alone(lab: Lab, name: str, count: int) -> None:
    for n in range(count):
        if n % 500 == 0:
            person = f"a-{new_id()}"
        assert lab.queue.claim(name, person)


def taken(lab: Lab, name: str, count: int) -> str:
    """Take tasks until so many are taken, so that the counting query has something to count."""
    n = 0
    while count > 0:
        got = len(lab.queue.claim(name, f"t-{n}", count=100))
        count, n = count - got, n + (0 if got else 1)
    return name


def submissions(lab: Lab, server: int) -> Iterator[Row]:
    lab.queue.put(Campaign("answers", "gym", hold=1000, review=0.0))
    lab.queue.add_all("answers")
    leases = [x for n in range(12) for x in lab.queue.claim("answers", f"a-{n}", count=100)]
    made = answered(lab, "answers", leases)

    def work(some: list[tuple[str, Record, Judgement]]) -> None:
        for lease, record, verdict in some:
            lab.queue.submit(lease, record, [verdict], submission=lease)

    work(made[:200])
    client, behind = cost(server, 1000, lambda: work(made[200:]))
    yield row("CPU of an answer, client and server", client + behind, "ms")
    yield row("CPU of an answer, client", client, "ms")


def main() -> int:
    quick = "--quick" in sys.argv
    sizes, seconds, claims = (SIZES, 10.0, 100_000)
    if quick:
        sizes, seconds, claims = (20_000, 50_000), 3.0, 10_000
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = list(figures(Path(folder) / "home", sizes, seconds, claims))
    return tell("claims", found, kept=not quick)


if __name__ == "__main__":
    sys.exit(main())
