"""Reviewing: a second person looks at an answer, and a third decides where people differ.

A second person accepts an answer; or mends it, and what they made of it is accepted, which its
author may dispute for three days; or returns it, and its author has the task again, with reasons.
A third person accepts the answer that they pick, or mends it; neither can be disputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import Judgement, Record
from banbury.errors import InputError
from banbury.store import boxes
from banbury.store.database import Database, raw
from banbury.store.keyring import work_key
from banbury.store.queue import filing, telling
from banbury.store.queue.count import count
from banbury.store.queue.lease import Lease, Outcome
from banbury.store.queue.standing import (
    Answered,
    Standing,
    Task,
    answers,
    author,
    keep,
    locked,
    tell,
)
from banbury.store.queue.submitting import Submitted, overdue
from banbury.store.server import Connection

Verdict = Literal["accept", "mend", "return"]

DAYS_NS = 3 * 86_400 * 10**9
"""How long an author may dispute what a reviewer made of an answer, or has to mend it."""

REASON = 2000
"""Most characters of one reason."""


class Decision(msgspec.Struct, frozen=True):
    """What a reviewer decides.

    Attributes:
        verdict: `accept`, `mend` or `return`.
        review: the episode of the review, done, in the run `review:CAMPAIGN`.
        mended: the better answer, an episode of the campaign's own gym and run; with `mend` only.
        picked: episode that a third person accepts; the subject if "".
        reasons: one sentence each; needed to return an answer.
    """

    verdict: Verdict
    review: Record
    mended: Record | None = None
    picked: str = ""
    reasons: tuple[str, ...] = ()


def review(
    database: Database,
    lab: str,
    lease: str,
    decision: Decision,
    judgements: Sequence[Judgement],
    submission: str,
) -> Submitted:
    """Keep a review, and do what it decides.

    Raises:
        UnknownName: there is no such lease.
        InputError: the lease is not for a review, the decision lacks what it needs, or its
            episodes are of another run, task or person.
    """
    reasons, keys = checked_reasons(decision.reasons, lease), database.keyring

    def work(connection: Any) -> Submitted:
        link = raw(connection)
        before = locked(link, lease)
        said = boxes.seal_words(reasons, work_key(lab, before.lease.person), keys)
        if there := before.episode_of(submission):
            return Submitted(before.lease, there, "again")
        filing.admit(submission, before.submissions, before.lease)
        given = answers(link, before.rules.campaign, before.rules.pos)
        _fits(before, decision, given)
        late, counts = overdue(before.lease), _counts(before)
        filed = _filed(before, decision, late)
        for record in filed:
            of = [j for j in judgements if j.episode == record.episode.id]
            filing.put(link, lab, before.lease, record, of, keys)
        now = clock.wall_ns()
        after = _reviewed(before, filed[0].episode.id, submission, now, late, counts)
        if not counts:
            keep(link, before, after, {"late": int(late)})
            return Submitted(after.lease, filed[0].episode.id, "late")
        chosen = filed[-1].episode.id if decision.verdict == "mend" else decision.picked
        after = msgspec.structs.replace(
            after, task=_decided(before.task, decision.verdict, chosen or before.lease.subject)
        )
        keep(link, before, after, {"done": 1, "late": int(late)})
        _told(link, after, decision, given, said, now)
        return Submitted(after.lease, filed[0].episode.id, "late" if late else "new")

    return database.run(work)


def dispute(database: Database, lab: str, lease: str, reasons: Sequence[str]) -> Lease:
    """Ask a third person to decide, since a reviewer changed one's answer.

    Raises:
        UnknownName: there is no such lease.
        InputError: nobody mended this answer, three days have passed, or no reason is given.
    """
    said = checked_reasons(reasons, lease)

    def work(link: Connection) -> Lease:
        before = locked(link, lease)
        held, now = before.lease, clock.wall_ns()
        if held.outcome == "disputed":
            return held
        if held.outcome != "mended" or before.task.stage != "settled":
            raise InputError("only an answer that was mended can be disputed", where=where)
        if now > held.outcome_ns + DAYS_NS:
            raise InputError("an answer can be disputed for three days only", where=where)
        if not said:
            raise InputError("say why the answer should stand", where=where)
        task = before.task.but(
            stage="third", open=1, subject=before.task.accepted, accepted="", requeue=True
        )
        words = boxes.seal_words(said, work_key(lab, held.person), database.keyring)
        mine = msgspec.structs.replace(
            held, outcome="disputed", outcome_ns=now, reasons=tuple(words)
        )
        after = msgspec.structs.replace(before, lease=mine, task=task)
        keep(link, before, after)
        return mine

    where = f"lease {lease}"
    return database.run(lambda c: work(raw(c)))


def checked_reasons(reasons: Sequence[str], lease: str) -> tuple[str, ...]:
    """Return reasons without blanks around them.

    Raises:
        InputError: there are more than 20, or one is longer than 2000 characters.
    """
    said = tuple(r.strip() for r in reasons if r.strip())
    if len(said) > 20 or any(len(r) > REASON for r in said):
        raise InputError(f"give at most 20 reasons of {REASON} characters", where=f"lease {lease}")
    return said


def _fits(before: Standing, decision: Decision, given: Sequence[Answered]) -> None:
    lease, where = before.lease, f"lease {before.lease.id}"
    if lease.kind == "work":
        raise InputError("this lease is for work", where=where, do="call queue.submit")
    filing.check(
        decision.review, lease, f"review:{lease.campaign}", decision.review.episode.key.task
    )
    if (decision.verdict == "mend") != (decision.mended is not None):
        raise InputError("a mended answer comes with the verdict `mend`", where=where)
    if decision.mended is not None:
        filing.check(decision.mended, lease, before.rules.run, lease.task)
    if decision.verdict == "return" and lease.kind == "third":
        raise InputError("a third person decides", where=where, do="accept an answer, or mend it")
    if decision.verdict == "return" and not any(r.strip() for r in decision.reasons):
        raise InputError("say what is wrong with the answer", where=where)
    seen = {lease.subject, *(a.episode for a in given)}
    if decision.picked and (lease.kind != "third" or decision.picked not in seen):
        raise InputError("this is none of the answers to decide between", where=where)


def _counts(before: Standing) -> bool:
    """Return whether the decision still counts: nobody else has decided, or is about to."""
    lease, task = before.lease, before.task
    if lease.state == "active":
        return task.stage == lease.kind
    free = task.stage == lease.kind and task.open > 0
    return lease.state in ("expired", "returned") and free and task.subject == lease.subject


def _filed(before: Standing, decision: Decision, late: bool) -> list[Record]:
    lease = before.lease
    out = [filing.filed(decision.review, lease.attempt, late, lease.subject, "reviewed")]
    if decision.mended is not None:
        out.append(filing.filed(decision.mended, lease.attempt, late, lease.subject, "corrected"))
    return out


def _reviewed(
    before: Standing, episode: str, submission: str, now: int, late: bool, counts: bool
) -> Standing:
    """Return how the reviewer's own lease stands with the review in."""
    lease, kept = before.lease, (*before.submissions, f"{episode} {submission}")
    changes: dict[str, Any] = {"attempt": lease.attempt + 1, "late": late}
    if counts:
        changes |= {"state": "done", "episode": episode, "ended_ns": now}
    elif lease.state == "active":
        changes |= {"state": "expired", "ended_ns": now}
    lease = msgspec.structs.replace(lease, **changes)
    return msgspec.structs.replace(before, lease=lease, submissions=kept)


def _decided(task: Task, verdict: Verdict, chosen: str) -> Task:
    if verdict == "return":
        return task.but(
            stage="work", open=0, active=task.active + 1, done=task.done - 1, subject=""
        )
    return task.but(stage="settled", open=0, subject="", accepted=chosen)


def _told(
    link: Connection,
    after: Standing,
    decision: Decision,
    given: Sequence[Answered],
    reasons: Sequence[str],
    now: int,
) -> None:
    """Tell the authors; one whose answer is returned has the task again."""
    lease, chosen = after.lease, after.task.accepted
    if decision.verdict == "return":
        mine = author(link, after.rules, lease.subject)
        tell(link, [mine.id], "returned", now, reasons, again_ns=now + DAYS_NS)
        telling.reviews(link, after, [a for a in given if a.lease == mine.id], telling.RETURNED)
        count(link, after.rules.campaign, mine.person, "work", active=1, done=-1)
        return
    best = {a.answer for a in given if a.episode == chosen}
    right = [a for a in given if a.answer in best]
    wrong = [a for a in given if a.answer not in best]
    outcome: Outcome = "mended" if lease.kind == "review" else "overruled"
    tell(link, [a.lease for a in right], "accepted", now, ())
    tell(link, [a.lease for a in wrong], outcome, now, reasons)
    telling.reviews(link, after, right, telling.ACCEPTED)
    telling.reviews(link, after, wrong, telling.SCORES[outcome])
