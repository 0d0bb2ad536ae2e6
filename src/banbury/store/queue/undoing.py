"""Undo: a person takes an answer back, until somebody else has looked at it."""

from __future__ import annotations

import msgspec

from banbury import clock
from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.queue.lease import Lease
from banbury.store.queue.standing import Standing, Task, keep, locked
from banbury.store.server import Connection


def undo(database: Database, lease: str) -> Lease:
    """Make a person's lease active again; the next answer supersedes the one that stands.

    The episode that was taken back stays, and is the parent of the next one.

    Raises:
        UnknownName: there is no such lease.
        InputError: there is no answer to take back, or somebody has looked at it.
    """

    def work(link: Connection) -> Lease:
        before = locked(link, lease)
        held, now = before.lease, clock.wall_ns()
        if held.state == "active" and held.episode:
            return held
        if held.kind != "work" or held.state != "done":
            raise InputError("there is no answer to take back", where=f"lease {lease}")
        if seen(before):
            raise InputError(
                "somebody has looked at this answer already",
                where=f"lease {lease}",
                do="say what is wrong to a reviewer",
            )
        lease_ = msgspec.structs.replace(
            held, state="active", expires_ns=now + before.rules.length_ns, ended_ns=0
        )
        after = msgspec.structs.replace(before, lease=lease_, task=reopened(before.task))
        keep(link, before, after, {"done": -1})
        return lease_

    return database.run(lambda c: work(raw(c)))


def seen(standing: Standing) -> bool:
    """Return whether a reviewer has had the answer in hand."""
    lease, task = standing.lease, standing.task
    waits = task.stage in ("review", "third") and task.open > 0
    return lease.outcome != "" or not (waits or task.stage in ("work", "settled"))


def reopened(task: Task) -> Task:
    """Return a task from which one answer was taken back, its place kept for the same person."""
    if task.stage == "broken":
        return task.but(active=task.active + 1, done=task.done - 1)
    return task.but(
        stage="work",
        open=task.open if task.stage == "work" else 0,
        active=task.active + 1,
        done=task.done - 1,
        subject="",
        accepted="",
    )
