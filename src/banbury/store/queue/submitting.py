"""Submitting: an answer, its judgement, its lease and the counts, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import Judgement, Record
from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring
from banbury.store.queue import filing, telling
from banbury.store.queue.ending import freed
from banbury.store.queue.judging import Agree, Judging, answer_hash, episodes
from banbury.store.queue.lease import Lease
from banbury.store.queue.standing import Standing, keep, locked

How = Literal["new", "again", "late"]


class Submitted(msgspec.Struct, frozen=True):
    """What became of a submission.

    Attributes:
        lease: as it stands now.
        episode: id of the episode that holds the answer.
        how: `new`; `again` where this submission had arrived before; `late` where it came after
            the lease had ended: it is kept, and counts if `lease.state` is `done` and
            `lease.episode` is this one.
    """

    lease: Lease
    episode: str
    how: How


def submit(
    database: Database,
    lab: str,
    lease: str,
    record: Record,
    judgements: Sequence[Judgement],
    submission: str,
    agree: Agree | None,
) -> Submitted:
    """Keep an answer, and decide what happens with its task next.

    Raises:
        UnknownName: there is no such lease.
        InputError: the episode is not done, or of another run, task or person.
    """
    keys = database.keyring

    def work(connection: Any) -> Submitted:
        before = locked(raw(connection), lease)
        if there := before.episode_of(submission):
            return Submitted(before.lease, there, "again")
        _for_work(before)
        filing.admit(submission, before.submissions, before.lease)
        filing.check(record, before.lease, before.rules.run, before.lease.task)
        late = overdue(before.lease)
        parent = before.lease.episode if before.lease.state == "active" else ""
        kept = filing.filed(record, before.lease.attempt, late, parent)
        filing.put(raw(connection), lab, before.lease, kept, judgements, keys)
        verdict = judgements[-1] if judgements else None
        return _counted(connection, lab, before, kept, verdict, submission, late, agree, keys)

    return database.run(work)


def close_live(
    database: Database, lab: str, lease: str, episode: str, agree: Agree | None
) -> Submitted:
    """Take an episode that was written step by step and is closed now as the answer.

    One that failed, for want of the machine, ends the lease without an answer.

    Raises:
        UnknownName: there is no such lease, or no such episode.
        InputError: the episode is open or void, or of another run, task or person.
    """
    keys = database.keyring

    def work(connection: Any) -> Submitted:
        before = locked(raw(connection), lease)
        if there := before.episode_of(episode):
            return Submitted(before.lease, there, "again")
        _for_work(before)
        [record] = episodes(connection, lab, [episode], keys)
        if record.episode.status == "failed":
            after = before
            if before.lease.state == "active":
                after = freed(before, "returned", clock.wall_ns())
                keep(raw(connection), before, after, {"returned": 1})
            return Submitted(after.lease, episode, "new")
        filing.check(record, before.lease, before.rules.run, before.lease.task)
        filing.say(raw(connection), before.lease, record)
        late = overdue(before.lease)
        verdict = telling.verdict(raw(connection), episode) if before.rules.gold else None
        return _counted(connection, lab, before, record, verdict, episode, late, agree, keys)

    return database.run(work)


def overdue(lease: Lease) -> bool:
    """Return whether an answer that comes now is late."""
    return lease.state != "active" or lease.expires_ns < clock.wall_ns()


def _for_work(standing: Standing) -> None:
    if standing.lease.kind != "work":
        raise InputError(
            "this lease is for a review",
            where=f"lease {standing.lease.id}",
            do="call queue.review",
        )


def _counted(
    connection: Any,
    lab: str,
    before: Standing,
    record: Record,
    verdict: Judgement | None,
    submission: str,
    late: bool,
    agree: Agree | None,
    keyring: Keyring,
) -> Submitted:
    """Count an answer that is in the store, and decide what comes next."""
    link, now = raw(connection), clock.wall_ns()
    digest = answer_hash(record, keyring)
    after = _answered(before, record.episode.id, digest, submission, now, late)
    counts = {"late": int(late)}
    if after.task.done == before.task.done:
        keep(link, before, after, counts)
    else:
        same = before.lease.outcome == "returned" and before.answer == digest
        judging = Judging(connection, lab, agree, record, keyring)
        after = msgspec.structs.replace(after, task=judging.next(after, stubborn=same))
        keep(link, before, after, {**counts, "done": 1})
        if before.rules.gold:
            telling.gold(link, after, verdict)
        else:
            telling.agreement(link, after, judging.each)
    return Submitted(after.lease, record.episode.id, "late" if late else "new")


def _answered(
    before: Standing, episode: str, digest: bytes, submission: str, now: int, late: bool
) -> Standing:
    """Return how lease and task stand with the answer in: it counts if it has a place."""
    lease, task = before.lease, before.task
    kept = (*before.submissions, f"{episode} {submission}")
    active = lease.state == "active"
    ended = lease.state in ("expired", "returned")
    attempt = lease.attempt + 1
    if not active and not (ended and task.stage == "work" and task.open > 0):
        lost = {} if lease.state == "done" else {"episode": episode, "late": True}
        lease = msgspec.structs.replace(lease, attempt=attempt, **lost)
        return msgspec.structs.replace(before, lease=lease, submissions=kept)
    task = task.but(active=task.active - active, open=task.open - ended, done=task.done + 1)
    lease = msgspec.structs.replace(
        lease, state="done", attempt=attempt, episode=episode, late=late, ended_ns=now
    )
    return Standing(lease, task, before.rules, digest, kept)
