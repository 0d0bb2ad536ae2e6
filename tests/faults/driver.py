"""A process that writes batches and journals, and notes in a log what the store acknowledged.

Run: python driver.py STORE LAB LOG; started again, it carries on.
"""

import json
import os
import sys

from banbury import store
from banbury.episode import Cost, Episode, Judgement, Record, RunKey, Step, new_id
from banbury.errors import Sealed

BATCHES, SIZE, STEPS = 20, 40, 6


def record(lab, run, number, status):
    """Return a record whose content follows from its number."""
    steps = tuple(
        Step(
            *(n, "action" if n % 2 else "observation", 0, "s", "main", n, n),
            json.dumps({"text": f"{run} {number} {n} " * 30}).encode(),
        )
        for n in range(STEPS)
    )
    key = RunKey(run, "task", "actor", number)
    return Record(Episode(new_id(), lab, key, "g", "1", "a.b", 0, status=status), steps)


def batch(lab, number, note):
    records = [record(lab.name, "batch", number * SIZE + n, "done") for n in range(SIZE)]
    lab.write(records, [Judgement(new_id(), r.episode.id, "j", "1", 1.0, True) for r in records])
    note("".join(f"batch {r.episode.key.sample}\n" for r in records))


def live(lab, number, note):
    """Journal one episode, or carry on with it."""
    made = record(lab.name, "live", number, "open")
    try:
        journal = lab.journal(made.episode)
    except Sealed:
        return
    for step in made.steps[len(journal.steps) :]:
        journal.append(step)
        note(f"live {number} {step.seq}\n")
    journal.close("done", 1, Cost())


def held(lab):
    """Return what the log may name and the lab holds."""
    found = {f"batch {e.key.sample}" for e in lab.episodes(run="batch")}
    for made, _ in lab.records(run="live"):
        found |= {f"live {made.episode.key.sample} {step.seq}" for step in made.steps}
    return found


def noted(log):
    """Return the whole lines of a log: a last one without its end may have been cut."""
    text = log.read_text() if log.exists() else ""
    return set(text[: text.rfind("\n") + 1].splitlines())


def main(address, name, log):
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with store.open(address) as house:
        lab = house.lab(name)
        for number in range(BATCHES):
            batch(lab, number, lambda text: os.write(out, text.encode()))
            live(lab, number, lambda text: os.write(out, text.encode()))


if __name__ == "__main__":
    main(*sys.argv[1:])
