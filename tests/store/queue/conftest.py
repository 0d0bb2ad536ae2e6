"""Campaigns of small tasks, and people who answer them."""

import msgspec
import pytest

from banbury.episode import GYM, Actor, Judgement, RunKey, Seat, Step, new_id
from banbury.store.database import raw
from banbury.store.queue import Campaign, Decision


class Desk:
    """One lab's campaign `c` with some tasks, and how a person answers in it."""

    def __init__(self, lab, make):
        self.lab, self.make = lab, make
        self.queue = lab.queue
        self.ids = []

    def open(self, tasks=3, name="c", **rules):
        problems = [self.make.problem(n) for n in range(tasks)]
        self.lab.put_tasks(problems)
        self.ids = [p.task.id for p in problems]
        self.queue.put(Campaign(name, "gym", **rules))
        self.queue.add(name, self.ids)
        return self

    def record(self, lease, answer="yes", **changes):
        steps = (
            Step(0, "observation", GYM, "solver", "main", 0, 0, b'{"text":"?"}'),
            Step(
                1, "action", 0, "solver", "main", 1, 2, msgspec.json.encode({"text": answer}),
                reply_to=0,
            ),
        )  # fmt: skip
        actor = Actor("person", lease.person)
        parts = {
            "actors": (actor,),
            "seats": (Seat("solver", (0,)),),
            "tags": ("person",),
            "key": RunKey(f"campaign:{lease.campaign}", lease.task, actor.key, lease.attempt),
        }
        made = self.make.record(self.lab, steps=0)
        episode = msgspec.structs.replace(made.episode, **(parts | changes))
        return msgspec.structs.replace(made, episode=episode, steps=steps)

    def submit(self, lease, answer="yes", submission=None, agree=None, **changes):
        record = self.record(lease, answer, **changes)
        verdict = Judgement(new_id(), record.episode.id, "gym/judge", "1", 1.0, True)
        return self.queue.submit(
            lease.id, record, [verdict], submission=submission or new_id(), agree=agree
        )

    def review(self, lease, verdict, text="mended", picked="", reasons=(), submission=None):
        said = self.record(lease, verdict, gym="review", tags=("person", "review"))
        key = RunKey(f"review:{lease.campaign}", f"review {lease.subject}", f"{lease.person}@", 0)
        said = msgspec.structs.replace(said, episode=msgspec.structs.replace(said.episode, key=key))
        mended = self.record(lease, text) if verdict == "mend" else None
        verdicts = [
            Judgement(new_id(), r.episode.id, "gym/judge", "1", 1.0, True)
            for r in (said, mended)
            if r is not None
        ]
        decision = Decision(verdict, said, mended, picked, reasons)
        return self.queue.review(lease.id, decision, verdicts, submission=submission or new_id())

    def claim(self, person, count=1, kinds=("work",), name="c"):
        return self.queue.claim(name, person, "grant", count, kinds)

    def task(self, lease):
        """Return the row of a lease's task, as a dict."""
        row = self.rows("SELECT w.* FROM work w JOIN lease l USING (campaign, task)"
                        " WHERE l.id = %s", lease.id)  # fmt: skip
        return row[0]

    def rows(self, query, *values):
        def work(connection):
            cursor = raw(connection).execute(query, list(values))
            names = [c.name for c in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

        return self.lab._database.run(work)


@pytest.fixture
def desk(lab, make):
    return Desk(lab, make)
