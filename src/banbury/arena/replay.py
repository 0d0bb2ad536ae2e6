"""Replay: make a stored episode's actions again, and prove that everything comes out the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from itertools import count, zip_longest
from typing import Any

import msgspec

from banbury import clock
from banbury.actors.policy import GaveUp, Move
from banbury.arena.ask import Recorded
from banbury.arena.driver import complete
from banbury.arena.past import moves_of
from banbury.arena.play import Limits, play
from banbury.arena.scribe import ARENA, COST, MAIN, shown
from banbury.episode import (
    GYM,
    STATE,
    Actor,
    Episode,
    Judgement,
    Parent,
    Record,
    Step,
    Task,
    canonical,
    digest,
    new_id,
)
from banbury.errors import InputError, Interrupted
from banbury.gyms import registry
from banbury.gyms.contract import Gym, Observation
from banbury.store import Lab

JUDGE = "arena/replay"
"""The judge of a replay: it passes where everything came out the same."""


class Difference(msgspec.Struct, frozen=True):
    """Where a replay first came out otherwise.

    Attributes:
        seq: step of the original; None where it is the judgement, or behind its last step.
        what: `observation`, `reward`, `evidence`, `end`, `judgement`, `failure`, ...
        before: what the original has.
        now: what the replay has.
    """

    seq: int | None
    what: str
    before: str
    now: str


class Replay(msgspec.Struct, frozen=True):
    """A replay and its proof, which is also kept as the newest judgement of `episode`.

    Attributes:
        original: id of the episode that was replayed.
        episode: id of the replay.
        same: whether everything came out the same, byte for byte.
        steps: steps compared.
        score: the judge's score now, None where the original has none.
        difference: the first, None if there is none.
        judge_changed: the judge's code is another than when the original was judged.
    """

    original: str
    episode: str
    same: bool
    steps: int
    score: float | None
    difference: Difference | None
    judge_changed: bool


def replay(lab: Lab, id: str, *, gym: Gym | None = None, limits: Limits | None = None) -> Replay:
    """Replay a stored episode from its start and compare every step and the judgement.

    The gym is started with the recorded task and sample; the recorded actions, faults included,
    are made again; what a model said that the gym asked is told from the record.

    Args:
        lab: where the episode is; the replay is stored there too, as a child of the episode.
        id: of the episode.
        gym: the gym; the registered one of its name if not given.
        limits: `seconds` and `grace` of the replay.

    Raises:
        UnknownName: the lab has no such episode or task, or the gym is not installed.
        InputError: the episode is open, was recorded at another version of the gym, or has
            effects outside, which a replay may not repeat.
    """
    original = lab.read(id)
    gym = gym or registry.gym(original.episode.gym)
    repeatable(original.episode, gym)
    problem = lab.problem(original.episode.key.task)
    try:
        moves = {seat: moves_of(original.steps, seat, gym.actions) for seat in gym.seats}
    except Interrupted as error:
        raise InputError(error.what, where=f"episode {id}", do=error.do) from error
    run = next(r for n in count(1) if not lab.known(r := f"replay/{id}/{n}"))
    begin = partial(
        play,
        gym,
        problem,
        {seat: _Recorded(id, made) for seat, made in moves.items()},
        lab=lab.name,
        run=run,
        sample=original.episode.key.sample,
        limits=_unlimited(limits or Limits(), len(original.steps)),
        ask=Recorded(original.steps),
        tags=("replay",),
        parents=(Parent(id, "replayed"),),
    )
    record, verdict = complete(begin)
    before = next(
        (j for j in lab.judgements([id]).get(id, ()) if j.judge.startswith(f"{gym.name}/")), None
    )
    difference = _first(original, record) or _judged(before, verdict)
    found = Replay(
        original=id,
        episode=record.episode.id,
        same=difference is None,
        steps=len(_compared(original)),
        score=None if before is None or verdict is None else verdict.score,
        difference=difference,
        judge_changed=before is not None and before.judge_hash != gym.judge_hash,
    )
    lab.write([record], [] if verdict is None else [verdict, _proof(found)])
    return found


def repeatable(episode: Episode, gym: Gym) -> None:
    """Refuse an episode whose actions cannot, or may not, be made again.

    Raises:
        InputError: it is open, was recorded at another version of the gym, or has effects outside.
    """
    where = f"episode {episode.id}"
    if episode.status == "open":
        raise InputError("the episode is still open", where=where, do="carry it on to its end")
    if episode.gym_version != gym.version:
        raise InputError(
            f"it was recorded at version {episode.gym_version} of the gym {gym.name!r}; "
            f"version {gym.version} is installed",
            where=where,
            do="install the version that recorded it",
        )
    if gym.needs.effects:
        raise InputError(
            f"steps of the gym {gym.name!r} have effects outside",
            where=where,
            do="a replay would make them again; read the episode instead",
        )


class _Recorded:
    """A policy and its session in one, which makes recorded moves."""

    def __init__(self, episode: str, moves: Sequence[Move]) -> None:
        self._actor = Actor("script", "replay", episode)
        self._moves = deque(moves)

    @property
    def actor(self) -> Actor:
        return self._actor

    def sit(self, task: Task, seat: str, actions: Any, sample: int) -> _Recorded:
        return self

    async def act(self, observations: Sequence[Observation]) -> Move:
        if not self._moves:
            raise GaveUp("the record has no further move")
        return self._moves.popleft()

    async def close(self) -> None:
        """Hold nothing, release nothing."""


def _unlimited(limits: Limits, most: int) -> Limits:
    """Return limits that leave only the deadline: the record says when to stop."""
    return Limits(limits.seconds, most + 1, most + 1, 0, limits.grace)


def _compared(record: Record) -> list[Step]:
    """Return the steps that the gym and the actors made, without what the arena added."""
    faults = {s.seq for s in record.steps if s.actor != GYM and s.kind == "note"}
    return [
        s
        for s in record.steps
        if s.track not in (ARENA, COST)
        and not (s.kind == "control" and s.track == MAIN and s.actor == GYM)
        and not (s.actor == GYM and s.reply_to in faults)
    ]


def _first(original: Record, now: Record) -> Difference | None:
    for one, other in zip_longest(_compared(original), _compared(now)):
        if one is None and original.episode.status == "failed":
            return None  # it was cut off there
        if one is None or other is None or _content(one) != _content(other):
            if other is None and now.episode.failure is not None:
                return Difference(one.seq, "failure", shown(one), now.episode.failure.what)
            step = one or other
            what = "evidence" if step.track == STATE else step.kind
            sides = (shown(s) if s else "nothing" for s in (one, other))
            return Difference(one.seq if one else None, what, *sides)
    if original.episode.status == "failed":
        return None
    if now.episode.failure is not None:
        return Difference(None, "failure", original.episode.status, now.episode.failure.what)
    ends = [_end(record) for record in (original, now)]
    return Difference(None, "end", *ends) if ends[0] != ends[1] else None


def _content(step: Step) -> tuple[object, ...]:
    return step.kind, step.actor == GYM, step.seat, step.track, step.payload, step.spans


def _end(record: Record) -> str:
    """Return who ended an episode: the arena stopped it, or the gym did, and how."""
    if any(step.track == ARENA for step in record.steps):
        return "stopped by the arena"
    return "truncated by the gym" if record.episode.truncated else "terminated by the gym"


def _judged(before: Judgement | None, now: Judgement | None) -> Difference | None:
    if before is None:
        return None
    sides = [_verdict(j) if j else "none" for j in (before, now)]
    return Difference(None, "judgement", *sides) if sides[0] != sides[1] else None


def _verdict(judgement: Judgement) -> str:
    parts = {
        "score": float(judgement.score),
        "passed": judgement.passed,
        "components": judgement.components,
    }
    return canonical(parts).decode()


def _proof(found: Replay) -> Judgement:
    judged = found.difference is not None and found.difference.what == "judgement"
    return Judgement(
        id=new_id(),
        episode=found.episode,
        judge=JUDGE,
        judge_hash=digest(JUDGE.encode(), b"1"),
        score=float(found.same),
        passed=found.same,
        components={"steps": float(found.same or judged), "judgement": float(found.same)},
        evidence=canonical(found).decode(),
        created_ns=clock.wall_ns(),
    )
