"""What an episode costs from seat to disk, what a million cost to ask, and how peers do.

A one-step task (a sum) and an instant actor: what is measured is the machinery alone. CPU time of
client and server together, because wall time on a busy machine says little; questions are the
exception, since somebody waits for them. Each N runs in a process of its own, for its peak memory.
Peers play the same task, each in an environment of its own, made at the first run in
`~/.cache/banbury-bench`; one that cannot be installed is named as such.

Run: make bench NAME=arena                 (about ten minutes on two cores)
     python bench/arena.py --quick         (a smaller one, which writes no results)
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.progress import track

from banbury import arena, store
from banbury.actors.script import Script
from banbury.episode import (
    Problem,
    Public,
    RunKey,
    Secret,
    SkillWeight,
    Task,
    canonical,
    identity,
    new_id,
)
from banbury.gyms import registry
from banbury.gyms.contract import Answer, Gym, OneAnswer, Skill, final_answer
from banbury.store import judging, rows, wire
from banbury.store.database import raw
from figures import Row, keep, row, tell
from peers import peers
from store import records, server_ms, used

TASKS = 1_000
FILL = 20_000
SKILLS, ACTORS = 20, 5
UNIT = "CPU ms / episode"


class Sums(Gym):
    """One sum, shown once and answered once."""

    name, version, stateless = "sums", "1", True

    def skills(self):
        return [Skill("sums.add", "Add two numbers")]

    def tasks(self, skill, *, seed, difficulty=None, phrasing="seen"):
        rng = random.Random(seed)
        while True:
            a, b = rng.randrange(10**6), rng.randrange(10**6)
            public = Public(f"What is {a} + {b}? Answer with the number alone.")
            params = {"a": a, "b": b}
            id = identity("sums", "add", "1", params)
            said = canonical(params).decode()
            task = Task(id, "sums", "add", "1", said, public, (SkillWeight(skill),))
            yield Problem(task, Secret(id, str(a + b)))

    def start(self, problem, *, seed=0, ask=None):
        return OneAnswer(problem.task)

    def judge(self, record, problem):
        said = final_answer(record)
        return self.verdict(record, float(said == problem.secret.answer), evidence={"said": said})

    def solution(self, problem):
        return [Answer(problem.secret.answer)]

    def cheats(self, problem):
        return {"empty": [Answer("")]}


def megabytes() -> float:
    """Peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def played(home: Path, gym: Gym, skill: str, count: int) -> dict[str, float]:
    """Play `count` episodes over a fixed set of tasks and say what each cost."""
    tasks = gym.tasks(skill, seed=7)
    problems = [next(tasks) for _ in range(min(TASKS, count))]
    answers = {p.task.id: gym.solution(p) for p in problems}
    seats = dict.fromkeys(gym.seats, Script("reference", lambda task: answers[task.id]))
    jobs = [arena.Job(gym, problems[n % len(problems)], seats, n // len(problems))
            for n in range(count)]  # fmt: skip
    with store.open(str(home)) as house:
        lab = house.lab(f"played-{gym.name}-{count}")
        lab.put_tasks(problems)
        arena.run(lab, "warm", jobs[:200])
        postmaster = json.loads((home / "server.json").read_text())["postmaster"]
        size, before, server = used(house, lab), megabytes(), server_ms(postmaster)
        wall, client = time.perf_counter(), time.process_time()
        tally = arena.run(lab, "measured", jobs)
        client, wall = time.process_time() - client, time.perf_counter() - wall
        server = server_ms(postmaster) - server
        assert tally.passed == lab.count(run="measured", passed=True) == count, tally
        ids = [e.id for e in lab.episodes(run="measured", limit=200)]
        begun = time.process_time()
        for id in ids:
            lab.read(id)
        read = (time.process_time() - begun) / len(ids)
        return {
            "client": client * 1e3 / count,
            "server": server / count,
            "wall": wall * 1e3 / count,
            "memory": megabytes() - before,
            "peak": megabytes(),
            "bytes": (used(house, lab) - size) / count,
            "read": read * 1e3,
        }


def apart(*words: object) -> dict[str, float]:
    """Run a part of this file in a process of its own and return what it says."""
    told = subprocess.run(
        [sys.executable, __file__, "--part", *map(str, words)], check=True, stdout=subprocess.PIPE
    )
    return json.loads(told.stdout.splitlines()[-1])


def filled(home: Path, total: int) -> list[str]:
    """Fill a lab by the COPY that `lab.write` uses; return ids spread over all episodes.

    Each skill and actor has one header and one body, repeated: a million calls of `lab.write`
    would measure nothing that the rows above do not.
    """
    dice = random.Random(11)
    some: list[str] = []
    with store.open(str(home)) as house:
        lab = house.lab("million")
        made, verdicts = records("million", "r", [f"t{n}" for n in range(SKILLS * ACTORS)], False)
        shapes = []
        for n, (record, verdict) in enumerate(zip(made, verdicts, strict=True)):
            skill, actor = f"reasoning.sums_{n % SKILLS}", f"model-{n // SKILLS}"
            episode = msgspec.structs.replace(
                record.episode, skill=skill, key=RunKey("r", "t", actor, 0)
            )
            parts = wire.sealed(record.steps, episode.body_key)
            shaped = rows.row_of(episode, parts, inline=True).columns
            shapes.append((shaped, wire.judgement_row(verdict)))
        for first in track(range(0, total, FILL), f"{total:,} episodes", transient=True):
            batch, judged = [], []
            for n in range(first, min(first + FILL, total)):
                shape, verdict = shapes[dice.randrange(len(shapes))]
                id, passed = wire.id_bytes(new_id(), "episode"), dice.random() < 0.4
                key = RunKey(f"run-{first // 50_000}", f"task-{n % 20_000}", shape[4], n)
                batch.append((
                    id, wire.key_id(key), key.run, key.task, key.actor, key.sample,
                    *shape[6:14], float(passed), passed,
                ))  # fmt: skip
                judged.append((id, id, *verdict[2:4], float(passed), passed, *verdict[6:]))

            def work(c: Any, batch: Any = batch, judged: Any = judged) -> None:
                rows.copy(raw(c), "episode", rows._EPISODE, batch)
                judging.add_first(raw(c), judged)

            lab._database.run(work)
            some.append(wire.id_text(batch[dice.randrange(len(batch))][0]))
        # As autovacuum does on its own, some minutes after so much was written.
        with house._server.connect(lab._database.name) as admin:
            admin.autocommit = True
            admin.execute("VACUUM (ANALYZE) episode")
            admin.execute("VACUUM (ANALYZE) judgement")
    return some


def seconds(work: Callable[[int], object], times: int) -> list[float]:
    out = []
    for n in range(times):
        begun = time.perf_counter()
        work(n)
        out.append(time.perf_counter() - begun)
    return sorted(out)


def asked(home: Path, some: list[str], total: int) -> Iterator[Row]:
    """Ask a lab of a million what somebody waits for."""
    with store.open(str(home)) as house:
        lab = house.lab("million")
        count = lab.count()
        assert count >= total, count

        def where(n: int) -> dict[str, Any]:
            skill, actor = f"reasoning.sums_{n % SKILLS}", f"model-{n % ACTORS}"
            return {"skill": skill, "actor": actor, "passed": n % 2 == 0}

        found = lab.count(**where(0))
        by_id = seconds(lambda n: lab.read(some[n % len(some)]), 300)
        name = f"of {count:,}: read one by id"
        yield row(f"{name}, median", statistics.median(by_id) * 1e3, "ms", "<= 2")
        yield row(f"{name}, 99th percentile", by_id[-3] * 1e3, "ms")
        asked = f"of {count:,}: by skill, model and outcome"
        for what, work in (
            (f"outcomes ({found:,} of them)", lambda n: lab.outcomes(**where(n))),
            (f"headers ({found:,} of them)", lambda n: list(lab.episodes(**where(n)))),
            ("count", lambda n: lab.count(**where(n))),
        ):
            took = seconds(work, 9)
            yield row(f"{asked}, {what}", statistics.median(took), "s", "<= 0.5")
        for by in (("skill", "actor"), ("run",)):
            took = seconds(lambda n, by=by: lab.rates(by), 5)
            name = f"of {count:,}: pass rates by {' and '.join(by)}"
            yield row(name, statistics.median(took), "s")
        one = seconds(lambda n: lab.rates(("skill",), run=f"run-{n}"), 5)
        yield row(f"of {count:,}: pass rates of one run by skill", statistics.median(one), "s")


def figures(home: Path, counts: list[int], total: int, others: int) -> Iterator[Row]:
    told = {n: apart("sums", home, n) for n in counts}
    for n, cost in told.items():
        name = f"one-step episode, {n:,}"
        yield row(f"{name}: client and server", cost["client"] + cost["server"], UNIT, "<= 0.2")
        yield row(f"{name}: client", cost["client"], UNIT)
        yield row(f"{name}: server", cost["server"], UNIT)
        yield row(f"{name}: wall time", cost["wall"], "ms / episode")
        yield row(f"{name}: memory added by the run", cost["memory"], "MB")
        yield row(f"{name}: peak memory", cost["peak"], "MB")
        yield row(f"{name}: on disk, indexes included", cost["bytes"], "bytes / episode")
        yield row(f"{name}: read one by id", cost["read"], "CPU ms of the client", "<= 2")
    few, many = (told[n]["memory"] for n in counts)
    grown = max(0.0, many - few) / (counts[1] - counts[0]) * 1024
    yield row("memory that each further episode adds", grown, "KB")
    cost = apart("reasoning", home, counts[0])
    name = f"one-step episode of the reasoning gym, {counts[0]:,}"
    yield row(f"{name}: client and server", cost["client"] + cost["server"], UNIT)
    some = json.loads(subprocess.run(
        [sys.executable, __file__, "--part", "fill", str(home), str(total)],
        check=True, stdout=subprocess.PIPE,
    ).stdout.splitlines()[-1])  # fmt: skip
    yield from asked(home, some, total)
    ours = told[counts[0]]
    yield from peers(others, ours["client"] + ours["server"], ours["bytes"])


def part(kind: str, home: str, count: str) -> int:
    if kind == "fill":
        said: object = filled(Path(home), int(count))
    else:
        gym, skill = Sums(), "sums.add"
        if kind == "reasoning":
            gym, skill = registry.gym("reasoning"), "reasoning.add"
        said = played(Path(home), gym, skill, int(count))
    print(json.dumps(said))
    return 0


def main(words: list[str]) -> int:
    if words[:1] == ["--part"]:
        return part(*words[1:])
    quick = words == ["--quick"]
    counts, total, others = ([500, 5_000], 20_000, 200) if quick else (
        [2_000, 200_000], 1_000_000, 2_000)  # fmt: skip
    found = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for r in figures(Path(folder) / "home", counts, total, others):
            print(f"{r['name']}: {r['value']:.4g} {r['unit']}", file=sys.stderr)
            found.append(r)
            if not quick:  # at every figure: a run takes long, and may be stopped
                keep("arena", found)
    return tell("arena", found, kept=not quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
