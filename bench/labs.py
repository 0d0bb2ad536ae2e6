"""What 200 labs cost: to make, to keep, to reach from many threads, to migrate.

Each lab is a database with a role of its own. Migration is the real command, stopped once with
Ctrl-C in the middle and started again; the labs are taken back to an older revision before.

Run: make bench NAME=labs             (some minutes)
     python bench/labs.py --quick     (a smaller one, which writes no results)
"""

import json
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from rich.progress import track

from banbury import store
from banbury.store import lab_tables, migrate, pool
from banbury.store.database import Database
from banbury.store.tenancy import migrator
from banbury.store.tenancy import rows as rows_role
from figures import Row, keep, row, tell
from store import problems, records, server_ms

OLD = "lab_0002"
EPISODES, THREADS = 100, 24


def resident() -> float:
    """Memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def backends(postmaster: int) -> tuple[int, float]:
    """How many processes the server has, and their memory in MB, shared pages once."""
    count, total = 0, 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent != postmaster and int(folder.name) != postmaster:
                continue
            told = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        count += 1
        total += next(int(t.split()[1]) for t in told if t.startswith("Pss:")) / 1e3
    return count, total


def taken_back(house: store.House, name: str) -> None:
    """Take a lab's tables back to an older revision, as their owner."""
    install = house._install
    database = Database(house._server, house._row(name).database)

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.text(f"SET LOCAL ROLE {migrator(install)}"))
        config = migrate.alembic_config()
        config.attributes |= {"connection": connection, "role": rows_role(install)}
        command.downgrade(config, OLD)

    database.run(work)
    database.close()


def made(home: Path, names: list[str], postmaster: int) -> Iterator[Row]:
    with store.open(str(home)) as house:
        house.lab("first")
        took, cpu, server = [], time.process_time(), server_ms(postmaster)
        for name in track(names, "making labs", transient=True):
            begun = time.perf_counter()
            house.lab(name)
            took.append(time.perf_counter() - begun)
        count = len(names)
        yield row("make a lab from the template, median", statistics.median(took), "s")
        cpu = (time.process_time() - cpu) * 1e3 + server_ms(postmaster) - server
        yield row("make a lab: client and server", cpu / count, "CPU ms / lab")
        sizes = [s.bytes for s in house.states() if s.name in names]
        yield row("an empty lab on disk", statistics.mean(sizes) / 1e6, "MB / lab")
        found = problems(EPISODES)
        ids = [p.task.id for p in found]
        for name in track(names, "filling labs", transient=True):
            lab = house.lab(name)
            lab.put_tasks(found)
            lab.write(*records(name, "r", ids, False))
        sizes = [s.bytes for s in house.states() if s.name in names]
        yield row(f"a lab of {EPISODES} episodes on disk", statistics.mean(sizes) / 1e6, "MB / lab")


def kept(home: Path, names: list[str], postmaster: int) -> Iterator[Row]:
    """All labs open in one process: at rest, and at work from many threads."""
    with store.open(str(home)) as house:
        house.lab("first").count()
        memory, processes = resident(), backends(postmaster)
        labs = [house.lab(name) for name in track(names, "opening labs", transient=True)]
        for lab in labs:
            lab.count()
            next(lab.records(limit=1))
        count = len(labs)
        yield row(f"{count} labs open: client", (resident() - memory) / count, "MB / lab")
        now = backends(postmaster)
        yield row(f"{count} labs open: connections", pool.CAP.open, "", f"<= {pool.MOST}")
        yield row(f"{count} labs open: idle connections", pool.CAP.resting, "", f"<= {pool.WARM}")
        yield row(f"{count} labs open: server", now[1] - processes[1], "MB in all")
        before = time.process_time() * 1e3 + server_ms(postmaster)
        begun = time.perf_counter()
        time.sleep(10)
        used = time.process_time() * 1e3 + server_ms(postmaster) - before
        idle = used / (time.perf_counter() - begun)
        yield row(f"{count} labs open, at rest: client and server", idle, "CPU ms / s")
        yield from crowded(labs)


def crowded(labs: list[store.Lab]) -> Iterator[Row]:
    most, took, errors = [], [], []

    def work(first: int) -> None:
        for n in range(50):
            lab = labs[(first * 7 + n * THREADS) % len(labs)]
            begun = time.perf_counter()
            try:
                lab.rates(("skill",))
            except Exception as error:
                errors.append(error)
            took.append(time.perf_counter() - begun)
            most.append(pool.CAP.open)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    name = f"{THREADS} threads over {len(labs)} labs"
    yield row(f"{name}: most connections", max(most), "", f"<= {pool.MOST}")
    yield row(f"{name}: errors", len(errors), "", "<= 0")
    yield row(f"{name}: a question, median", statistics.median(took) * 1e3, "ms")


def migrated(home: Path, names: list[str]) -> Iterator[Row]:
    words = [sys.executable, "-m", "banbury", "labs", "migrate", "--store", str(home), "--json"]
    with store.open(str(home)) as house:
        for name in track(names, "taking labs back", transient=True):
            taken_back(house, name)
        stopped = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        last = names[len(names) // 3]
        while stopped.poll() is None and house.revision(last) == OLD:
            time.sleep(0.05)
        stopped.send_signal(signal.SIGINT)
        stopped.communicate()
        found = Counter(s.revision for s in house.states() if s.name in names)
        halves = sum(found.values()) - found[OLD] - found[lab_tables.HEAD]
        yield row("Ctrl-C in the middle: labs migrated by then", found[lab_tables.HEAD], "")
        yield row("Ctrl-C in the middle: labs half migrated", halves, "", "<= 0")
        left = found[OLD]
        begun = time.perf_counter()
        done = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
        took = time.perf_counter() - begun
        assert done["migrated"] == left, done
        yield row("started again: labs left to migrate", left, "")
        name = "started again, two workers, process start included"
        yield row(f"{name}: all labs", took, "s")
        work = [lab["seconds"] for lab in done["labs"] if lab["before"] == OLD]
        yield row("migrate one lab, median", statistics.median(work), "s")
        yield row("labs that failed", done["failed"], "", "<= 0")
        whole = all(house.lab(name).count(passed=True) == EPISODES for name in names)
        yield row("labs that lost an episode or a verdict", 0 if whole else 1, "", "<= 0")
        begun = time.perf_counter()
        subprocess.run(words, capture_output=True, check=True)
        yield row("nothing to migrate: all labs", time.perf_counter() - begun, "s")


def main(words: list[str]) -> int:
    # A shell starts what it sends to the background with Ctrl-C ignored, and so would our child.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    quick = words == ["--quick"]
    names = [f"lab-{n:03}" for n in range(12 if quick else 200)]
    rows = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        with store.open(str(home)):
            postmaster = json.loads((home / "server.json").read_text())["postmaster"]
            parts = (made(home, names, postmaster), kept(home, names, postmaster))
            for r in chain(*parts, migrated(home, names)):
                rows.append(r)
                if not quick:  # at every figure: a run takes long, and may be stopped
                    keep("labs", rows)
    return tell("labs", rows, kept=not quick)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
