"""What a seat costs the server: CPU time per answer and per step, memory per open live seat.

CPU time of this process, the database's apart; the HTTP layer is not in it. 2,000 live seats are
opened at once and each does one step.

Run: make bench NAME=seat        (about two minutes on one core)
"""

import itertools
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path

from banbury import store
from banbury.accounts import Accounts
from banbury.accounts.caller import Caller
from banbury.actors.policy import Move
from banbury.arena.live import Place, Stage
from banbury.gyms import registry
from banbury.gyms.desk.actions import ListMail
from banbury.store import House, Lab
from banbury.store.queue import Campaign
from banbury.web.views import held, seat
from figures import Row, row, tell

ANSWERS = 500
AT_HAND = 4
SEATS = 2_000
ROUND = 100
_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def opened(lab: Lab, gym: str, count: int, **rules: int) -> Campaign:
    """Open a campaign of so many tasks."""
    made = registry.gym(gym)
    skills = [s.name for s in made.skills()]
    each = [itertools.islice(made.tasks(s, seed=5), count // len(skills) + 1) for s in skills]
    problems = list(itertools.islice(itertools.chain(*each), count))
    lab.put_tasks(problems)
    campaign = lab.queue.put(Campaign(gym, gym, hold=1_000, lease_seconds=36_000, **rules))
    lab.queue.add(gym, [p.task.id for p in problems])
    return campaign


def answering(house: House, lab: Lab) -> list[Row]:
    """CPU milliseconds of an answer, from the lease to the acknowledgement."""
    opened(lab, "office", ANSWERS)
    account = Accounts(house).people.add("bench@example.org", "Bench")
    me = Caller(account=account, pseudonyms={lab.name: "p-bench"}, via="session")
    spent, taking = [], []
    have: list[str] = []
    said = {"do": "answer", "text": "Answer: sales"}
    for n in range(ANSWERS):
        begun = time.process_time()
        if len(have) < AT_HAND:
            have = [w.id for w in seat.take(house, lab, me, "office", seat.AHEAD, have).work]
        lease = have.pop(0)
        between = time.process_time()
        seat.answer(lab, me, lease, held.Said(f"s{n}", said))
        taking.append(1e3 * (between - begun))
        spent.append(1e3 * (time.process_time() - between))
    cpu = statistics.median(spent[ROUND:])
    return [
        row("CPU per answer on the server", round(cpu, 2), "ms", "<= 2"),
        row("CPU to take tasks, per answer", round(statistics.mean(taking[ROUND:]), 2), "ms"),
    ]


def living(lab: Lab) -> list[Row]:
    """Memory and CPU of 2,000 live seats of the gym desk, each with a step."""
    made = registry.gym("desk")
    skill = made.skills()[0].name
    problems = list(itertools.islice(made.tasks(skill, seed=5), 50))
    lab.put_tasks(problems)
    places = [
        Place(f"lease-{n}", lab, made, problems[n % 50], "bench", f"p-{n}", 0) for n in range(SEATS)
    ]
    stage = Stage()
    stage.open(places[0]).result()
    before, begun = resident(), time.process_time()
    waiting = [stage.open(p) for p in places[1:]]
    for one in waiting:
        one.result()
    opening = 1e3 * (time.process_time() - begun) / SEATS
    memory = (resident() - before) / SEATS / 1024
    begun, wall = time.process_time(), time.monotonic()
    acts: list[Future[object]] = [stage.act(p, 0, Move(ListMail())) for p in places]  # type: ignore[misc]
    for act in acts:
        act.result()
    stepping = 1e3 * (time.process_time() - begun) / SEATS
    rate = SEATS / (time.monotonic() - wall)
    stage.close()
    return [
        row("live seats open at once", SEATS, "seats"),
        row("memory per live seat", round(memory, 1), "KiB", "<= 256"),
        row("CPU to open a live seat", round(opening, 2), "ms"),
        row("CPU per step of a live seat", round(stepping, 2), "ms", "<= 2"),
        row("steps of live seats", round(rate), "per s"),
    ]


def main() -> int:
    """Measure, and write the results."""
    with tempfile.TemporaryDirectory() as folder:
        with store.open(f"banbury://{folder}/house") as house:
            rows = answering(house, house.lab("answers")) + living(house.lab("live"))
    return tell("seat", rows)


if __name__ == "__main__":
    sys.exit(main())
