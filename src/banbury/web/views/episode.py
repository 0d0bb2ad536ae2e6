"""One episode: its header in words, its steps, what was said of it, where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from banbury.accounts import Caller
from banbury.charts.svg import shown
from banbury.charts.timeline import Beat
from banbury.episode import Episode, Judgement, Step
from banbury.errors import UnknownName
from banbury.store import Lab, Review
from banbury.web.views import steps as reading
from banbury.web.views.episodes import reachable
from banbury.web.views.steps import Part, StepView

SIZE = 50
"""Steps that a page loads at once."""

_HITS = 60
_AROUND = 60


class Scored(msgspec.Struct, frozen=True):
    """A judgement, readable.

    Attributes:
        id: UUIDv7.
        judge: name.
        version: hash of the judge's code and settings.
        score: in [0, 1].
        passed: whether that counts as done.
        components: named parts of the score.
        evidence: what led to it.
        created_ns: UTC nanoseconds.
    """

    id: str
    judge: str
    version: str
    score: float
    passed: bool
    components: dict[str, float]
    evidence: tuple[Part, ...]
    created_ns: int


class Reviewed(msgspec.Struct, frozen=True):
    """A review by a check, a model or a person."""

    check: str
    version: str
    verdict: str
    reasons: tuple[str, ...]
    created_ns: int


class Relative(msgspec.Struct, frozen=True):
    """A parent or child: its id, the relation, the step from which they differ, who acted."""

    episode: str
    relation: str
    at_step: int | None
    actor: str = ""
    status: str = ""


class ActorNote(msgspec.Struct, frozen=True):
    """Who acted, and where they sat."""

    name: str
    kind: str
    revision: str
    seats: tuple[str, ...]


class EpisodeView(msgspec.Struct, frozen=True):
    """An episode without its steps.

    Attributes:
        id: UUIDv7.
        skill: the task's heaviest skill when it ran.
        gym: name of the gym.
        gym_version: version that ran it.
        run: name of the run.
        task: id of the task.
        sample: 0-based number of the attempt.
        status: see `Status`.
        created_ns: UTC nanoseconds at its beginning.
        seconds: length.
        steps: how many.
        actors: who acted.
        route: which adapter a router chose.
        truncated: the actor was stopped by a limit.
        failure: why the infrastructure failed, "" if it did not.
        tags: free words.
        tokens_in: tokens that models read.
        tokens_out: tokens that models wrote.
        money: amounts, such as `0.0123 EUR`.
        parents: where it comes from.
        children: what comes from it.
        judgements: the newest first; none for whoever reaches only their own, who could take
            an answer back and try until it is the expected one.
        reviews: the newest first.
    """

    id: str
    skill: str
    gym: str
    gym_version: str
    run: str
    task: str
    sample: int
    status: str
    created_ns: int
    seconds: float
    steps: int
    actors: tuple[ActorNote, ...]
    route: str
    truncated: bool
    failure: str
    tags: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    money: tuple[str, ...]
    parents: tuple[Relative, ...]
    children: tuple[Relative, ...]
    judgements: tuple[Scored, ...]
    reviews: tuple[Reviewed, ...]


class Outline(msgspec.Struct, frozen=True):
    """What is known of all steps at once.

    Attributes:
        total: how many steps there are.
        beats: one for each, for the strip.
        corrected: by seq, the seqs that correct it.
    """

    total: int
    beats: tuple[Beat, ...]
    corrected: dict[int, tuple[int, ...]]


class Hit(msgspec.Struct, frozen=True):
    """A step in which a search found its words, with what stands around them."""

    seq: int
    kind: str
    around: str


class Found(msgspec.Struct, frozen=True):
    """What a search within an episode found: the first steps, and in how many it is."""

    hits: tuple[Hit, ...]
    total: int


def episode(lab: Lab, id: str, caller: Caller, mine: bool) -> EpisodeView:
    """Return an episode without its steps.

    Raises:
        UnknownName: there is none, or it is another's.
    """
    found = reachable(lab, id, caller, mine)
    judgements = () if mine else reversed(lab.judgements([id]).get(id, ()))
    reviews = () if mine else reversed(lab.reviews([id]).get(id, ()))
    children = tuple(
        Relative(c.id, c.parent.relation, c.parent.at_step, c.actor.partition("@")[0], c.status)
        for c in lab.pages.children(id)
        if not mine or c.parent.relation in ("reviewed", "corrected")
    )
    parents = tuple(Relative(p.episode, p.relation, p.at_step) for p in found.parents)
    return EpisodeView(
        found.id,
        found.skill,
        found.gym,
        found.gym_version,
        found.key.run,
        found.key.task,
        found.key.sample,
        found.status,
        found.anchor_ns,
        found.length_ns / 1e9,
        len(all_steps(lab, found)),
        _actors(found),
        found.route,
        found.truncated,
        f"{found.failure.boundary}: {found.failure.what}" if found.failure else "",
        found.tags,
        found.cost.tokens_in,
        found.cost.tokens_out,
        tuple(f"{m.nano / 1e9:.4f} {m.currency}" for m in found.cost.money),
        parents,
        children,
        tuple(_scored(j) for j in judgements),
        tuple(_reviewed(r) for r in reviews),
    )


def outline(lab: Lab, found: Episode) -> Outline:
    """Return what the strip shows of an episode's steps."""
    if found.status == "open":
        return _outline(found, all_steps(lab, found))
    return _outlined(_Place(lab, found))


def _outline(found: Episode, steps: Sequence[Step]) -> Outline:
    corrected: dict[int, list[int]] = defaultdict(list)
    for step in steps:
        if step.corrects is not None:
            corrected[step.corrects].append(step.seq)
    beats = tuple(_beat(found, step) for step in steps)
    return Outline(len(steps), beats, {seq: tuple(by) for seq, by in corrected.items()})


def stretch(lab: Lab, found: Episode, first: int, count: int = SIZE) -> tuple[StepView, ...]:
    """Return the steps `[first, first + count)`, with the corrections of each."""
    by = outline(lab, found).corrected
    part = all_steps(lab, found)[max(first, 0) : max(first, 0) + min(count, 500)]
    return tuple(_beside(lab, found, step, by.get(step.seq, ()), reading.CUT) for step in part)


def one(lab: Lab, found: Episode, seq: int, limit: int = 0) -> StepView:
    """Return one step, whole unless a limit is given.

    Raises:
        UnknownName: there is no such step.
    """
    by = outline(lab, found).corrected.get(seq, ())
    return _beside(lab, found, raw(lab, found, seq), by, limit)


def _beside(lab: Lab, found: Episode, step: Step, by: Sequence[int], limit: int) -> StepView:
    """Return a step, a correction with what it corrects."""
    shown = reading.view(found, step, by, limit)
    steps = all_steps(lab, found)
    if step.corrects is None or not 0 <= step.corrects < len(steps):
        return shown
    before = reading.view(found, steps[step.corrects], limit=reading.CUT)
    return msgspec.structs.replace(shown, before=before.parts)


def raw(lab: Lab, found: Episode, seq: int) -> Step:
    """Return one step as it is stored.

    Raises:
        UnknownName: there is no such step.
    """
    steps = all_steps(lab, found)
    if not 0 <= seq < len(steps):
        raise UnknownName("step", str(seq), (), where=f"episode {found.id}, {len(steps)} steps")
    return steps[seq]


def number(text: str) -> int:
    """Return the number of a step that an address names.

    Raises:
        UnknownName: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnknownName("step", text[:40], (), where="steps are numbered from 0")
    return int(text)


def find(lab: Lab, found: Episode, words: str) -> Found:
    """Return the steps whose JSON holds some words, whatever their case."""
    wanted = msgspec.json.encode(words.strip()).decode()[1:-1].lower()
    hits: list[Hit] = []
    total = 0
    for step in all_steps(lab, found) if wanted else ():
        text = step.payload.decode("utf-8", "replace")
        at = text.lower().find(wanted)
        if at >= 0:
            total += 1
            if len(hits) < _HITS:
                around = text[max(at - _AROUND, 0) : at + len(wanted) + _AROUND]
                hits.append(Hit(step.seq, step.kind, shown(around)))
    return Found(tuple(hits), total)


def may_see(lab: Lab, id: str, caller: Caller, mine: bool) -> Episode:
    """Return the header of an episode that the caller reaches; see `reachable`."""
    return reachable(lab, id, caller, mine)


def all_steps(lab: Lab, found: Episode) -> Sequence[Step]:
    """Return all steps; those of a sealed episode of moderate size are kept for the next page."""
    if found.status == "open":
        return lab.read(found.id).steps
    return _sealed(_Place(lab, found))


class _Place:
    """Where the steps of a sealed episode are; equal where what is stored is."""

    def __init__(self, lab: Lab, found: Episode) -> None:
        self.lab, self.found = lab, found
        self._key = (lab.name, found.id, found.segments)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and other._key == self._key


@lru_cache(maxsize=4)
def _sealed(place: _Place) -> Sequence[Step]:
    return place.lab.read(place.found.id).steps


@lru_cache(maxsize=4)
def _outlined(place: _Place) -> Outline:
    return _outline(place.found, _sealed(place))


def _beat(found: Episode, step: Step) -> Beat:
    who = "gym" if step.actor < 0 else found.actors[step.actor].kind
    value = reading.decoded(step.payload)[0] if step.kind == "reward" else None
    reward = float(value) if isinstance(value, int | float) else None
    return Beat(step.kind, who, reward, step.corrects is not None)


def _actors(found: Episode) -> tuple[ActorNote, ...]:
    seats: dict[int, list[str]] = defaultdict(list)
    for seat in found.seats:
        for index in seat.actors:
            seats[index].append(seat.name)
    return tuple(
        ActorNote(a.name, a.kind, a.revision, tuple(seats[i])) for i, a in enumerate(found.actors)
    )


def _scored(judgement: Judgement) -> Scored:
    value, readable = reading.decoded(judgement.evidence.encode("utf-8", "replace"))
    parts = reading.fields(value) if readable and isinstance(value, dict) else []
    return Scored(
        judgement.id,
        judgement.judge,
        judgement.judge_hash,
        judgement.score,
        judgement.passed,
        judgement.components,
        tuple(reading.cut(p, reading.CUT) for p in parts),
        judgement.created_ns,
    )


def _reviewed(review: Review) -> Reviewed:
    return Reviewed(
        review.check, review.check_hash, review.verdict, review.reasons, review.created_ns
    )
