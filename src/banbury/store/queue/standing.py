"""Standing: how a task stands with one person's lease on it, locked while it changes.

Locks are taken in one order: the task's row, its leases, the person's counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import msgspec

from banbury.store import wire
from banbury.store.queue.campaign import SHOWN
from banbury.store.queue.count import COUNT, moved, numbered
from banbury.store.queue.lease import COLUMNS, FROM, Lease, Outcome, made, unknown
from banbury.store.server import Connection

Stage = Literal["work", "review", "third", "settled", "broken"]


class Task(msgspec.Struct, frozen=True):
    """A task in a campaign.

    Attributes:
        stage: `work`, `review`, `third`, `settled` or `broken`.
        open: places of this stage that nobody has.
        active: people who work on it now, reviewers not counted.
        done: answers that count.
        subject: episode that a reviewer or a third person is shown, "" for none.
        accepted: episode that was accepted, "" for none.
        compared_ns: when its answers were compared last, None if they never were.
        agreed: how alike they were, in [0, 1].
        requeue: what opens goes to the end of the queue.
    """

    stage: Stage
    open: int
    active: int
    done: int
    subject: str = ""
    accepted: str = ""
    compared_ns: int | None = None
    agreed: float | None = None
    requeue: bool = False

    def but(self, **changes: Any) -> Self:
        """Return it with changes."""
        return msgspec.structs.replace(self, **changes)


class Rules(msgspec.Struct, frozen=True):
    """What a campaign says of one task's way."""

    campaign: int
    pos: int
    run: str
    overlap: int
    review: float
    enough: float
    length_ns: int
    line: float = 0.7
    gold: bool = False
    skill: str = ""


class Standing(msgspec.Struct, frozen=True):
    """A lease with its task, as they stood when they were locked."""

    lease: Lease
    task: Task
    rules: Rules
    answer: bytes | None
    submissions: tuple[str, ...]

    def episode_of(self, submission: str) -> str | None:
        """Return the episode that a submission became, None where it never arrived."""
        for kept in self.submissions:
            episode, _, name = kept.partition(" ")
            if name == submission:
                return episode
        return None


class Answered(msgspec.Struct, frozen=True):
    """An answer that counts: whose, which episode, and the hash of what was answered."""

    lease: str
    person: str
    episode: str
    answer: bytes


_LOCK = f"""
SELECT w.stage, w.open, w.active, w.done, w.subject, w.accepted, w.compared_ns, w.agreed,
    c.id, w.task, c.overlap, c.review, c.enough, c.lease_seconds, c.line,
    EXISTS (SELECT FROM gold g WHERE g.campaign = w.campaign AND g.task = w.task),
    {SHOWN},
    l.answer, l.submissions, {COLUMNS}
FROM lease l JOIN work w ON w.campaign = l.campaign AND w.task = l.task
    JOIN campaign c ON c.id = l.campaign JOIN task t ON t.pos = l.task
WHERE l.id = %s FOR UPDATE OF w, l
"""

_KEEP = f"""
WITH kept AS (
    UPDATE work SET stage = %(stage)s, open = %(open)s, active = %(active)s, done = %(done)s,
        subject = %(subject)s, accepted = %(accepted)s, compared_ns = %(compared_ns)s,
        agreed = %(agreed)s,
        rank = CASE WHEN %(requeue)s THEN nextval('work_rank') ELSE rank END
    WHERE campaign = %(campaign)s AND task = %(pos)s
), counted AS (
    {COUNT}
)
UPDATE lease SET state = %(state)s, attempt = %(attempt)s, expires_ns = %(expires_ns)s,
    ended_ns = %(ended_ns)s, episode = %(episode)s, answer = %(answer)s, late = %(late)s,
    outcome = %(outcome)s, outcome_ns = %(outcome_ns)s, reasons = %(reasons)s,
    submissions = %(submissions)s
WHERE id = %(id)s
"""

_TELL = """
UPDATE lease SET outcome = %s, outcome_ns = %s, reasons = %s,
    state = CASE WHEN %s > 0 THEN 'active' ELSE state END,
    expires_ns = greatest(expires_ns, %s),
    ended_ns = CASE WHEN %s > 0 THEN NULL ELSE ended_ns END
WHERE id = ANY(%s::uuid[])
"""

_ANSWERS = (
    "SELECT id, person, episode, answer FROM lease WHERE campaign = %s AND task = %s "
    "AND kind = 'work' AND state = 'done' ORDER BY ended_ns, id"
)


def locked(link: Connection, id: str) -> Standing:
    """Return how a lease and its task stand, locked until the transaction ends.

    Raises:
        UnknownName: there is no such lease.
    """
    row = link.execute(_LOCK, [str(wire.as_uuid(id, "lease"))]).fetchone()
    if row is None:
        raise unknown(id)
    stage, open, active, done, subject, accepted, compared, agreed, *more = row
    campaign, pos, overlap, review, enough, seconds, line, gold, skill, *rest = more
    answer, submissions, *lease = rest
    held = made(lease)
    return Standing(
        held,
        Task(stage, open, active, done, _text(subject), _text(accepted), compared, agreed),
        Rules(
            campaign,
            pos,
            f"campaign:{held.campaign}",
            overlap,
            review,
            enough,
            seconds * 10**9,
            line,
            gold,
            skill,
        ),
        None if answer is None else bytes(answer),
        tuple(submissions),
    )


def keep(
    link: Connection, before: Standing, after: Standing, counts: Mapping[str, int] | None = None
) -> None:
    """Write how a lease and its task stand now, and count what changed for the person."""
    task, lease = after.task, after.lease
    values = {
        **msgspec.structs.asdict(task),
        **msgspec.structs.asdict(lease),
        "subject": task.subject or None,
        "accepted": task.accepted or None,
        "campaign": after.rules.campaign,
        "pos": after.rules.pos,
        "ended_ns": lease.ended_ns or None,
        "episode": lease.episode or None,
        "outcome_ns": lease.outcome_ns or None,
        "reasons": list(lease.reasons),
        "answer": after.answer,
        "submissions": list(after.submissions),
    }
    held = (lease.state == "active") - (before.lease.state == "active")
    more = {"active": held, **moved(before.task.stage, task.stage), **(counts or {})}
    link.execute(_KEEP, values | numbered(**more))


def answers(link: Connection, campaign: int, pos: int) -> list[Answered]:
    """Return the answers to a task that count, the oldest first; its row is locked."""
    rows: Sequence[Any] = link.execute(_ANSWERS, [campaign, pos]).fetchall()
    return [Answered(str(id), who, str(e), bytes(answer or b"")) for id, who, e, answer in rows]


def author(link: Connection, rules: Rules, episode: str) -> Lease:
    """Return the lease of whoever gave an answer, which its task's lock covers.

    Raises:
        UnknownName: nobody's answer stands there.
    """
    query = f"SELECT {COLUMNS} FROM {FROM} WHERE l.campaign = %s AND l.task = %s AND l.episode = %s"
    row = link.execute(query, [rules.campaign, rules.pos, episode]).fetchone()
    if row is None:
        raise unknown(episode)
    return made(row)


def tell(
    link: Connection,
    leases: Sequence[str],
    outcome: Outcome,
    now: int,
    reasons: Sequence[str],
    again_ns: int = 0,
) -> None:
    """Note on leases what became of their answers; with `again_ns` they are active until then."""
    link.execute(_TELL, [outcome, now, list(reasons), again_ns, again_ns, again_ns, list(leases)])


def _text(id: object) -> str:
    return "" if id is None else str(id)
