"""What the store costs: CPU time per one-step episode, client and server together, and bytes.

CPU time, because wall time on a busy machine says little; the server's is that of all its
processes, read from /proc. Each figure is the median over rounds; the first round warms up.

Run: make bench NAME=store        (about a minute on one core)
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from banbury import store
from banbury.episode import (
    GYM,
    Actor,
    Cost,
    Episode,
    Judgement,
    Problem,
    Public,
    Record,
    RunKey,
    Sampler,
    Seat,
    Secret,
    SkillWeight,
    Step,
    Task,
    canonical,
    identity,
    new_id,
    pack,
)
from figures import Row, row, tell

BATCH = 1_000
ROUNDS = 9
TICK_MS = 1_000 / os.sysconf("SC_CLK_TCK")


def server_ms(postmaster: int) -> float:
    """CPU milliseconds that the server's processes have used, those that ended included."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(folder.name) == postmaster:
            total += sum(int(f) for f in fields[11:15])
        elif int(fields[1]) == postmaster:
            total += int(fields[11]) + int(fields[12])
    return total * TICK_MS


def measured(postmaster: int, count: int, work: Callable[[int], object]) -> tuple[float, float]:
    """Median CPU milliseconds per item of (client, server) over the rounds after the first.

    The server's clock ticks every 10 ms, so its rounds are taken together.
    """
    work(0)
    client, before = [], server_ms(postmaster)
    for round_ in range(1, ROUNDS + 1):
        start = time.process_time()
        work(round_)
        client.append((time.process_time() - start) * 1e3 / count)
    return statistics.median(client), (server_ms(postmaster) - before) / ROUNDS / count


def problems(count: int) -> list[Problem]:
    out = []
    for n in range(count):
        id = identity("reasoning", "sums", "1", {"n": n})
        task = Task(
            id, "reasoning", "sums", "1", canonical({"n": n}).decode(),
            Public(f"What is {n} + {n}? Answer with the number alone."),
            (SkillWeight(f"reasoning.sums_{n % 20}"),),
        )  # fmt: skip
        out.append(Problem(task, Secret(id, str(2 * n))))
    return out


def records(lab: str, run: str, tasks: list[str], tokens: bool) -> tuple[list[Record], list[Any]]:
    """One-step episodes as the arena writes them: a prompt, an answer, the judge's evidence."""
    out, verdicts = [], []
    sampler = Sampler("SmolLM2-135M-Instruct", "5f2c", "a1", "b2", '{"temperature":1.0,"seed":7}')
    for n, task in enumerate(tasks):
        call = pack(0, list(range(n, n + 60)), [n, 7, 8, 2], [-0.1, -0.2, -0.3, -0.4])
        steps = (
            Step(0, "observation", GYM, "solver", "main", 0, 0,
                 canonical({"text": f"What is {n} + {n}? Answer with the number alone."})),
            Step(1, "action", 0, "solver", "main", 1_000, 900_000_000,
                 canonical({"do": "answer", "text": str(2 * n)}), "c0ffee", 0,
                 tokens=call if tokens else None),
        )  # fmt: skip
        episode = Episode(
            new_id(), lab, RunKey(run, task, "SmolLM2-135M-Instruct", 0), "reasoning", "1",
            f"reasoning.sums_{n % 20}", time.time_ns(), 900_001_000, "done",
            (Actor("model", "SmolLM2-135M-Instruct", "5f2c", '{"temperature":1.0}'),),
            (Seat("solver", (0,)),), (sampler,) if tokens else (),
            cost=Cost(60, 4, 900_000_000), tags=("probe",),
        )  # fmt: skip
        out.append(Record(episode, steps))
        verdicts.append(
            Judgement(new_id(), episode.id, "reasoning/exact", "77aa", 1.0, True,
                      {"strict": 1.0, "lenient": 1.0}, f'{{"said":"{2 * n}"}}', 1)
        )  # fmt: skip
    return out, verdicts


def figures(home: Path) -> Iterator[Row]:
    with store.open(str(home)) as house:
        lab = house.lab("bench")
        server = json.loads((home / "server.json").read_text())["postmaster"]
        found = problems(BATCH)
        lab.put_tasks(found)
        tasks = [p.task.id for p in found]
        unit = "CPU ms / episode"
        for tokens in (False, True):
            what = "with tokens" if tokens else "text only"
            made = [records("bench", f"{what} {n}", tasks, tokens) for n in range(ROUNDS + 1)]
            size = used(house, lab)
            client, behind = measured(server, BATCH, lambda n, made=made: lab.write(*made[n]))
            must = None if tokens else "<= 0.2"
            yield row(f"write, batches of {BATCH}, {what}", client + behind, unit, must)
            yield row(f"write, {what}: client", client, unit)
            yield row(f"write, {what}: server", behind, unit)
            grown = (used(house, lab) - size) / BATCH / (ROUNDS + 1)
            yield row(f"bytes on disk, {what}, indexes included", grown, "bytes / episode")
        ids = [r.episode.id for r in made[0][0]]
        yield from reads(lab, server, ids)
        yield from journals(lab, server)


def reads(lab: store.Lab, server: int, ids: list[str]) -> Iterator[Row]:
    many = BATCH * (ROUNDS + 1)

    def read(_: int) -> None:
        for id in ids[:200]:
            lab.read(id)

    for name, count, work in (
        ("read by id", 200, read),
        ("records of a run, streamed", BATCH, lambda n: list(lab.records(run=f"with tokens {n}"))),
        ("headers of a run, streamed", BATCH, lambda n: list(lab.episodes(run=f"text only {n}"))),
        ("outcomes of a run", BATCH, lambda n: lab.outcomes(run=f"text only {n}")),
        ("outcomes of a skill", many // 10, lambda n: lab.outcomes(skill="reasoning.sums_3")),
    ):
        client, behind = measured(server, count, work)
        yield row(f"{name}, of {2 * many:,}", client + behind, "CPU ms / episode")


def journals(lab: store.Lab, server: int) -> Iterator[Row]:
    steps = [
        Step(n, "action", 0, "s", "main", n, n, b'{"do":"type","text":"x"}') for n in range(200)
    ]

    def work(n: int) -> None:
        journal = lab.journal(
            Episode(new_id(), "bench", RunKey("live", f"t{n}", "person"), "g", "1", "s", 0)
        )
        for step in steps:
            journal.append(step)
        journal.close("done", 1, Cost())

    client, behind = measured(server, len(steps), work)
    yield row("journal, one durable step", client + behind, "CPU ms / step")


def used(house: store.House, lab: store.Lab) -> int:
    """Bytes of the lab's database, after what was written has reached its files."""
    with house._server.connect("postgres") as admin:
        admin.execute("CHECKPOINT")
        query = "SELECT pg_database_size(%s)"
        (size,) = admin.execute(query, [lab._database.name]).fetchone() or (0,)
    return int(size)


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rows = list(figures(Path(folder) / "home"))
    return tell("store", rows)


if __name__ == "__main__":
    sys.exit(main())
