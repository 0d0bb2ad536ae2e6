"""Filing: an episode of a lease goes into the store, and its row for the house into the outbox."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from banbury import clock
from banbury.episode import Judgement, Parent, Record, Relation, RunKey, canonical
from banbury.errors import InputError
from banbury.store import sealing
from banbury.store.keyring import Keyring
from banbury.store.queue.lease import Lease
from banbury.store.sealing import Box
from banbury.store.server import Connection

LATE = "late"
"""The tag of an answer that came after its lease had expired."""


MOST, LONGEST = 200, 200
"""Submissions of one lease, and characters of the name of one."""


def admit(submission: str, kept: Sequence[str], lease: Lease) -> None:
    """Refuse a submission under a name that is none, or one too many of a lease.

    Raises:
        InputError: see above.
    """
    where = f"lease {lease.id}"
    if not 0 < len(submission) <= LONGEST or not submission.isprintable():
        raise InputError(f"a submission's name has 1 to {LONGEST} plain characters", where=where)
    if len(kept) >= MOST:
        raise InputError(f"a task is answered at most {MOST} times", where=where)


def check(record: Record, lease: Lease, run: str, task: str) -> None:
    """Refuse an episode that is not of a lease.

    Raises:
        InputError: it is not done, or of another run, task or person.
    """
    episode, where = record.episode, f"lease {lease.id}"
    if episode.status != "done":
        raise InputError(
            f"an episode that is {episode.status} is no answer", where=where, do="submit it again"
        )
    if (episode.key.run, episode.key.task) != (run, task):
        raise InputError(
            f"the episode is of run {episode.key.run!r} and task {episode.key.task}",
            where=where,
            do=f"play task {task} in run {run!r}",
        )
    if all(actor.name != lease.person for actor in episode.actors):
        raise InputError("another person's episode cannot answer this lease", where=where)


def filed(
    record: Record, sample: int, late: bool, parent: str = "", relation: Relation = "corrected"
) -> Record:
    """Return a record with the key's sample, the parent and the tags that it gets."""
    episode = record.episode
    key = RunKey(episode.key.run, episode.key.task, episode.key.actor, sample)
    parents = episode.parents
    if parent and all(p.episode != parent for p in parents):
        parents = (*parents, Parent(parent, relation))
    tags = (*episode.tags, LATE) if late else episode.tags
    header = msgspec.structs.replace(episode, key=key, parents=parents, tags=tags)
    return Record(header, record.steps)


def put(
    link: Connection,
    lab: str,
    lease: Lease,
    record: Record,
    judgements: Sequence[Judgement],
    keyring: Keyring,
) -> None:
    """Write a new episode with its judgements and its row for the house.

    Raises:
        InputError: one of the attempt is there already.
    """
    box = said(lease, record)
    written = sealing.seal(link, lab, record, judgements, box, keyring)
    if not written.new:
        raise InputError(
            "an episode of this attempt is there already",
            where=f"episode {written.id}",
            do="close a live episode with queue.close_live",
        )


def say(link: Connection, lease: Lease, record: Record) -> None:
    """Leave in the outbox what the house is to know of an episode that is there."""
    sealing.say(link, record.episode.id, said(lease, record))


def said(lease: Lease, record: Record) -> Box:
    """Return under which grant a person worked, and how long."""
    body = {"grant": lease.grant, "kind": lease.kind, "cost": record.episode.cost}
    return Box("worked", canonical(body), clock.wall_ns())
