"""The seat: what a person is given to do, and what becomes of what they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.accounts.caller import Caller
from banbury.actors.person import PERSON
from banbury.actors.policy import Move
from banbury.arena.answering import SEAT, Evidence, agreement_of, timed
from banbury.arena.player import PLAYER, NotPlayed
from banbury.arena.proposals import proposal, proposed, with_proposal
from banbury.episode import Actor, Cost, Judgement, Problem, Record, Span, canonical
from banbury.errors import BanburyError, InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Action, Gym, Observation, action_schema
from banbury.store import House, Lab
from banbury.store.grants import HOUR_NS
from banbury.store.queue import Campaign, Lease
from banbury.web.views import filmed, pausing, theirs
from banbury.web.views.held import (
    Counted,
    Done,
    Kept,
    Media,
    Proposed,
    Room,
    Said,
    Seen,
    Taken,
    TaskShown,
    Work,
)
from banbury.web.views.known import Known
from banbury.web.views.working import begin, elsewhere

AHEAD = 7
"""The task to do and those ahead: a page asks again where fewer than three are left ahead."""

HEAVY = 1 << 20
"""Bytes of a task's public half above which it is sent only when it is its turn."""

LARGEST = 16 << 20
"""Bytes of one action."""

PASTES = 1_000
"""Pastes that are kept."""

_COUNT = 1 << 31

_encode = msgspec.json.Encoder().encode
_known = Known()


def room(lab: Lab, name: str) -> Room:
    """Return a campaign with the schema of its gym's actions.

    Raises:
        UnknownName: there is no such campaign, or its gym is not installed.
    """
    c = lab.queue.campaign(name)
    gym = registry.gym(c.gym)
    schema = action_schema(gym.actions)
    return Room(c.name, c.title, c.instructions, c.gym, c.state, c.settings, schema)


def person(caller: Caller, lab: Lab) -> str:
    """Return what the caller is called in a lab."""
    return caller.pseudonyms[lab.name]


def own(lab: Lab, caller: Caller, id: str) -> Lease:
    """Return a lease of the caller.

    Raises:
        UnknownName: there is none of this id, or it is another person's.
    """
    lease = lab.queue.lease(id)
    if lease.person != person(caller, lab):
        raise UnknownName("lease", id, (), hint="It may be another person's")
    return lease


def _held(lab: Lab, caller: Caller, id: str) -> tuple[Lease, Problem]:
    known = _known.find(lab, id, person(caller, lab))
    if known is not None:
        return known
    lease = own(lab, caller, id)
    return lease, lab.problem(lease.task)


def take(
    house: House, lab: Lab, caller: Caller, campaign: str, count: int, have: Sequence[str] = ()
) -> Taken:
    """Return what the caller holds of a campaign, and claim more up to a number of tasks.

    Nothing is claimed where the house grants no hours: the person works in another lab now, or
    has done enough today.

    Args:
        house: which grants the hours.
        lab: the lab.
        caller: who asks.
        campaign: its name.
        count: how many tasks to hold.
        have: leases of which the page has the task already.

    Raises:
        UnknownName: there is no such campaign.
    """
    who = person(caller, lab)
    rules = lab.queue.campaign(campaign)
    count = filmed.at_once(rules, count)
    held = [e for e in lab.queue.held(who, campaign) if e.kind == "work"][:count]
    why, hours, at_work, paused = "", None, "", ""
    if len(held) < count and rules.state == "open":
        try:
            grant = begin(house, lab, caller, campaign)
            hours = round(grant.left_ns / HOUR_NS, 2)
            away = pausing.away(house, caller.account)
            own, why = theirs.barred(house, lab, rules, who)
            wanted = 0 if why else count - len(held)
            held += pausing.claimed(lab, away, campaign, who, grant.id, wanted, barred=own)
            if len(held) < count and not why:
                why, paused = pausing.why(lab, away, campaign)
        except InputError as refused:
            why, at_work = str(refused), elsewhere(house, lab, caller)
    if len(held) < count:
        why = why or _why(house, lab, rules, bool(held), who)
    shown = tuple(_shown(lab, rules, held, set(have)))
    return Taken(shown, why, hours, at_work, paused)


def work(lab: Lab, caller: Caller, id: str) -> Work:
    """Return a task that the caller holds, however large.

    Raises:
        UnknownName: it is not the caller's.
    """
    lease = own(lab, caller, id)
    return _work(lab, registry.gym(lab.task(lease.task).gym), lease, lab.problem(lease.task))


def answer(lab: Lab, caller: Caller, id: str, said: Said) -> Kept:
    """Keep an answer: play the episode with it, judge it, end the lease.

    Raises:
        UnknownName: the lease is not the caller's.
        InputError: this is none of the gym's actions; `where` names the field.
    """
    lease, problem = _held(lab, caller, id)
    theirs.checked(lab, lease, problem)
    gym = registry.gym(problem.task.gym)
    evidence = evident(said.evidence, lease.taken_ns)
    move = moved(fitting(gym, said.action), evidence)
    try:
        record, verdict = _played(lab, gym, problem, lease, move)
    except NotPlayed as failure:
        return _failed(lab, lease, failure)
    record = timed(record, evidence)
    if said.proposed:
        record = with_proposal(lab, lease.campaign, record)
    got = lab.queue.submit(
        lease.id,
        record,
        [verdict],
        submission=said.submission,
        agree=agreement_of(gym),
    )
    counts = got.lease.state == "done" and got.lease.episode == got.episode
    return Kept(got.how, counts, got.episode)


def fitting(gym: Gym, action: dict[str, Any]) -> Action:
    """Return an action of a gym.

    Raises:
        InputError: it is none; `where` is the path of the field, such as `$.text`.
    """
    try:
        data = _encode(action)
        if len(data) > LARGEST:
            raise InputError(f"an answer has at most {LARGEST >> 20} MB", where="$")
        made: Action = msgspec.json.decode(data, type=gym.actions)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at `")
        raise InputError(what, where=path.rstrip("`") or "$") from error
    return made


def evident(said: Counted, taken_ns: int) -> Evidence:
    """Return evidence in the server's time.

    Nobody was at work longer than they held the task, whatever their page says.
    """
    now = clock.wall_ns()
    held = max(now - taken_ns, 0) // 10**6
    wall = min(max(said.wall_ms, 0), held)
    return Evidence(
        now - wall * 10**6,
        min(max(said.active_ms, 0), wall),
        counted(said.keys),
        tuple(map(counted, said.pastes[:PASTES])),
        counted(said.blurs),
    )


def counted(said: int) -> int:
    """Return a count that a page sent, as one that can be."""
    return min(max(said, 0), _COUNT)


def moved(action: Action, evidence: Evidence) -> Move:
    """Return a person's move with the evidence beside it."""
    cost = Cost(busy_ns=evidence.active_ms * 10**6)
    return Move(action, cost=cost, notes={SEAT: canonical(evidence).decode()})


def undo(lab: Lab, caller: Caller, id: str) -> Work:
    """Take an answer back, until somebody has looked at it; return the task with the answer.

    Raises:
        UnknownName: the lease is not the caller's.
        InputError: there is no answer, or somebody has looked at it.
    """
    own(lab, caller, id)
    lab.queue.undo(id)
    return work(lab, caller, id)


def recent(lab: Lab, caller: Caller, campaign: str, limit: int = 10) -> list[Done]:
    """Return what the caller answered lately in a campaign, the newest first."""
    found = lab.queue.recent(person(caller, lab), 5 * limit)
    mine = [e for e in found if e.campaign == campaign and e.kind == "work" and e.episode]
    return [
        Done(e.id, e.task, e.ended_ns, e.state == "done" and e.outcome == "") for e in mine[:limit]
    ]


def media(lab: Lab, caller: Caller, id: str, sha256: str) -> Span:
    """Return where a file of a task that the caller holds or held is used.

    Raises:
        UnknownName: the task has no such file.
    """
    task = lab.task(own(lab, caller, id).task)
    for span in task.public.media:
        if span.blob.sha256 == sha256:
            return span
    raise UnknownName("file", sha256, ())


_NONE = "There is nothing left for you in this campaign at the moment."


def _why(house: House, lab: Lab, rules: Campaign, holds: bool, who: str) -> str:
    if rules.state != "open":
        return f"This campaign is {rules.state}."
    if holds:
        return _NONE
    far = lab.queue.progress(rules.name)
    if not far.tasks:
        return "This campaign has no tasks yet."
    if not far.waiting:
        return "All tasks of this campaign have the answers that they need."
    if own := theirs.why(house, lab, rules, who, far.waiting):
        return own
    if rules.overlap > 1:
        rest = "1 task still waits" if far.waiting == 1 else f"{far.waiting:,} tasks still wait"
        return (
            "There is nothing for you here now: what is open you have had, or others hold it. "
            f"{rest} for other people, since each is done by {rules.overlap}."
        )
    return _NONE


def _shown(lab: Lab, rules: Campaign, held: Sequence[Lease], have: set[str]) -> list[Work]:
    gym = registry.gym(rules.gym)
    problems = lab.problems([e.task for e in held if e.id not in have])
    proposals = bool(problems) and proposed(lab, rules.name)
    shown = []
    for place, lease in enumerate(held):
        problem = problems.get(lease.task)
        if problem is None or (place and _size(problem) > HEAVY):
            shown.append(Work(lease.id, lease.attempt, seconds=left(lease)))
            continue
        _known.keep(lab.name, lease, problem)
        made = _work(lab, gym, lease, problem, proposals)
        shown.append(made)
        if made.trouble:
            _unshowable(lab, lease, made.trouble)
    return shown


def _work(lab: Lab, gym: Gym, lease: Lease, problem: Problem, proposals: bool = True) -> Work:
    task = problem.task
    opened: tuple[Observation, ...] | None = ()
    trouble = ""
    try:
        opened = PLAYER.opening(gym, problem, lease.attempt)
    except BanburyError as error:
        trouble = str(error)
    public = TaskShown(
        *(task.id, task.gym, task.skill, task.public.instruction),
        msgspec.json.decode(task.public.inputs),
    )
    past = lab.read(lease.episode) if lease.episode else None
    before = _last(past) if past else b""
    looked = proposals and opened is not None
    found = proposal(lab, lease.campaign, task.id) if looked else None
    return Work(
        *(lease.id, lease.attempt, public, opened is None),
        tuple(seen(lab, lease.id, o) for o in opened or ()),
        msgspec.json.decode(before) if before else None,
        Proposed(found.model, msgspec.json.decode(found.action)) if found else None,
        lease.reasons,
        left(lease),
        trouble,
        filmed.before(past) if past else (),
    )


def seen(lab: Lab, lease: str, shown: Observation) -> Seen:
    """Return an observation as the page gets it, its media with addresses."""
    spans = tuple(_media(lab, lease, s) for s in shown.media)
    return Seen(shown.text, shown.role, shown.data, spans)


def _media(lab: Lab, lease: str, span: Span) -> Media:
    blob = {"sha256": span.blob.sha256, "size": span.blob.size, "media": span.blob.media}
    url = f"/api/labs/{lab.name}/seat/leases/{lease}/media/{span.blob.sha256}"
    return Media(blob, span.track, span.start, span.end, span.base_num, span.base_den, url)


def _unshowable(lab: Lab, lease: Lease, why: str) -> None:
    """Hold a task back that its gym cannot show."""
    lab.queue.broken(lease.id, f"The gym could not show it: {why}"[:2000])


def _played(
    lab: Lab, gym: Gym, problem: Problem, lease: Lease, move: Move
) -> tuple[Record, Judgement]:
    return PLAYER.play(
        gym,
        problem,
        Actor("person", lease.person),
        move,
        lab=lab.name,
        run=f"campaign:{lease.campaign}",
        sample=lease.attempt,
        tags=(PERSON,),
    )


def _failed(lab: Lab, lease: Lease, failure: NotPlayed) -> Kept:
    """Keep the failed episode, which has no score, and let the task go back."""
    lab.write([failure.record])
    lab.queue.give_back(lease.id)
    return Kept("failed", False, failure.record.episode.id, failure.what)


def _last(record: Record) -> bytes:
    """Return the JSON of a record's last action, b"" if there is none."""
    return next((s.payload for s in reversed(record.steps) if s.kind == "action"), b"")


def _size(problem: Problem) -> int:
    return len(problem.task.public.instruction) + len(problem.task.public.inputs)


def left(lease: Lease) -> int:
    """Return the seconds until a lease runs out."""
    return max(0, (lease.expires_ns - clock.wall_ns()) // 10**9)
