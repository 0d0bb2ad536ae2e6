"""The workbench under load: 30,000 accounts, 2,000 people who work at once, one real server.

`banbury up` runs as anybody would start it: server, worker and store. The people are scripted
clients over loopback (bench/crowd.py): nine in ten label texts, one in ten plays at the desk; each
acts every 5 to 20 s, and an answer is followed by the request for the next task, as the page does.
Their sessions are made beforehand; logging in is measured apart. Everything runs on this machine,
the crowd included, whose CPU time is told. In the end every acknowledged answer and action is
looked for in the store.

Run: make bench NAME=workbench                     (about six minutes)
     python bench/workbench.py --people 100 --seconds 30   (a smaller one, which writes no results)
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import sqlalchemy as sa

from banbury import clock, store
from banbury.accounts import Accounts
from banbury.accounts.codes import hashed, new_code, new_pseudonym
from banbury.accounts.people import SECRET, email_word
from banbury.cycle.source.importing import Plan, import_tasks
from banbury.episode import new_id
from banbury.gyms.desk.gym import DeskGym
from banbury.gyms.labelling.controls import read_controls
from banbury.store import House, Lab
from banbury.store.database import raw
from banbury.store.personal import Who, person_key, sealed_text, sealed_who
from banbury.store.queue import Campaign
from crowd import LABELS, Book, Labeller, Link, Person, Player, crowd
from figures import Row, row, tell
from store import server_ms

ACCOUNTS, PEOPLE, SECONDS, WARM = 30_000, 2_000, 180.0, 25.0
LAB, TEXTS, DESK = "bench", "texts", "desk"
CONTROLS = json.dumps([{"name": "mood", "kind": "choice", "labels": LABELS}])
LOGINS, PASSWORD = 40, "correct horse battery staple"
SKILLS = (("desk.calendar.cancel", "hard"), ("desk.calendar.book", "hard"))


def accounts(house: House, count: int, active: int) -> list[str]:
    """Make accounts with a membership each; return the session codes of the active ones."""
    house.lab(LAB)
    made = Accounts(house)
    now, codes = clock.wall_ns(), [new_code() for _ in range(active)]
    ids = [new_id() for _ in range(count)]
    hash = asyncio.run(_hash(made))
    keys = house.keyring
    keys.make_all(person_key(id) for id in ids)
    rows = [
        {"id": id, "email": keys.blind(email_word(f"p{n}@bench.example")), "now": now,
         "who": sealed_who(keys, id, Who(f"p{n}@bench.example", f"Person {n}")),
         "secret": sealed_text(keys, id, hash, SECRET) if n < LOGINS else None, "lab": LAB,
         "pseudonym": new_pseudonym()}
        for n, id in enumerate(ids)
    ]  # fmt: skip
    sessions = [
        {"hash": hashed(code), "id": ids[n], "now": now, "end": now + 10**15}
        for n, code in enumerate(codes)
    ]

    def work(c: sa.Connection) -> None:
        for words in (
            "INSERT INTO account (id, email_hash, who, secret, operator, closed, created_ns) "
            "VALUES (:id, :email, :who, :secret, false, false, :now)",
            "INSERT INTO member VALUES (:lab, :id, 'expert', :now)",
            "INSERT INTO pseudonym VALUES (:lab, :id, :pseudonym)",
        ):
            c.execute(sa.text(words), rows)
        c.execute(
            sa.text("INSERT INTO session (hash, account, created_ns, seen_ns, expires_ns) "
                    "VALUES (:hash, :id, :now, :now, :end)"), sessions
        )  # fmt: skip

    house.run(work)
    made.close()
    return codes


async def _hash(made: Accounts) -> str:
    return str(await asyncio.wrap_future(made.passwords.hash(PASSWORD)))


def tasks(lab: Lab, texts: int, desks: int, folder: Path) -> dict[str, list[Any]]:
    """Make both campaigns with their tasks; return the desk's reference solutions by task."""
    lines = (
        json.dumps({"text": f"Message {n}: the parcel came on day {n}."}) for n in range(texts)
    )
    (folder / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    into = Campaign(TEXTS, "labelling", "Messages", "Choose one label.", review=0.2)
    import_tasks(lab, folder / "texts.jsonl", Plan(read_controls(CONTROLS)), campaign=into)
    gym, plans, problems = DeskGym(), {}, []
    for skill, level in SKILLS:
        for problem in islice(gym.tasks(skill, seed=1, difficulty=level), desks // len(SKILLS)):
            problems.append(problem)
            plans[problem.task.id] = [msgspec.to_builtins(a) for a in gym.solution(problem)]
    lab.put_tasks(problems)
    lab.queue.put(Campaign(DESK, "desk", "The desk", review=0.2))
    lab.queue.add(DESK, list(plans))
    return plans


@contextmanager
def up(home: Path, command: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """Start the workbench and yield what it says of itself; end it as Ctrl-C does."""
    words = command or [sys.executable, "-m", "banbury"]
    process = subprocess.Popen(
        [*words, "up", "--port", "0", "--no-browser", "--json", "--store", str(home), "--lab", LAB],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        said = b""
        while not said or said.count(b"{") > said.count(b"}"):
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the workbench did not start")
            said += line
        told = json.loads(said)
        _wait(told["address"])
        yield {**told, "pid": process.pid}
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{address}/api/health", timeout=1.0).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def gathered(
    address: str, codes: list[str], plans: dict[str, list[Any]], book: Book
) -> list[Person]:
    """Return the people: every tenth at the desk."""
    at = urlsplit(address)
    host, port = "127.0.0.1", at.port or 80
    Player.plans = plans
    people: list[Person] = []
    for n, code in enumerate(codes):
        link = Link(host, port, code)
        kind, campaign = (Player, DESK) if n % 10 == 9 else (Labeller, TEXTS)
        people.append(kind(link, book, LAB, campaign, n))
    return people


def missing(lab: Lab, book: Book) -> tuple[int, int]:
    """Return how many acknowledged answers or actions are not in the store, and how many twice."""
    told = dict[str, list[tuple[str, str]]]()
    for lease, submission, episode in book.kept:
        told.setdefault(lease, []).append((submission, episode))

    def work(c: sa.Connection) -> tuple[dict[str, list[str]], set[str]]:
        held = raw(c).execute("SELECT id::text, submissions FROM lease").fetchall()
        done = raw(c).execute("SELECT id::text FROM episode WHERE status = 'done'").fetchall()
        return dict(held), {id for (id,) in done}

    held, done = lab._database.run(work)
    gone = twice = 0
    for lease, answers in told.items():
        count = Counter(held.get(lease, ()))
        for submission, episode in answers:
            there = count[f"{episode} {submission}"]
            gone += there == 0 or episode not in done
            twice += there > 1
        names = Counter(line.partition(" ")[2] for line in held.get(lease, ()))
        twice += sum(n > 1 for n in names.values())
    for lease, number in book.acts.items():
        one = lab.queue.lease(lease)
        found = one.episode or _open_episode(lab, one.task, one.person)
        stored = len(lab.read(found).actions()) if found else 0
        gone += max(0, number - stored)
    return gone, twice


def _open_episode(lab: Lab, task: str, person: str) -> str:
    found = [e.id for e in lab.episodes(run=f"campaign:{DESK}", task=task)
             if any(a.name == person for a in e.actors)]  # fmt: skip
    return found[-1] if found else ""


async def logins(address: str, count: int) -> list[float]:
    """Log in `count` people, four at once; return the seconds of each."""
    at, gate = urlsplit(address), asyncio.Semaphore(4)

    async def one(n: int) -> float:
        async with gate:
            link = Link("127.0.0.1", at.port or 80, "")
            body = {"email": f"p{n}@bench.example", "password": PASSWORD}
            begun = time.perf_counter()
            await link.ask("POST", "/api/login", body)
            link.close()
            return time.perf_counter() - begun

    return list(await asyncio.gather(*(one(n) for n in range(count))))


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def process_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures(given: argparse.Namespace, home: Path) -> Iterator[Row]:
    answers = int(given.people * given.seconds / 10) + 20 * given.people
    with store.open(str(home)) as house:
        codes = accounts(house, given.accounts, given.people)
        desks = given.people // 10 * 6
        plans = tasks(house.lab(LAB), answers, desks, home)
        postmaster = json.loads((home / "server.json").read_text())["postmaster"]
        with up(home) as told:
            book = Book(measuring=False)
            people = gathered(told["address"], codes, plans, book)
            server = told["processes"]["server"]
            wall, cpu, before, database = asyncio.run(_run(people, book, given, server, postmaster))
            after = process_s(server) - before
            slow = asyncio.run(logins(told["address"], LOGINS))
        gone, twice = missing(house.lab(LAB), book)
    for kind, seconds in sorted(book.seconds.items()):
        ms = [1000 * s for s in seconds]
        more = {"count": len(ms), "median": round(statistics.median(ms), 1),
                "p99": round(quantile(ms, 0.99), 1), "largest": round(max(ms), 1)}  # fmt: skip
        yield row(f"{kind}, p95", quantile(ms, 0.95), "ms", "<= 200", **more)
    total = sum(len(s) for s in book.seconds.values())
    yield row("people at work at once", len(people), "", f">= {given.people}")
    yield row("accounts", given.accounts)
    yield row("requests a second", total / given.seconds, "1/s")
    yield row("errors", len(book.errors), "", "== 0")
    yield row("acknowledged answers and live actions", len(book.kept) + sum(book.acts.values()))
    yield row("of these not in the store", gone, "", "== 0")
    yield row("of these twice in the store", twice, "", "== 0")
    yield row("log-in, four at once, p95", 1000 * quantile(slow, 0.95), "ms", count=len(slow))
    yield row("CPU of the server's process", after / wall, "cores")
    yield row("CPU of the database", database / 1000 / wall, "cores")
    yield row("CPU of the crowd itself", cpu / wall, "cores")
    for error in book.errors[:5]:
        sys.stderr.write(f"{error}\n")


async def _run(
    people: list[Person], book: Book, given: argparse.Namespace, server: int, postmaster: int
) -> tuple[float, float, float, float]:
    """Let them come in first, then measure."""
    clock_ = asyncio.get_running_loop().time
    start, marks = clock_(), [0.0, 0.0]

    async def begin() -> None:
        await asyncio.sleep(given.warm)
        book.measuring = True
        marks[:] = [process_s(server), server_ms(postmaster)]

    begun = asyncio.create_task(begin())
    wall, cpu = await crowd(people, given.warm + given.seconds)
    await begun
    database = server_ms(postmaster) - marks[1]
    assert clock_() > start
    return wall - given.warm, cpu, marks[0], database


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--warm", type=float, default=WARM)
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    whole = (given.accounts, given.people, given.seconds) == (ACCOUNTS, PEOPLE, SECONDS)
    with tempfile.TemporaryDirectory(prefix="banbury-bench-") as home:
        rows = list(figures(given, Path(home)))
    return tell("workbench", rows, kept=whole)


if __name__ == "__main__":
    sys.exit(main())
