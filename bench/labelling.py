"""The same labelling project in the workbench and in Label Studio, each with its own server.

Short texts, one choice, one client over loopback: bring them in, take and answer some, look at the
list, take everything out. Each server does one thing at a time, and is asked for the same. Both run
in this run, one after the other; Label Studio as `label-studio start` starts it (SQLite).

Run: make bench NAME=labelling     (some ten minutes; Label Studio takes 1 GB of disk once)
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from banbury import store
from banbury.accounts import Accounts
from banbury.client import Client
from figures import Row, row, tell
from peers import label_studio, python
from workbench import LAB, up

MANY = int(os.environ.get("ROWS", "20000"))
ANSWERS, LOOKS = 200, 20
Times = dict[str, float]


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def command(*words: str) -> None:
    """Run a command of Banbury's to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "banbury", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"banbury {' '.join(words)}: {done.stderr[-2000:]}")


def median_ms(work: Callable[[], object], count: int) -> float:
    return statistics.median(timed(work) for _ in range(count)) * 1e3


def ours(folder: Path) -> Times:
    home, path, out = folder / "home", folder / "tasks.jsonl", folder / "out.jsonl"
    path.write_text(
        "".join(json.dumps({"text": f"Message {n} came late again."}) + "\n" for n in range(MANY))
    )
    with store.open(str(home)) as house:
        house.lab(LAB)
        accounts = Accounts(house)
        person = accounts.people.add("bench@example.org", "Bench")
        accounts.members.join(LAB, person, "owner")
        caller = accounts.sessions.caller(accounts.sessions.start(person, "bench"))
        token = accounts.tokens.make(caller, "bench", ["*:*"], 1).code
        accounts.close()
        place = ["--store", str(home), "--lab", LAB, "--json"]
        controls = ["--controls", "choice mood: a, b", "--campaign", "c"]
        words = ("tasks", "import", str(path), *controls, *place)
        found: Times = {"in": timed(lambda: command(*words))}
    with up(home) as site, Client(site["address"], token) as client:
        lab = client.lab(LAB)
        took, answered = [], []
        for number in range(ANSWERS):
            begun = time.perf_counter()
            lease = lab.take("c", 1).work[0].id
            took.append(time.perf_counter() - begun)
            said = {"do": "label", "results": {"mood": {"choices": ["a"]}}}
            begun = time.perf_counter()
            lab.answer(lease, said, submission=f"bench-{number}")
            answered.append(time.perf_counter() - begun)
        found["next"], found["answer"] = (statistics.median(t) * 1e3 for t in (took, answered))
        link = client._link._http
        listed = f"/api/labs/{LAB}/tasks"
        found["page"] = median_ms(lambda: link.get(listed).raise_for_status(), LOOKS)
        words = ("tasks", "export", str(out), "--campaign", "c", *place)
        found["out"] = timed(lambda: command(*words))
    return found


def theirs(folder: Path) -> Times:
    path = folder / "tasks.json"
    label_studio.write(path, MANY)
    with label_studio.started(python(label_studio.SPEC), folder) as site:
        found: Times = {"in": timed(lambda: site.bring(path))}
        took, answered = [], []
        for _ in range(ANSWERS):
            begun = time.perf_counter()
            task = site.next()
            took.append(time.perf_counter() - begun)
            answered.append(timed(lambda task=task: site.answer(task)))
        found["next"], found["answer"] = (statistics.median(t) * 1e3 for t in (took, answered))
        found["page"] = median_ms(site.page, LOOKS)
        found["out"] = timed(site.out)
    return found


WHAT = (
    ("in", f"bring {MANY:,} tasks in", "s"),
    ("next", "next task, median", "ms"),
    ("answer", "an answer, median", "ms"),
    ("page", "a page of the list of tasks, median", "ms"),
    ("out", f"take {MANY:,} tasks out", "s"),
)


def main() -> int:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="banbury-bench-") as folder:
        mine = ours(Path(folder))
    with tempfile.TemporaryDirectory(prefix="banbury-peer-") as folder:
        try:
            peer = theirs(Path(folder))
        except RuntimeError as error:
            print(f"{label_studio.NAME}: {error}", file=sys.stderr)
            peer = {}
    for key, name, unit in WHAT:
        rival = {label_studio.NAME: round(peer[key], 3)} if key in peer else {}
        rows.append(row(name, mine[key], unit, peer=rival))
        if rival:
            ratio = peer[key] / mine[key]
            rows.append(row(f"{name}: {label_studio.NAME} over ours", ratio, "", ">= 1"))
    return tell("labelling", rows)


if __name__ == "__main__":
    sys.exit(main())
