"""How quickly people get at episodes: lists among many, and a viewer of ten thousand steps.

Times are what the browser (Chromium) or a client over loopback waits for, so that a busy machine
makes them worse; each is the median of several tries. COUNT sets how many episodes there are.

Run: make bench NAME=episodes        (two to three minutes)
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import httpx
from playwright.sync_api import BrowserContext, sync_playwright

from banbury import store
from banbury.accounts import Accounts
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
from banbury.store import Lab
from banbury.web.app import make
from banbury.web.serve import Served
from figures import Row, row, tell

COUNT = int(os.environ.get("COUNT", "100000"))
STEPS = 10_000
TRIES = 15
SKILLS = ("reasoning.sort", "reasoning.add", "reasoning.dates", "office.queue", "office.reply")
LISTS = {
    "all": "",
    "a skill and all below": "?skill=office.*",
    "an actor, a skill, not passed": "?actor=large&skill=reasoning.sort&passed=no",
    "void, one in a thousand": "?status=void",
    "a gym of one in ten thousand": "?gym=desk",
    "the oldest first": "?order=oldest",
}


def small(lab: Lab, number: int) -> tuple[Record, Judgement]:
    """Return one of many episodes."""
    actor = Actor("model", ("small", "large")[number % 2])
    rare = number % 10_000 == 5
    episode = Episode(
        new_id(),
        lab.name,
        RunKey(f"run-{number // 25_000}", f"task-{number % 997}", actor.key, number),
        "desk" if rare else "reasoning",
        "1",
        SKILLS[number * 7 % 5],
        time.time_ns(),
        10**9,
        "void" if number % 1000 == 3 else "done",
        (actor,),
        (Seat("solver", (0,)),),
    )
    steps = (
        Step(0, "observation", GYM, "solver", "main", 0, 0, b'{"text":"Sort 3, 1, 2."}'),
        Step(1, "action", 0, "solver", "main", 1, 2, b'{"do":"answer","text":"1, 2, 3"}'),
    )
    passed = number % 3 != 0
    verdict = Judgement(new_id(), episode.id, "j", "1", float(passed), passed)
    return Record(episode, steps), verdict


def fill(lab: Lab) -> str:
    """Write the episodes; return the id of the long one."""
    for first in range(0, COUNT, 1000):
        pairs = [small(lab, n) for n in range(first, min(first + 1000, COUNT))]
        lab.write([r for r, _ in pairs], [v for _, v in pairs])
    kinds = ("observation", "action")
    steps = tuple(
        Step(i, kinds[i % 2], -1 + i % 2, "solver", "main", i, i, canonical({"text": f"{i} " * 40}))  # type: ignore[arg-type]
        for i in range(STEPS)
    )
    base = small(lab, COUNT)[0].episode
    lab.write([Record(base, steps)])
    return base.id


def waited(work: Callable[[], object]) -> float:
    """Median milliseconds of a call, after a first one that does not count."""
    work()
    times = []
    for _ in range(TRIES):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def lists(client: httpx.Client) -> list[Row]:
    """Time a page of each list."""
    out = []
    for name, query in LISTS.items():
        path = f"/labs/bench/episodes{query}"
        ms = waited(lambda path=path: client.get(path).raise_for_status())  # type: ignore[misc]
        out.append(row(f"list among {COUNT:,}: {name}", ms, "ms", "<= 200"))
    return out


def viewer(context: BrowserContext, address: str) -> list[Row]:
    """Time the first paint of the long episode, and a jump to its last step."""
    paints, jumps, sizes = [], [], []
    for _ in range(7):
        page = context.new_page()
        page.goto(address)
        page.wait_for_function(
            "() => performance.getEntriesByName('first-contentful-paint').length > 0"
        )
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        paints.append(float(page.evaluate(paint)))
        start = time.perf_counter()
        page.evaluate(f"location.hash = '#step-{STEPS - 1}'")
        page.wait_for_function(
            f"() => document.getElementById('step-{STEPS - 1}')?.classList.contains('here')"
        )
        jumps.append((time.perf_counter() - start) * 1e3)
        sizes.append(int(page.evaluate("document.querySelectorAll('.step').length")))
        page.close()
    return [
        row(f"{STEPS:,} steps: first paint", statistics.median(paints), "ms"),
        row(f"{STEPS:,} steps: jump to the last", statistics.median(jumps), "ms"),
        row(f"{STEPS:,} steps: in the page after it", max(sizes), "steps", "<= 500"),
    ]


def main() -> int:
    """Fill a lab, serve it, measure."""
    with tempfile.TemporaryDirectory() as home, store.open(f"banbury://{home}") as house:
        lab = house.lab("bench")
        long = fill(lab)
        with Served(make(house)) as served, sync_playwright() as playwright:
            accounts: Accounts = served.app.state.accounts
            me = accounts.people.add("me@bench.example", "Me")
            accounts.members.join("bench", me, "owner")
            code = accounts.sessions.start(me, "bench")
            client = httpx.Client(base_url=served.origin, cookies={"banbury": code}, timeout=60)
            rows = lists(client)
            path = f"/labs/bench/episodes/{long}"
            size = len(client.get(path).content)
            rows.append(row(f"{STEPS:,} steps: the page's HTML", size / 1e3, "kB", "<= 150"))
            ms = waited(lambda: client.get(path).raise_for_status())
            rows.append(row(f"{STEPS:,} steps: the page's answer", ms, "ms", "<= 200"))
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            context = browser.new_context()
            context.add_cookies([{"name": "banbury", "value": code, "url": served.origin}])
            rows += viewer(context, served.origin + path)
            browser.close()
    return tell("episodes", rows)


if __name__ == "__main__":
    sys.exit(main())
