"""Reviews: what a second or third person is shown of an answer, and what they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.accounts.caller import Caller
from banbury.arena import Evidence
from banbury.arena import review as decide
from banbury.arena.player import PLAYER
from banbury.episode import Judgement, Record, Step
from banbury.errors import BanburyError, InputError, UnknownName
from banbury.gyms import registry
from banbury.gyms.contract import Gym, action_schema
from banbury.store import House, Lab
from banbury.store.queue import Kind, Lease
from banbury.web.pages.seats import has_seat
from banbury.web.views import pausing, theirs
from banbury.web.views.seat import PASTES, counted
from banbury.web.views.working import begin, elsewhere

AHEAD = 2
"""The answer to look at, and the next one."""
KINDS: tuple[Kind, ...] = ("third", "review")
_SHOWN_STEPS = 200
_ROWS = 200
_TEXT = 4_000


class Verdict(msgspec.Struct, frozen=True):
    """What a judge said of an answer: its name, the score in [0, 1], its named parts."""

    judge: str
    score: float
    passed: bool
    components: dict[str, float]


class Given(msgspec.Struct, frozen=True):
    """One answer to look at.

    Attributes:
        episode: its id.
        name: what the page calls it; nobody is told whose it is.
        action: the last action, None where there was none.
        steps: the actions, where the gym takes several.
        total: steps of the episode, of every kind.
        verdicts: what the judges said, where the task is done step by step.
        late: it came after its lease had expired.
    """

    episode: str
    name: str
    action: Any
    steps: list[str]
    total: int
    verdicts: list[Verdict]
    late: bool


class Row(msgspec.Struct, frozen=True):
    """One part of the answers side by side.

    Attributes:
        path: which part, such as `results.mood.choices`.
        values: what each answer says there, "" for nothing.
        differs: they do not say the same.
    """

    path: str
    values: list[str]
    differs: bool


class Look(msgspec.Struct, frozen=True):
    """An answer, or several that differ, for somebody to decide about.

    Attributes:
        id: of the lease.
        kind: `review`, or `third` where people differ.
        task: the public half: id, gym, skill, instruction, inputs.
        observations: what the person was shown.
        own_seat: the gym brings a seat of its own, which shows the answer.
        live: the task is done step by step, so that the whole episode is what is looked at.
        mendable: one action is all there is to answer, so that it can be mended here.
        schema: JSON Schema of the gym's actions.
        settings: of the campaign, for the seat.
        answers: the one to review, or all of them.
        rows: the answers side by side, part by part.
        reasons: what was said about them before.
        seconds: until the lease runs out.
    """

    id: str
    kind: str
    task: dict[str, Any]
    observations: list[dict[str, Any]]
    own_seat: bool
    live: bool
    mendable: bool
    schema: dict[str, Any]
    settings: dict[str, Any]
    answers: list[Given]
    rows: list[Row]
    reasons: list[str]
    seconds: int


class Looks(msgspec.Struct, frozen=True):
    """What a reviewer holds of a campaign, why there is no more, and the other lab that is why."""

    looks: list[Look]
    why: str = ""
    at_work: str = ""


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reviewer decides.

    Attributes:
        submission: made by the client; the same again changes nothing.
        verdict: `accept`, `mend` or `return`.
        action: with `mend`, the better answer.
        picked: with `accept` by a third person, the episode that is right.
        reasons: one sentence each; needed to return an answer.
        evidence: how the review came about.
    """

    submission: str
    verdict: Literal["accept", "mend", "return"]
    action: dict[str, Any] | None = None
    picked: str = ""
    reasons: tuple[str, ...] = ()
    evidence: Evidence = Evidence()


class Kept(msgspec.Struct, frozen=True):
    """What became of a review: `new`, `again` or `late`; it counts, or came too late to."""

    how: str
    counts: bool
    episode: str


def take(house: House, lab: Lab, caller: Caller, campaign: str, count: int = AHEAD) -> Looks:
    """Return what the caller is to look at: what they hold already, then new ones.

    Raises:
        UnknownName: there is no such campaign.
    """
    person = caller.pseudonyms[lab.name]
    rules = lab.queue.campaign(campaign)
    count = min(max(count, 1), AHEAD)
    held = [e for e in lab.queue.held(person, campaign) if e.kind != "work"][:count]
    why = at_work = ""
    if len(held) < count and rules.state == "open":
        try:
            grant = begin(house, lab, caller, campaign)
            away = pausing.away(house, caller.account)
            own, why = theirs.barred(house, lab, rules, person)
            more = 0 if why else count - len(held)
            held += pausing.claimed(lab, away, campaign, person, grant.id, more, KINDS, own)
            if not held and not why:
                why, _ = pausing.why(lab, away, campaign)
        except InputError as error:
            why, at_work = str(error), elsewhere(house, lab, caller)
    if not held:
        why = why or "No answer waits for you in this campaign at the moment."
    if rules.state != "open" and not held:
        why = f"This campaign is {rules.state}."
    return Looks([_look(lab, e, rules.settings) for e in held], why, at_work)


def review(lab: Lab, caller: Caller, id: str, said: Decided) -> Kept:
    """Keep a review, and do what it decides.

    Raises:
        UnknownName: the lease is not the caller's.
        InputError: the verdict lacks what it needs.
    """
    held = own(lab, caller, id)
    if said.verdict == "mend" and said.action is None:
        raise InputError("a mend needs the better answer", where="action")
    got = decide(
        *(lab, id, said.verdict),
        submission=said.submission,
        action=msgspec.json.encode(said.action) if said.verdict == "mend" else b"",
        picked=said.picked,
        reasons=said.reasons,
        evidence=_evident(said.evidence, held.taken_ns),
    )
    return Kept(got.how, got.lease.state == "done", got.episode)


def _evident(said: Evidence, taken_ns: int) -> Evidence:
    """Return evidence that can be: nobody worked less than not at all, or longer than they held it.

    Hours are counted from it.
    """
    now = clock.wall_ns()
    return Evidence(
        min(max(said.opened_ns, taken_ns), now) if said.opened_ns else 0,
        min(max(said.active_ms, 0), max(now - taken_ns, 0) // 10**6),
        counted(said.keys),
        tuple(map(counted, said.pastes[:PASTES])),
        counted(said.blurs),
    )


def own(lab: Lab, caller: Caller, id: str) -> Lease:
    """Return a lease of the caller.

    Raises:
        UnknownName: there is none of this id, or it is another person's.
    """
    lease = lab.queue.lease(id)
    if lease.person != caller.pseudonyms[lab.name]:
        raise UnknownName("lease", id, (), hint="It may be another person's")
    return lease


def _look(lab: Lab, lease: Lease, settings: Mapping[str, Any]) -> Look:
    task = lab.task(lease.task)
    gym = registry.gym(task.gym)
    before = [e for e in lab.queue.leases(lease.campaign, lease.task) if e.kind == "work"]
    lab.read(lease.subject)  # an answer that is erased cannot be reviewed
    records = list(lab.readable(_subjects(lease, before)))
    live = _is_live(lab, gym, lease)
    judged = lab.judgements([r.episode.id for r in records]) if live else {}
    answers = [_given(n, r, judged.get(r.episode.id, ())) for n, r in enumerate(records)]
    public = {
        "id": task.id,
        "gym": task.gym,
        "skill": task.skill,
        "instruction": task.public.instruction,
        "inputs": _json(task.public.inputs),
    }
    return Look(
        id=lease.id,
        kind=lease.kind,
        task=public,
        observations=_observed(lab, lease, records[0]),
        own_seat=has_seat(task.gym) and not live,
        live=live,
        mendable=not live and all(len(r.actions()) == 1 for r in records),
        schema=action_schema(gym.actions),
        settings=dict(settings),
        answers=answers,
        rows=side_by_side([a.action for a in answers]),
        reasons=[reason for e in before for reason in e.reasons],
        seconds=max(0, (lease.expires_ns - clock.wall_ns()) // 10**9),
    )


def _subjects(lease: Lease, before: Sequence[Lease]) -> list[str]:
    """Return the answers to show: the one to review, or for a third person all of them."""
    if lease.kind == "review":
        return [lease.subject]
    given = [e.episode for e in before if e.state == "done" and e.episode]
    return list(dict.fromkeys([*given, lease.subject]))


def _is_live(lab: Lab, gym: Gym, lease: Lease) -> bool:
    try:
        return PLAYER.opening(gym, lab.problem(lease.task), lease.attempt) is None
    except BanburyError:
        return False


def _given(n: int, record: Record, judged: Sequence[Judgement]) -> Given:
    actions = record.actions()
    shown = [_text(s) for s in actions[:_SHOWN_STEPS]] if len(actions) > 1 else []
    if len(actions) > _SHOWN_STEPS:
        shown.append(f"and {len(actions) - _SHOWN_STEPS} more")
    last = _json(actions[-1].payload) if actions else None
    name = f"Answer {chr(65 + n)}" if n < 26 else f"Answer {n + 1}"
    verdicts = [Verdict(j.judge, j.score, j.passed, dict(j.components)) for j in judged]
    late = "late" in record.episode.tags
    return Given(record.episode.id, name, last, shown, len(record.steps), verdicts, late)


def _observed(lab: Lab, lease: Lease, record: Record) -> list[dict[str, Any]]:
    """Return what the person was shown before they first acted, media with their addresses."""
    out = []
    for step in record.steps:
        if step.kind == "action":
            break
        if step.kind == "observation":
            seen = _json(step.payload)
            seen = dict(seen) if isinstance(seen, dict) else {"text": str(seen)}
            spans = seen.get("media") or msgspec.to_builtins(step.spans)
            out.append({**seen, "media": [_span(lab, lease, span) for span in spans]})
    return out


def _span(lab: Lab, lease: Lease, span: dict[str, Any]) -> dict[str, Any]:
    sha256 = span["blob"]["sha256"]
    return {**span, "url": f"/api/labs/{lab.name}/seat/leases/{lease.id}/media/{sha256}"}


def side_by_side(actions: Sequence[Any]) -> list[Row]:
    """Return answers part by part, those parts first in which they differ."""
    flat = [dict(_parts(action, "")) for action in actions]
    paths = dict.fromkeys(path for one in flat for path in one)
    rows = [
        Row(path, [one.get(path, "") for one in flat], len({one.get(path) for one in flat}) > 1)
        for path in paths
    ]
    return sorted(rows, key=lambda row: not row.differs)[:_ROWS]


def _parts(value: Any, path: str) -> list[tuple[str, str]]:
    """Return the leaves of JSON with their paths; a list of plain values is one leaf."""
    if isinstance(value, dict):
        return [p for k, v in value.items() if k != "do" for p in _parts(v, f"{path}.{k}")]
    if isinstance(value, list) and any(isinstance(v, dict | list) for v in value):
        return [p for i, v in enumerate(value, 1) for p in _parts(v, f"{path} {i}")]
    if isinstance(value, list):
        return [(path.lstrip("."), ", ".join(map(_plain, value))[:_TEXT])]
    return [(path.lstrip("."), _plain(value)[:_TEXT])]


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(step: Step) -> str:
    return step.payload.decode("utf-8", "replace")[:_TEXT]


def _json(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return text if isinstance(text, str) else text.decode("utf-8", "replace")
