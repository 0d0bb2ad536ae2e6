"""The seat: what a person is given to do, and what becomes of what they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from banbury import clock
from banbury.accounts.caller import Caller
from banbury.actors.policy import Move
from banbury.arena.once import answered, opening
from banbury.episode import Cost, Judgement, Problem, Record, Span
from banbury.errors import BanburyError, InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Action, Gym, Observation, action_schema
from banbury.store import House, Lab
from banbury.store.queue import Agree, Campaign, Lease

AHEAD = 4
"""The task to do and the next three."""

HEAVY = 1 << 20
"""Bytes of a task's public half above which it is sent only when it is its turn."""

LARGEST = 16 << 20
"""Bytes of one action."""

_encode = msgspec.json.Encoder().encode


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """How somebody worked, as their page counted it; kept as a note in the episode.

    Attributes:
        active_ms: milliseconds at work: within a minute of the last input, the page in view.
        wall_ms: milliseconds since the task was first shown, pauses included.
        keys: keys that were pressed, not which.
        pastes: characters of each paste.
        blurs: how often the page was left.
    """

    active_ms: int = 0
    wall_ms: int = 0
    keys: int = 0
    pastes: tuple[int, ...] = ()
    blurs: int = 0


class Media(msgspec.Struct, frozen=True):
    """A file to look at or listen to, and where the page finds it."""

    blob: dict[str, Any]
    track: str
    start: int
    end: int
    base_num: int
    base_den: int
    url: str


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """An observation as the page shows it."""

    text: str
    role: str = "user"
    data: str = ""
    media: tuple[Media, ...] = ()


class TaskShown(msgspec.Struct, frozen=True):
    """The public half of a task."""

    id: str
    gym: str
    skill: str
    instruction: str
    inputs: Any


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """One task that a person holds.

    Attributes:
        id: of the lease.
        attempt: number of the answer that comes next.
        task: its public half; None where it is too large to be sent before its turn.
        live: it is acted on step by step; else it is answered once.
        observations: what one sees first, where it is answered once.
        answer: the action that was given before, where it was taken back or returned.
        reasons: why a reviewer returned it.
        seconds: until the lease runs out.
        trouble: why it cannot be shown.
    """

    id: str
    attempt: int
    task: TaskShown | None = None
    live: bool = False
    observations: tuple[Seen, ...] = ()
    answer: Any = None
    reasons: tuple[str, ...] = ()
    seconds: int = 0
    trouble: str = ""


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person holds of a campaign, the one to do first.

    Attributes:
        work: at most four.
        why: why there is nothing more, "" where there may be.
    """

    work: tuple[Work, ...]
    why: str = ""


class Said(msgspec.Struct, frozen=True):
    """An answer.

    Attributes:
        submission: made by the client; the same again changes nothing.
        action: one of the gym's actions.
        evidence: how it was worked at.
    """

    submission: str
    action: dict[str, Any]
    evidence: Evidence = Evidence()


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an answer.

    Attributes:
        how: `new`; `again` where it had arrived before; `late`; `failed` where the gym could not
            take it, which is no fault of the person's: the task went back.
        counts: it has a place among the answers to the task.
        episode: which holds it.
        why: what the gym said, where it failed.
    """

    how: str
    counts: bool
    episode: str
    why: str = ""


class Done(msgspec.Struct, frozen=True):
    """A task that a person answered lately, and whether they may take it back."""

    lease: str
    task: str
    ended_ns: int
    undoable: bool


class Room(msgspec.Struct, frozen=True):
    """A campaign as its seat shows it."""

    name: str
    title: str
    instructions: str
    gym: str
    state: str
    settings: dict[str, Any]
    schema: dict[str, Any]


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


def take(house: House, lab: Lab, caller: Caller, campaign: str, count: int) -> Taken:
    """Return what the caller holds of a campaign, and claim more up to a number of tasks.

    Raises:
        UnknownName: there is no such campaign.
    """
    who = person(caller, lab)
    rules = lab.queue.campaign(campaign)
    held = [e for e in lab.queue.held(who, campaign) if e.kind == "work"][:count]
    why = ""
    if len(held) < count and rules.state == "open":
        held += lab.queue.claim(campaign, who, "", count - len(held))
    if len(held) < count:
        why = _why(rules)
    return Taken(tuple(_shown(lab, rules, held)), why)


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
    lease = own(lab, caller, id)
    problem = lab.problem(lease.task)
    gym = registry.gym(problem.task.gym)
    move = moved(fitting(gym, said.action), said.evidence, lease)
    record, verdict = _played(lab, gym, problem, lease, move)
    if record.episode.status == "failed":
        return _failed(lab, lease, record)
    got = lab.queue.submit(
        lease.id, record, [verdict] if verdict else [], submission=said.submission, agree=alike(gym)
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


def moved(action: Action, evidence: Evidence, lease: Lease) -> Move:
    """Return a person's move with the evidence beside it.

    Nobody was at work longer than they held the task, whatever their page says.
    """
    now = clock.wall_ns()
    wall = min(max(evidence.wall_ms, 0) * 10**6, max(now - lease.taken_ns, 0))
    active = min(max(evidence.active_ms, 0) * 10**6, wall)
    said = {
        "opened_ns": now - wall,
        "active_ms": active // 10**6,
        "wall_ms": wall // 10**6,
        "keys": max(evidence.keys, 0),
        "pastes": evidence.pastes[:1000],
        "blurs": max(evidence.blurs, 0),
    }
    return Move(action, cost=Cost(busy_ns=active), notes={"seat": _encode(said).decode()})


def alike(gym: Gym) -> Agree | None:
    """Return the gym's own measure of how alike two answers are, None if it has none."""
    agree = getattr(gym, "agree", None)
    if agree is None:
        return None
    read = msgspec.json.Decoder(gym.actions).decode

    def measure(a: Record, b: Record) -> float:
        return float(agree(read(_last(a)), read(_last(b))))

    return measure


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


def _why(rules: Campaign) -> str:
    if rules.state == "open":
        return "There is nothing left for you in this campaign at the moment."
    return f"This campaign is {rules.state}."


def _shown(lab: Lab, rules: Campaign, held: Sequence[Lease]) -> list[Work]:
    gym = registry.gym(rules.gym)
    problems = lab.problems([e.task for e in held])
    shown = []
    for place, lease in enumerate(held):
        problem = problems[lease.task]
        if place and _size(problem) > HEAVY:
            shown.append(Work(lease.id, lease.attempt, seconds=left(lease)))
            continue
        made = _work(lab, gym, lease, problem)
        shown.append(made)
        if made.trouble:
            _unshowable(lab, gym, lease, problem, made.trouble)
    return shown


def _work(lab: Lab, gym: Gym, lease: Lease, problem: Problem) -> Work:
    task = problem.task
    seen: tuple[Observation, ...] | None = ()
    trouble = ""
    try:
        seen = opening(gym, problem, lease.attempt)
    except BanburyError as error:
        trouble = str(error)
    public = TaskShown(
        *(task.id, task.gym, task.skill, task.public.instruction),
        msgspec.json.decode(task.public.inputs),
    )
    before = _last(lab.read(lease.episode)) if lease.episode else b""
    return Work(
        *(lease.id, lease.attempt, public, seen is None),
        tuple(_seen(lab, lease, o) for o in seen or ()),
        msgspec.json.decode(before) if before else None,
        lease.reasons,
        left(lease),
        trouble,
    )


def _seen(lab: Lab, lease: Lease, seen: Observation) -> Seen:
    return Seen(seen.text, seen.role, seen.data, tuple(_media(lab, lease, s) for s in seen.media))


def _media(lab: Lab, lease: Lease, span: Span) -> Media:
    blob = {"sha256": span.blob.sha256, "size": span.blob.size, "media": span.blob.media}
    url = f"/api/labs/{lab.name}/seat/leases/{lease.id}/media/{span.blob.sha256}"
    return Media(blob, span.track, span.start, span.end, span.base_num, span.base_den, url)


def _unshowable(lab: Lab, gym: Gym, lease: Lease, problem: Problem, why: str) -> None:
    """Keep that a gym could not show a task as a failed episode, and hold the task back."""
    record, _ = _played(lab, gym, problem, lease, None)
    if record.episode.status == "failed":
        lab.write([record])
    lab.queue.broken(lease.id, f"The gym could not show it: {why}"[:2000])


def _played(
    lab: Lab, gym: Gym, problem: Problem, lease: Lease, move: Move | None
) -> tuple[Record, Judgement | None]:
    run = f"campaign:{lease.campaign}"
    return answered(gym, problem, lease.person, move, lab=lab.name, run=run, sample=lease.attempt)


def _failed(lab: Lab, lease: Lease, record: Record) -> Kept:
    lab.write([record])
    lab.queue.give_back(lease.id)
    failure = record.episode.failure
    return Kept("failed", False, record.episode.id, failure.what if failure else "")


def _last(record: Record) -> bytes:
    """Return the JSON of a record's last action, b"" if there is none."""
    return next((s.payload for s in reversed(record.steps) if s.kind == "action"), b"")


def _size(problem: Problem) -> int:
    return len(problem.task.public.instruction) + len(problem.task.public.inputs)


def left(lease: Lease) -> int:
    """Return the seconds until a lease runs out."""
    return max(0, (lease.expires_ns - clock.wall_ns()) // 10**9)
