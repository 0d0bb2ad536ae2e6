"""Fifty kills: what survives kill -9 of the commands and of the database, at random moments.

Each kill has a lab of its own. The real command runs as a process; at a random moment between
its opening of the store and its end it is killed, or a process of the database is. Before the kill
a witness reads what is committed; a driver of its own notes each write that was acknowledged. Then
the same command runs again until it ends, and the lab is held against that of an undisturbed run.

Run: make bench NAME=faults        (about ten minutes on two cores)
"""

import contextlib
import hashlib
import io
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
import pyarrow.parquet as pq
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from banbury import store
from banbury.cycle.release import export, verify
from banbury.episode import Cost, Episode, Judgement, Record, RunKey, Step, new_id
from banbury.errors import Sealed
from banbury.store.embedded import supervised

HERE = Path(__file__)
RESULTS = HERE.parent / "results" / "faults.json"
SEED = 11
TRIES = 5
BATCHES, SIZE, STEPS = 20, 40, 6
Row = dict[str, Any]


class Case(NamedTuple):
    """A command, what must have run before it, and how often which process is killed."""

    name: str
    command: list[str]
    before: list[list[str]]
    kills: dict[str, int]


def cases(tiny: str) -> list[Case]:
    """The commands and their kills, fifty in all."""
    source = ["source", "reasoning.add", "reasoning.larger", "--name", "s"]
    many = [*source, "--train", "300", "--reserve", "20", "--unseen", "5"]
    few = [*source, "--train", "16", "--reserve", "6", "--unseen", "2"]
    release = ["release", "r", "--run", "s", "--validation", "0.2"]
    probe = ["probe", "script:7", "reasoning", "--name", "p", "--batch", "8", "--most", "48"]
    train = ["train", "r", "--model", tiny, "--others", "reasoning.even", "--grpo-steps", "1"]
    review = ["review", "s"]
    server = {"postmaster": 2, "backend": 2, "supervisor": 2}
    return [
        Case("probe", probe, [], {"command": 9, **server}),
        Case("source", many, [], {"command": 4, "postmaster": 1, "backend": 1}),
        Case("review", review, [many], {"command": 4}),
        Case("release", release, [many, review], {"command": 7, "postmaster": 1, "backend": 1}),
        Case("release export", ["release", "export", "r", "OUT"], [many, review, release],
             {"command": 2}),
        Case("train", train, [few, review, release], {"command": 5}),
        Case("writes and journals", [], [], {"command": 2, "postmaster": 2, "backend": 2,
                                             "supervisor": 1}),
    ]  # fmt: skip


class Bench:
    """One store, a lab for each kill."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.random = random.Random(seed)
        self.witness = Witness(self.home)
        self.wholes: dict[str, tuple[float, Row]] = {}
        self.workers: set[tuple[int, str]] = set()

    def words(self, case: Case, lab: str) -> list[str]:
        """The command line of a case in one lab."""
        if not case.command:
            log = str(self.folder / f"{lab}.log")
            return [sys.executable, str(HERE), "--drive", str(self.home), lab, log]
        words = [str(self.folder / f"out-{lab}") if w == "OUT" else w for w in case.command]
        return [sys.executable, "-m", "banbury", *words, *self.place(lab)]

    def place(self, lab: str) -> list[str]:
        return ["--store", str(self.home), "--lab", lab]

    def start(self, case: Case, lab: str) -> subprocess.Popen[bytes]:
        """Start the command; return when it has begun to open the store."""
        with (self.folder / f"{lab}.err").open("ab") as errors:
            child = subprocess.Popen(
                self.words(case, lab), stdout=subprocess.DEVNULL, stderr=errors
            )
        while child.poll() is None and not uses(child.pid, self.home):
            time.sleep(0.002)
        return child

    def prepare(self, case: Case, lab: str) -> None:
        """Run what comes before, and know the lab's database."""
        for words in case.before:
            done = subprocess.run(
                [sys.executable, "-m", "banbury", *words, *self.place(lab)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        with store.open(str(self.home)) as house:
            self.witness.database[lab] = house.lab(lab)._database.name

    def whole(self, case: Case) -> tuple[float, Row]:
        """Run a case undisturbed, once: the seconds from opening the store to the end, its lab."""
        if case.name not in self.wholes:
            lab = f"{case.name.replace(' ', '-')}-whole"
            self.prepare(case, lab)
            child = self.start(case, lab)
            begun = time.monotonic()
            assert child.wait() == 0, (self.folder / f"{lab}.err").read_text()
            seconds = time.monotonic() - begun
            self.wholes[case.name] = seconds, self.state(case, lab)
        return self.wholes[case.name]

    def state(self, case: Case, lab: str) -> Row:
        """What a lab holds, in words that do not depend on ids or times."""
        with store.open(str(self.home)) as house:
            found = fingerprint(house.lab(lab, create=False))
        if "OUT" in case.command:
            verify(self.folder / f"out-{lab}")
            found["left beside"] = sorted(p.name for p in self.folder.glob(f".out-{lab}.*"))
        return found

    def kill(self, case: Case, victim: str, number: int, share: float) -> Row:
        """Kill once, start again until it ends, and say what became of the lab."""
        seconds, expected = self.whole(case)
        for attempt in range(TRIES):
            lab = f"{case.name.replace(' ', '-')}-{number}-{attempt}"
            self.prepare(case, lab)
            child = self.start(case, lab)
            time.sleep(share * seconds)
            seen = self.witness.look(lab)
            if child.poll() is None and self.strike(child, victim, lab):
                return self.judged(case, victim, share, lab, child, seen, expected)
            child.wait()
            share *= 0.8
        raise RuntimeError(f"{case.name} is always over before it can be killed")

    def strike(self, child: subprocess.Popen[bytes], victim: str, lab: str) -> bool:
        """Kill the victim; False if it is not there."""
        if victim == "command":
            self.workers = below(child.pid)
            child.kill()
            child.wait()
            return child.returncode == -signal.SIGKILL
        with contextlib.suppress(OSError, ValueError, KeyError, psycopg.Error):
            told = json.loads((self.home / "server.json").read_bytes())
            pid = self.witness.backend(lab) if victim == "backend" else told[victim]
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def judged(
        self,
        case: Case,
        victim: str,
        share: float,
        lab: str,
        child: subprocess.Popen[bytes],
        seen: dict[str, set[str]],
        expected: Row,
    ) -> Row:
        begun = time.monotonic()
        orphans = 0
        if victim == "command":
            orphans = len(left_over(self.workers))
            self.after_kill(case, lab, seen)
        restarts = 0
        while child.wait() != 0:
            restarts += 1
            assert restarts <= TRIES, (self.folder / f"{lab}.err").read_text()
            child = self.start(case, lab)
        recovery = time.monotonic() - begun
        found = self.state(case, lab)
        with store.open(str(self.home)) as house:
            held = house.lab(lab, create=False)
            lost = len(seen["episodes"] - ids(held)) + len(seen["artifacts"] - artifacts(held))
            lost += len(acknowledged(self.folder / f"{lab}.log") - told(held))
            doubled = doubles(held)
        said = (self.folder / f"{lab}.err").read_text()
        return {
            "case": case.name, "victim": victim, "share": round(share, 2), "restarts": restarts,
            "recovery": recovery, "lost": lost, "doubled": doubled, "orphans": orphans,
            "differs": [k for k in expected if found[k] != expected[k]],
            "traceback": "Traceback" in said, "lab": lab,
            "found": {k: len(v) if isinstance(v, list) else v for k, v in found.items()},
        }  # fmt: skip

    def after_kill(self, case: Case, lab: str, seen: dict[str, set[str]]) -> None:
        """Look before anybody repairs: what was committed is there, releases are whole or not."""
        with store.open(str(self.home)) as house:
            held = house.lab(lab, create=False)
            assert seen["episodes"] <= ids(held), f"{lab}: episodes lost before the restart"
            assert seen["artifacts"] <= artifacts(held), f"{lab}: artifacts lost"
            for release in held.artifacts("release"):
                assert whole_release(held, release), f"{lab}: a release is there in part"
        if "OUT" in case.command and (out := self.folder / f"out-{lab}").exists():
            verify(out)


class Witness:
    """Reads what is committed, without being a user of the server."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database: dict[str, str] = {}

    def connect(self, lab: str) -> psycopg.Connection[Any]:
        told = json.loads((self.home / "server.json").read_bytes())
        secret = (self.home / "secret").read_text()
        return psycopg.connect(
            host=told["sockets"], dbname=self.database[lab], user="banbury", password=secret
        )

    def look(self, lab: str) -> dict[str, set[str]]:
        """Return the ids of episodes and artifacts that anybody can see now."""
        found: dict[str, set[str]] = {"episodes": set(), "artifacts": set()}
        with contextlib.suppress(OSError, ValueError, psycopg.Error):
            with self.connect(lab) as link:
                for table in ("episode", "artifact"):
                    rows = link.execute(f"SELECT id::text FROM {table}")
                    found[table + "s"] = {row[0] for row in rows}
        return found

    def backend(self, lab: str) -> int:
        """Return the process that serves the lab, or any that serves somebody."""
        with self.connect(lab) as link:
            row = link.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                "backend_type = 'client backend' ORDER BY datname = %s DESC LIMIT 1",
                [self.database[lab]],
            ).fetchone()
        return int(row[0]) if row else -1


def uses(pid: int, home: Path) -> bool:
    """Say whether a process has the store's lock of users open."""
    lock = str(home / "users.lock")
    with contextlib.suppress(OSError):
        return any(str(fd.readlink()) == lock for fd in Path(f"/proc/{pid}/fd").iterdir())
    return False


def born(pid: int) -> str:
    """Return when a process was started, "" if it is gone: with its number that names it."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return "" if fields[0] == "Z" else fields[19]
    return ""


def below(pid: int) -> set[tuple[int, str]]:
    """Return the children of a process and theirs, each with its birth."""
    found: set[tuple[int, str]] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found |= {(child, born(child)), *below(child)}
    return found


def left_over(workers: set[tuple[int, str]], seconds: float = 30.0) -> set[tuple[int, str]]:
    """Return which of a killed process's children still run a while after."""
    last = time.monotonic() + seconds
    while (left := {w for w in workers if w[1] and born(w[0]) == w[1]}) and time.monotonic() < last:
        time.sleep(0.05)
    return left


def fingerprint(lab: store.Lab) -> Row:
    """What a lab holds, without ids and times: equal labs did the same work."""
    keys: dict[str, tuple[Any, ...]] = {}
    episodes = []
    for record, verdicts in lab.records():
        e = record.episode
        keys[e.id] = key = (e.key.run, e.key.task, e.key.actor, e.key.sample)
        steps = [(s.kind, s.actor, s.seat, s.track, s.payload, s.schema) for s in record.steps]
        scores = [(v.judge, v.score, v.passed, v.components, v.evidence) for v in verdicts]
        episodes.append((*key, e.status, e.skill, e.route, steps, scores))
    made: list[Any] = []
    weights: list[Any] = []
    for kind in ("probe", "source", "review", "release", "adapter", "checkpoint"):
        for a in lab.artifacts(kind):
            made.append((a.kind, a.name, a.version))
            if kind in ("adapter", "checkpoint"):
                weights.append((a.name, {k: b.sha256 for k, b in a.blobs.items()}))
            for blob in a.blobs.values():
                lab.blobs.read(blob.sha256)
    reviews = [
        (keys[id], r.check, r.verdict, r.reasons) for id, rs in lab.reviews(list(keys)).items()
        for r in rs
    ]  # fmt: skip
    return {
        "episodes": hashed(episodes),
        "tasks": hashed([(t.id, t.split) for t in lab.tasks()]),
        "reviews": hashed(reviews),
        "artifacts": sorted(made),
        "released": [hashed(released(lab, r)) for r in lab.artifacts("release")],
        "weights": hashed(weights),
    }


def hashed(rows: list[Any]) -> list[str]:
    return sorted(hashlib.sha256(msgspec.msgpack.encode(row)).hexdigest() for row in rows)


def released(lab: store.Lab, release: store.Artifact) -> list[Any]:
    """The prompts and completions of a release, and the tasks that the store knows of it."""
    rows: list[Any] = [(r.task, r.split) for r in lab.release_rows(release.id)]
    for name, blob in release.blobs.items():
        if name.endswith(".parquet"):
            data = io.BytesIO(lab.blobs.read(blob.sha256))
            table = pq.read_table(data, columns=["task", "prompt", "completion"])
            rows += [[name, row] for row in table.to_pylist()]
    return rows


def whole_release(lab: store.Lab, release: store.Artifact) -> bool:
    """Say whether a release's files and rows are all there."""
    with tempfile.TemporaryDirectory() as folder:
        verify(export(lab, release, Path(folder) / "out"), release.body["sha256"])
    return len(lab.release_rows(release.id)) == release.body["episodes"]


def ids(lab: store.Lab) -> set[str]:
    return {e.id for e in lab.episodes()}


def artifacts(lab: store.Lab) -> set[str]:
    query = sa.text("SELECT id::text FROM artifact")
    return set(lab._database.run(lambda c: c.execute(query).scalars().all()))


def told(lab: store.Lab) -> set[str]:
    """What the driver's log may name: episodes of batches, and steps of journals."""
    found = {f"{e.key.run} {e.key.sample}" for e in lab.episodes(run="batch")}
    for record, _ in lab.records(run="live"):
        found |= {f"live {record.episode.key.sample} {s.seq}" for s in record.steps}
    return found


def acknowledged(log: Path) -> set[str]:
    """The whole lines of a driver's log."""
    text = log.read_text() if log.exists() else ""
    return set(text[: text.rfind("\n") + 1].splitlines())


def doubles(lab: store.Lab) -> int:
    """Count what is there twice: keys, judgements, reviews, references, versions."""
    queries = (
        "SELECT count(*) - count(DISTINCT (run, task, actor, sample)) FROM episode "
        "WHERE status <> 'failed'",
        "SELECT count(*) - count(DISTINCT (episode, judge)) FROM judgement",
        "SELECT count(*) - count(DISTINCT (episode, check_name, reasons, evidence)) FROM review",
        "SELECT count(*) FROM artifact WHERE version > 1",
        "SELECT count(*) FROM journal j JOIN episode e ON e.id = j.episode "
        "WHERE e.status <> 'open'",
    )
    found = [lab._database.run(lambda c, q=q: c.execute(sa.text(q)).scalar()) for q in queries]
    used = Counter(s.sha256 for e in lab.episodes() for s in e.segments)
    query = sa.text("SELECT encode(sha256, 'hex'), refs FROM segment")
    refs = {row[0]: row[1] for row in lab._database.run(lambda c: c.execute(query).all())}
    wrong = sum(abs(used[h] - refs.get(h, 0)) for h in used.keys() | refs.keys())
    return int(sum(found)) + wrong


def drive(home: str, name: str, log: str) -> None:
    """Write batches and journals, and note each that the store acknowledged."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with store.open(home) as house:
        lab = house.lab(name)
        for batch in range(BATCHES):
            records = [one(name, "batch", batch * SIZE + n, "done") for n in range(SIZE)]
            verdicts = [Judgement(new_id(), r.episode.id, "j", "1", 1.0, True) for r in records]
            lab.write(records, verdicts)
            lines = [f"batch {r.episode.key.sample}\n" for r in records]
            os.write(out, "".join(lines).encode())
            live(lab, name, batch, out)


def live(lab: store.Lab, name: str, number: int, out: int) -> None:
    """Journal one episode, or carry on with it."""
    record = one(name, "live", number, "open")
    try:
        journal = lab.journal(record.episode)
    except Sealed:
        return
    for step in record.steps[len(journal.steps) :]:
        journal.append(step)
        os.write(out, f"live {number} {step.seq}\n".encode())
    journal.close("done", 1, Cost())


def one(lab: str, run: str, number: int, status: Any) -> Record:
    """A record whose content follows from its number."""
    steps = tuple(
        Step(n, "action" if n % 2 else "observation", 0, "s", "main", n, n,
             json.dumps({"text": f"{run} {number} {n} " * 5}).encode())
        for n in range(STEPS)
    )  # fmt: skip
    key = RunKey(run, "task", "actor", number)
    return Record(Episode(new_id(), lab, key, "g", "1", "a.b", 0, status=status), steps)


def stopped(home: Path) -> None:
    while supervised(home):
        time.sleep(0.05)


def plan(found: list[Case], randomly: random.Random) -> list[tuple[Case, str, float]]:
    """Each kill with its moment: random within equal parts of the run, the parts in any order."""
    out = []
    for case in found:
        for victim, count in case.kills.items():
            parts = [(n + randomly.random()) / count for n in range(count)]
            out += [(case, victim, 0.97 * part) for part in parts]
    return out


def kills(
    folder: Path, chosen: Callable[[str], list[Case]], seed: int, say: Callable[[str], None]
) -> Iterator[Row]:
    """Kill as planned, one after the other; yield what became of each."""
    script = HERE.parents[1] / "tests" / "tiny_model.py"
    with contextlib.redirect_stderr(io.StringIO()):
        tiny = runpy.run_path(str(script))["make"](folder / "tiny")
    bench = Bench(folder, seed)
    todo = plan(chosen(str(tiny)), bench.random)
    for number, (case, victim, share) in enumerate(todo, 1):
        found = bench.kill(case, victim, number, share)
        say(f"{number} of {len(todo)}: {describe(found)}")
        yield found
    stopped(bench.home)


def describe(found: Row) -> str:
    good = not (found["lost"] or found["doubled"] or found["differs"] or found["traceback"])
    where = f"{found['case']}, {found['victim']} killed at {found['share']:.0%}"
    words = [f"restarts {found['restarts']}", f"{found['recovery']:.1f} s"]
    words += [f"{k} {found[k]}" for k in ("lost", "doubled", "orphans", "differs") if found[k]]
    words += ["a traceback"] if found["traceback"] else []
    return f"{where}: {'as undisturbed' if good else 'NOT AS UNDISTURBED'}; {', '.join(words)}"


def row(name: str, value: float, unit: str, must: float | None = None) -> Row:
    holds = None if must is None else value == must
    must_say = None if must is None else f"== {must:g}"
    return {"name": name, "value": round(value, 1), "unit": unit, "must": must_say,
            "holds": holds, "seed": SEED}  # fmt: skip


def figures(found: list[Row]) -> Iterator[Row]:
    """The table: kills by command and victim, and what was lost, doubled or different."""
    yield row("kills", len(found), "kills", 50)
    for case in dict.fromkeys(f["case"] for f in found):
        of = [f for f in found if f["case"] == case]
        for victim, count in Counter(f["victim"] for f in of).items():
            again = sum(f["restarts"] for f in of if f["victim"] == victim)
            who = "the command itself" if victim == "command" else f"the database's {victim}"
            yield row(f"{case}: kills of {who}", count, "kills")
            yield row(f"{case}: starts again after {who} was killed", again, "starts")
    yield row("acknowledged or committed and lost", sum(f["lost"] for f in found), "items", 0)
    yield row("there twice", sum(f["doubled"] for f in found), "items", 0)
    yield row("labs that differ from an undisturbed run's",
              sum(bool(f["differs"]) for f in found), "labs", 0)  # fmt: skip
    yield row("tracebacks instead of an error", sum(f["traceback"] for f in found), "runs", 0)
    yield row("processes left behind for 30 s", sum(f["orphans"] for f in found), "processes", 0)
    yield row("most starts again after one kill", max(f["restarts"] for f in found), "starts")
    yield row("longest from the kill to the end of the run", max(f["recovery"] for f in found), "s")


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        say = Console(stderr=True, highlight=False).print
        rows = list(figures(list(kills(Path(folder), cases, SEED, say))))
    told = {"name": "faults", "command": "make bench NAME=faults", "rows": rows}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    table = Table("what", "value", "unit", "must", "holds", title="faults")
    for r in rows:
        holds = {True: "yes", False: "NO", None: ""}[r["holds"]]
        table.add_row(r["name"], f"{r['value']:g}", r["unit"], r["must"] or "", holds)
    Console(width=120).print(table)
    return 0 if all(r["holds"] is not False for r in rows) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drive"]:
        drive(*sys.argv[2:])
    else:
        sys.exit(main())
