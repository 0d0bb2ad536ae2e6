"""Submitting: an answer, its judgement, its lease and the counts, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import Judgement, Parent, Record, RunKey, canonical
from banbury.errors import InputError
from banbury.store import reading, sealing, tables, wire
from banbury.store.database import Database, raw
from banbury.store.queue.lease import Lease, one
from banbury.store.queue.standing import Answered, Rules, Standing, Task, answers, keep, locked
from banbury.store.server import Connection

LATE = "late"
"""The tag of an answer that came after its lease had expired."""

Agree = Callable[[Record, Record], float]
"""How alike two answers to one task are, in [0, 1]."""

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

    The key's sample, the parents and the tag `late` are set here, where it is known how the lease
    stands.

    Raises:
        UnknownName: there is no such lease.
        InputError: the episode is not done, or of another run, task or person.
    """
    digest = answer_hash(record)

    def work(connection: Any) -> Submitted:
        link = raw(connection)
        before = locked(link, lease)
        if there := before.episode_of(submission):
            return Submitted(before.lease, there, "again")
        _fits(before, record)
        now = clock.wall_ns()
        late = before.lease.state != "active" or before.lease.expires_ns < now
        kept = _filed(before, record, late)
        _sealed(link, lab, kept, judgements)
        _say(link, before.lease, kept, now)
        after = _answered(before, kept.episode.id, digest, submission, now, late)
        counts = {"late": int(late)}
        if after.task.done > before.task.done:
            counts["done"] = 1
            keep(link, before, after, counts)
            same = before.lease.outcome == "returned" and before.answer == digest
            task = judged(connection, lab, after, kept, agree, stubborn=same)
            if task != after.task:
                keep(link, after, msgspec.structs.replace(after, task=task))
        else:
            keep(link, before, after, counts)
        return Submitted(one(link, lease), kept.episode.id, "late" if late else "new")

    return database.run(work)


def answer_hash(record: Record) -> bytes:
    """Return 16 bytes that two records share if their last actions are the same JSON."""
    for step in reversed(record.steps):
        if step.kind == "action":
            return hashlib.sha256(canonical(msgspec.json.decode(step.payload))).digest()[:16]
    return b""


def judged(
    connection: Any,
    lab: str,
    standing: Standing,
    newest: Record,
    agree: Agree | None,
    *,
    stubborn: bool,
) -> Task:
    """Return where a task goes once an answer to it has been written.

    Args:
        connection: to the lab, in the transaction.
        lab: name of the lab.
        standing: with that answer counted.
        newest: the answer.
        agree: the gym's measure, None for plain equality.
        stubborn: a reviewer had returned it, and the same answer came back.
    """
    task, rules = standing.task, standing.rules
    if task.stage != "work" or task.done < rules.overlap or task.active > 0:
        return task
    given = answers(raw(connection), rules)
    if len(given) > 1:
        alike = alikeness(connection, lab, given, newest, agree)
        task = task.but(compared_ns=clock.wall_ns(), agreed=alike)
        stubborn = stubborn or alike < rules.enough
    first = given[0].episode
    if stubborn:
        return task.but(stage="third", open=1, subject=first, requeue=True)
    if standing.lease.outcome == "returned":
        first = newest.episode.id
    if standing.lease.outcome == "returned" or in_share(rules):
        return task.but(stage="review", open=1, subject=first, requeue=True)
    return task.but(stage="settled", open=0, subject="", accepted=first)


def alikeness(
    connection: Any,
    lab: str,
    given: Sequence[Answered],
    newest: Record | None,
    agree: Agree | None,
) -> float:
    """Return the mean agreement over all pairs of answers, in [0, 1]."""
    pairs = [(a, b) for i, a in enumerate(given) for b in given[i + 1 :]]
    if agree is None:
        return sum(a.answer == b.answer for a, b in pairs) / len(pairs)
    different = {x.episode for a, b in pairs if a.answer != b.answer for x in (a, b)}
    held = {} if newest is None else {newest.episode.id: newest}
    for record in records(connection, lab, sorted(different - held.keys())):
        held[record.episode.id] = record
    total = 0.0
    for a, b in pairs:
        same = a.answer == b.answer
        total += 1.0 if same else min(1.0, max(0.0, agree(held[a.episode], held[b.episode])))
    return total / len(pairs)


def records(connection: Any, lab: str, ids: Sequence[str]) -> list[Record]:
    """Return episodes with their bodies, within a transaction."""
    if not ids:
        return []
    query = "SELECT id, header, body FROM episode WHERE id = ANY(%s::uuid[])"
    rows = raw(connection).execute(query, [list(ids)], binary=True)
    found = [(wire.decode_header(h, str(id), lab), b) for id, h, b in rows.fetchall()]
    return reading.bodies(connection, found)


def in_share(rules: Rules) -> bool:
    """Return whether a second person sees a task's answer: by a hash of it, always the same."""
    seen = hashlib.sha256(f"{rules.run} {rules.pos}".encode()).digest()
    return int.from_bytes(seen[:4]) < rules.review * 2**32


def _fits(standing: Standing, record: Record) -> None:
    lease, episode = standing.lease, record.episode
    where = f"lease {lease.id}"
    if lease.kind != "work":
        raise InputError("this lease is for a review", where=where, do="call queue.review")
    if episode.status != "done":
        raise InputError(
            f"an episode that is {episode.status} is no answer", where=where, do="submit it again"
        )
    if (episode.key.run, episode.key.task) != (standing.rules.run, lease.task):
        raise InputError(
            f"the episode is of run {episode.key.run!r} and task {episode.key.task}",
            where=where,
            do=f"play task {lease.task} in run {standing.rules.run!r}",
        )
    if all(actor.name != lease.person for actor in episode.actors):
        raise InputError("another person's episode cannot answer this lease", where=where)


def _filed(standing: Standing, record: Record, late: bool) -> Record:
    """Return the record under the key, with the parents and tags, that it gets."""
    lease, episode = standing.lease, record.episode
    key = RunKey(episode.key.run, episode.key.task, episode.key.actor, lease.attempt)
    parents = episode.parents
    if lease.episode and lease.state == "active":
        parents = (*parents, Parent(lease.episode, "corrected"))
    tags = (*episode.tags, LATE) if late else episode.tags
    return Record(
        msgspec.structs.replace(episode, key=key, parents=parents, tags=tags), record.steps
    )


def _sealed(link: Connection, lab: str, record: Record, judgements: Sequence[Judgement]) -> None:
    [written] = sealing.seal(link, lab, [record], judgements)
    if not written.new:
        raise InputError(
            "an episode of this attempt is there already",
            where=f"episode {written.id}",
            do="close a live episode with queue.close_live",
        )


def _say(link: Connection, lease: Lease, record: Record, now: int) -> None:
    """Leave in the outbox what the house is to know: under which grant, and how long it took."""
    said = {"grant": lease.grant, "kind": lease.kind, "cost": record.episode.cost}
    link.execute(
        f"INSERT INTO {tables.outbox.name} (episode, kind, body, created_ns) "
        "VALUES (%s, 'worked', %s, %s)",
        [record.episode.id, canonical(said), now],
    )


def _answered(
    before: Standing, episode: str, digest: bytes, submission: str, now: int, late: bool
) -> Standing:
    """Return how lease and task stand with the answer in: it counts if it has a place."""
    lease, task = before.lease, before.task
    kept = (*before.submissions, f"{episode} {submission}")
    active = lease.state == "active"
    takes = active or (
        lease.state in ("expired", "returned") and task.stage == "work" and task.open > 0
    )
    attempt = lease.attempt + 1
    if not takes:
        lost = {} if lease.state == "done" else {"episode": episode, "late": True}
        lease = msgspec.structs.replace(lease, attempt=attempt, **lost)
        return msgspec.structs.replace(before, lease=lease, submissions=kept)
    if active:
        task = task.but(active=task.active - 1, done=task.done + 1)
    else:
        task = task.but(open=task.open - 1, done=task.done + 1)
    lease = msgspec.structs.replace(
        lease, state="done", attempt=attempt, episode=episode, late=late, ended_ns=now
    )
    return Standing(lease, task, before.rules, digest, kept)
