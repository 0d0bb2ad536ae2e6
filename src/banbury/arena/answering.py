"""Answering: an answer came in from a person: play it, judge it, store it, decide what is next.

One way for the pages, the API and the tests; the answer becomes an episode like any other.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.actors.person import PERSON
from banbury.actors.policy import Move
from banbury.arena.player import PLAYER
from banbury.arena.proposals import with_proposal
from banbury.episode import Actor, Judgement, Problem, Record, canonical
from banbury.errors import BanburyError, InputError
from banbury.gyms import registry
from banbury.gyms.contract import Action, Gym
from banbury.gyms.review import Accept, Mend, Return, ReviewGym, problem_of
from banbury.store import Lab
from banbury.store.queue import Agreement, Decision, Lease, Submitted, Verdict

SEAT = "seat"
"""The name of the note beside an answer: how it came about."""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an answer came about, as the seat saw it; the page tells the person that it does.

    Attributes:
        opened_ns: UTC nanoseconds at which the person first saw the task, 0 if unknown.
        active_ms: milliseconds during which they worked on it; what they are credited with.
        keys: keystrokes.
        pastes: sizes in characters of what was pasted.
        blurs: how often the page lost the focus.
    """

    opened_ns: int = 0
    active_ms: int = 0
    keys: int = 0
    pastes: tuple[int, ...] = ()
    blurs: int = 0


_MEASURED_S = 4.0
"""Seconds in which a gym may compare answers for one question; a submission waits for it."""

UNSEEN = Evidence()
"""What a client says that watches nothing."""


def answer(
    lab: Lab, lease: str, action: bytes | str, *, submission: str, evidence: Evidence = UNSEEN
) -> Submitted:
    """Take a person's answer to a task that is answered once.

    Args:
        lab: the lab.
        lease: id of the lease.
        action: JSON of the gym's action.
        submission: the client's id of this submission: the same again changes nothing.
        evidence: how the answer came about.

    Raises:
        UnknownName: there is no such lease.
        InputError: the JSON is none of the gym's actions, or the gym wants more than one.
        GymError: the gym failed; nothing was kept.
    """
    held = lab.queue.lease(lease)
    problem = lab.problem(held.task)
    gym = registry.gym(problem.task.gym)
    record, verdict = _played(lab, gym, problem, held, _action(gym, action), evidence)
    record = with_proposal(lab, held.campaign, record)
    return lab.queue.submit(
        lease, record, [verdict], submission=submission, agree=agreement_of(gym)
    )


def review(
    lab: Lab,
    lease: str,
    verdict: Verdict,
    *,
    submission: str,
    action: bytes | str = b"",
    picked: str = "",
    reasons: Sequence[str] = (),
    evidence: Evidence = UNSEEN,
) -> Submitted:
    """Take a second or a third person's review of an answer.

    Args:
        lab: the lab.
        lease: id of the lease, of the kind `review` or `third`.
        verdict: `accept`, `mend` or `return`.
        submission: the client's id of this submission: the same again changes nothing.
        action: with `mend`, JSON of the better answer in the campaign's gym.
        picked: with `accept` by a third person, the episode that is right.
        reasons: one sentence each; needed to return an answer.
        evidence: how the review came about.

    Raises:
        UnknownName: there is no such lease.
        InputError: the lease is for work, or the verdict lacks what it needs.
        GymError: the gym failed; nothing was kept.
    """
    held = lab.queue.lease(lease)
    if held.kind == "work":
        raise InputError("this lease is for work", where=f"lease {lease}", do="answer the task")
    judgements = []
    mended = None
    if verdict == "mend":
        problem = lab.problem(held.task)
        gym = registry.gym(problem.task.gym)
        mended, judged = _played(lab, gym, problem, held, _action(gym, action), UNSEEN)
        judgements.append(judged)
    said = _said(verdict, mended, picked, reasons)
    subject = lab.read(held.subject)
    if mended is not None and mended.answer == subject.answer:
        what = "this review cannot be kept: the mended answer is the old one"
        raise InputError(what, where=f"lease {lease}")
    looked = problem_of(subject)
    lab.put_tasks([looked])
    record, judged = _played(
        lab, _REVIEWS, looked, held, said, evidence, run=f"review:{held.campaign}"
    )
    if not judged.passed:
        fault = msgspec.json.decode(judged.evidence, type=dict[str, Any])["fault"]
        raise InputError(f"this review cannot be kept: {fault}", where=f"lease {lease}")
    decision = Decision(verdict, record, mended, picked, tuple(reasons))
    return lab.queue.review(lease, decision, [*judgements, judged], submission=submission)


class Measure:
    """A gym's own measure of how alike two answers are, for one question, within bounds.

    One that fails, hangs, or has had its time on earlier pairs, says that an answer is like no
    other, so that a person decides.

    Attributes:
        spent: it has had its time, and looked at no more pairs.
    """

    def __init__(self, gym: Gym, seconds: float = _MEASURED_S) -> None:
        self._gym = gym
        self._left_s = seconds
        self.spent = False

    def __call__(self, first: Record, second: Record) -> float:
        """Return how alike two answers are, in [0, 1]."""
        if self._left_s <= 0.0:
            self.spent = True
            return 0.0
        begun = time.monotonic()
        try:
            return PLAYER.alike(self._gym, first, second)
        except BanburyError:
            return 0.0
        finally:
            self._left_s -= time.monotonic() - begun


def agreement_of(gym: Gym) -> Measure | None:
    """Return a gym's own measure of how alike two answers are; None where it has none."""
    return None if type(gym).agreement is Gym.agreement else Measure(gym)


def agreement(lab: Lab, campaign: str) -> Agreement:
    """Return how far people agree in a campaign, by its gym's own measure if it has one.

    Raises:
        UnknownName: there is no such campaign, or its gym is not installed.
    """
    gym = registry.gym(lab.queue.campaign(campaign).gym)
    measure = agreement_of(gym)
    found = lab.queue.sight.agreement(campaign, agree=measure)
    if measure is not None and measure.spent:
        why = f"comparing these answers takes longer than {_MEASURED_S:g} s"
        return msgspec.structs.replace(found, alpha=None, why=why)
    return found


def _played(
    lab: Lab,
    gym: Gym,
    problem: Problem,
    lease: Lease,
    action: Action,
    evidence: Evidence,
    *,
    run: str = "",
) -> tuple[Record, Judgement]:
    notes = {SEAT: canonical(evidence).decode()} if evidence != UNSEEN else {}
    record, verdict = PLAYER.play(
        gym,
        problem,
        Actor("person", lease.person),
        Move(action, notes=notes),
        lab=lab.name,
        run=run or f"campaign:{lease.campaign}",
        sample=lease.attempt,
        tags=(PERSON,),
    )
    return timed(record, evidence), verdict


def timed(record: Record, evidence: Evidence) -> Record:
    """Return a record that began when the person saw the task, and cost what they worked."""
    episode, now = record.episode, clock.wall_ns()
    opened = evidence.opened_ns or now
    wall = min(max(0, episode.anchor_ns - opened), _LONGEST_NS)
    active = min(max(0, evidence.active_ms) * 1_000_000, wall)
    header = msgspec.structs.replace(
        episode,
        anchor_ns=episode.anchor_ns - wall,
        length_ns=episode.length_ns + wall,
        cost=msgspec.structs.replace(episode.cost, busy_ns=active),
    )
    first = next((s.seq for s in record.steps if s.kind == "action"), len(record.steps))
    steps = tuple(
        msgspec.structs.replace(
            s,
            start_ns=s.start_ns if s.seq <= first else s.start_ns + wall,
            end_ns=s.end_ns if s.seq < first else s.end_ns + wall,
        )
        for s in record.steps
    )
    return Record(header, steps)


_REVIEWS = ReviewGym()
_LONGEST_NS = 30 * 86_400 * 10**9
"""A person's clock may be wrong; no lease is longer."""


@functools.cache
def _decoder(actions: Any) -> msgspec.json.Decoder[Action]:
    return msgspec.json.Decoder(actions)


def _action(gym: Gym, action: bytes | str) -> Action:
    try:
        return _decoder(gym.actions).decode(action)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(
            f"this is no answer in the gym {gym.name!r}: {error}",
            do="send JSON that follows the gym's action schema",
        ) from error


def _said(verdict: Verdict, mended: Record | None, picked: str, reasons: Sequence[str]) -> Action:
    if verdict == "accept":
        return Accept(picked)
    if verdict == "return":
        return Return(tuple(reasons))
    assert mended is not None
    return Mend(msgspec.Raw(mended.answer), tuple(reasons))
