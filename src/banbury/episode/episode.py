"""Episode: the record of one attempt at one task."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.episode.actor import Actor, Seat
from banbury.episode.cost import Cost
from banbury.episode.ids import canonical
from banbury.episode.lineage import Parent
from banbury.episode.span import NO_KEY
from banbury.episode.step import Step
from banbury.episode.tokens import Sampler

STATE = "state"
"""The track of the final state."""

Status = Literal["open", "done", "void", "failed"]
"""`failed` is the infrastructure's failure: no reward, no training, no pass rate."""


class RunKey(msgspec.Struct, frozen=True):
    """The idempotency key, unique per lab: the same key is the same attempt.

    Attributes:
        run: name of the run that asked for the episode.
        task: id of the task.
        actor: actor name, with what changes its behaviour.
        sample: 0-based sample number.
    """

    run: str
    task: str
    actor: str
    sample: int = 0


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """A content-addressed run of steps: zstd of MessagePack, `[first, first + count)`."""

    sha256: str
    first: int
    count: int
    key: str = NO_KEY


class Failure(msgspec.Struct, frozen=True):
    """Why an episode is `failed`: the boundary (an error's class name) and what it said."""

    boundary: str
    what: str


class Episode(msgspec.Struct, frozen=True, omit_defaults=True):
    """The header of an episode; its body is the steps in its segments.

    Attributes:
        id: UUIDv7.
        lab: name of the lab.
        key: idempotency key.
        gym: name of the gym.
        gym_version: version of the gym that ran it.
        skill: the task's heaviest skill when it ran.
        anchor_ns: UTC nanoseconds at 0 of the episode's monotonic clock.
        length_ns: nanoseconds from the anchor to the last event.
        status: see `Status`.
        actors: who acted; steps and seats refer to them by index.
        seats: places and who sat there.
        samplers: how tokens were drawn; steps refer to them by index.
        parents: episodes from which this one comes.
        segments: the body, in order; empty while the episode is open.
        cost: what it cost.
        route: which adapter or base a router chose, "" where nothing was routed.
        truncated: the actor was stopped by the gym's own limit.
        failure: set when the status is `failed`.
        tags: free words, such as the stage that asked for it.
        body_key: id of the encryption key of the body.
    """

    id: str
    lab: str
    key: RunKey
    gym: str
    gym_version: str
    skill: str
    anchor_ns: int
    length_ns: int = 0
    status: Status = "open"
    actors: tuple[Actor, ...] = ()
    seats: tuple[Seat, ...] = ()
    samplers: tuple[Sampler, ...] = ()
    parents: tuple[Parent, ...] = ()
    segments: tuple[Segment, ...] = ()
    cost: Cost = Cost()
    route: str = ""
    truncated: bool = False
    failure: Failure | None = None
    tags: tuple[str, ...] = ()
    body_key: str = NO_KEY


class Record(msgspec.Struct, frozen=True):
    """An episode with its body."""

    episode: Episode
    steps: tuple[Step, ...]

    @property
    def answer(self) -> bytes:
        """Return what the episode came to, as canonical JSON; b"" where it came to nothing.

        That is the final state, where the gym recorded one, else the last action.
        """
        for step in reversed(self.steps):
            if step.kind == "action" or (step.kind == "note" and step.track == STATE):
                return canonical(msgspec.json.decode(step.payload))
        return b""

    def actions(self, seat: str | None = None) -> tuple[Step, ...]:
        """Return the action steps, of one seat if it is named."""
        return tuple(
            s for s in self.steps if s.kind == "action" and (seat is None or s.seat == seat)
        )
