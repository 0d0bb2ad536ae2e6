"""The server killed with -9 at random, again and again, while people work: is anything lost?

`banbury up` keeps the server: it is killed at random moments and started again on the same port.
The people (bench/crowd.py) send an answer that was not acknowledged again under the same id, as the
page's outbox does. In the end every acknowledged answer and action must be in the store exactly
once. The keeper waits longer after each early death; here it takes a second for a sound life, so
that fifty deaths take minutes and not an hour.

Run: make bench NAME=workbench_kill                      (about ten minutes)
     python bench/workbench_kill.py --kills 3 --people 50   (a smaller one, which writes no results)
"""

import argparse
import asyncio
import os
import random
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from banbury import store
from crowd import Book, Person, crowd
from figures import Row, row, tell
from workbench import ACCOUNTS, LAB, PEOPLE, accounts, gathered, missing, tasks, up

KILLS, BETWEEN_S, SEED = 50, (4.0, 12.0), 7
KEPT = (
    "import banbury.web.keeper as k, sys; k.SOUND_S = 1.0; from banbury.cli import main; "
    "main(sys.argv[1:])"
)


def servers(keeper: int) -> list[int]:
    """Return the process ids of the servers that a keeper runs."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == keeper and b"up_server" in words:
            found.append(int(folder.name))
    return found


async def kill(keeper: int, address: str, kills: int, gaps: list[float]) -> None:
    """Kill the server at random moments; note how long nobody answered after each."""
    chance = random.Random(SEED)
    async with httpx.AsyncClient() as client:
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(*BETWEEN_S))
            for pid in servers(keeper):
                os.kill(pid, signal.SIGKILL)
            begun = time.perf_counter()
            await _back(client, address)
            gaps.append(time.perf_counter() - begun)


async def _back(client: httpx.AsyncClient, address: str) -> None:
    """Wait until the server answers."""
    for _ in range(2000):
        try:
            if (await client.get(f"{address}/api/health", timeout=5.0)).status_code == 200:
                return
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
    raise SystemExit("the server does not come back")


async def both(
    people: list[Person], keeper: int, address: str, kills: int, seconds: float
) -> list[float]:
    gaps: list[float] = []
    killing = asyncio.create_task(kill(keeper, address, kills, gaps))
    await crowd(people, seconds)
    await killing
    return gaps


def figures(given: argparse.Namespace, home: Path) -> Iterator[Row]:
    # A restart takes some seconds in which nobody is killed.
    seconds = given.kills * (sum(BETWEEN_S) / 2 + given.restart) + 20.0
    with store.open(str(home)) as house:
        codes = accounts(house, given.accounts, given.people)
        texts = int(given.people * seconds / 10) + 20 * given.people
        plans = tasks(house.lab(LAB), texts, max(2, given.people // 10 * 8), home)
        command = [sys.executable, "-c", KEPT]
        with up(home, command) as told:
            book = Book()
            people = gathered(told["address"], codes, plans, book)
            gaps = asyncio.run(both(people, told["pid"], told["address"], given.kills, seconds))
        gone, twice = missing(house.lab(LAB), book)
    yield row("times killed with -9", len(gaps), "", f">= {given.kills}", seed=SEED)
    yield row("people at work at once", len(people))
    yield row("acknowledged answers and live actions", len(book.kept) + sum(book.acts.values()))
    yield row("of these not in the store", gone, "", "== 0")
    yield row("of these twice in the store", twice, "", "== 0")
    yield row("connections cut", book.lost)
    yield row("answers that had arrived unacknowledged", book.again)
    yield row("errors shown to people", len(book.errors), "", "== 0")
    yield row("until the server answers again, median", statistics.median(gaps), "s")
    yield row("until the server answers again, longest", max(gaps), "s")
    for error in book.errors[:5]:
        sys.stderr.write(f"{error}\n")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--restart", type=float, default=6.0)
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    whole = (given.accounts, given.people, given.kills) == (ACCOUNTS, PEOPLE, KILLS)
    with tempfile.TemporaryDirectory(prefix="banbury-bench-") as home:
        rows = list(figures(given, Path(home)))
    return tell("workbench_kill", rows, kept=whole)


if __name__ == "__main__":
    sys.exit(main())
