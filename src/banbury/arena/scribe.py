"""The scribe: turns what happens at a gym into the steps of one episode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury import clock
from banbury.actors.policy import Move, clean
from banbury.episode import (
    GYM,
    Actor,
    Cost,
    Episode,
    Failure,
    Parent,
    Record,
    RunKey,
    Sampler,
    Seat,
    Step,
    StepKind,
    Task,
    Tokens,
    canonical,
    digest,
    new_id,
    pack,
)
from banbury.errors import BanburyError, GymError, Interrupted
from banbury.gyms.contract import Gym, Turn, action_schema

FAILURE_LIMIT = 4_000
"""Characters of a failure's message that are kept."""

SHOWN = 500
"""Characters of a step that an error shows."""

MAIN = "main"
COST = "cost"
"""The track of what moves cost, in journaled episodes."""

_CONTENT = ("kind", "actor", "seat", "track", "payload", "schema", "reply_to", "spans")

_schemas: dict[Any, str] = {}


def _schema_hash(actions: Any) -> str:
    if actions not in _schemas:
        _schemas[actions] = digest(canonical(action_schema(actions)))
    return _schemas[actions]


class Scribe:
    """Keeps the steps of one running episode and makes its record.

    Args:
        gym: the gym.
        task: the task.
        actors: who sits there, one for each seat of the gym.
        lab: name of the lab.
        key: idempotency key.
        tags: kept on the episode.
        parents: episodes that it comes from.
        journaled: also note what resuming needs: that a turn came, and what each move cost.
    """

    def __init__(
        self,
        gym: Gym,
        task: Task,
        actors: tuple[Actor, ...],
        *,
        lab: str,
        key: RunKey,
        tags: tuple[str, ...] = (),
        parents: tuple[Parent, ...] = (),
        journaled: bool = False,
    ) -> None:
        self.truncated = False
        self._journaled = journaled
        self._past: tuple[Step, ...] = ()
        self._kept = 0
        self._schema = _schema_hash(gym.actions)
        self._seats = gym.seats
        self._steps: list[Step] = []
        self._samplers: list[Sampler] = []
        self._context: dict[str, NDArray[np.uint32]] = {}
        self._cost = Cost()
        self._route = ""
        self._last: int | None = None
        self._origin = clock.mono_ns()
        self._episode = Episode(
            id=new_id(),
            lab=lab,
            key=key,
            gym=gym.name,
            gym_version=gym.version,
            skill=task.skill,
            anchor_ns=clock.wall_ns(),
            actors=actors,
            seats=tuple(Seat(seat, (i,)) for i, seat in enumerate(gym.seats)),
            parents=parents,
            tags=tags,
        )

    @property
    def episode(self) -> Episode:
        """Return the header so far."""
        return msgspec.structs.replace(
            self._episode, samplers=tuple(self._samplers), route=self._route
        )

    def resume(self, episode: Episode, steps: Sequence[Step]) -> None:
        """Go on with an episode that was cut off: what is recorded now must equal its steps."""
        self._episode, self._past = episode, tuple(steps)
        self._samplers, self._route = list(episode.samplers), episode.route
        self._kept = len(steps)
        last = max((step.end_ns for step in steps), default=0)
        since = max(clock.wall_ns() - episode.anchor_ns, last)
        self._origin = clock.mono_ns() - since

    def fresh(self) -> tuple[Step, ...]:
        """Return the steps recorded since this was asked last; none while it catches up."""
        steps = tuple(self._steps[self._kept :])
        self._kept += len(steps)
        return steps

    def saw(self, turn: Turn) -> None:
        """Record what a turn showed each seat, and its reward, as the answer to the last move.

        Raises:
            GymError: it cannot be recorded.
            Interrupted: it is not what was recorded before the episode was cut off.
        """
        before = len(self._steps)
        try:
            for seat, observations in turn.observations.items():
                for seen in observations:
                    payload = msgspec.json.encode(seen)
                    self._add(
                        "observation", GYM, seat, payload, spans=seen.media, reply_to=self._last
                    )
            if turn.reward is not None:
                payload = msgspec.json.encode(_finite(turn.reward))
                self._add("reward", GYM, "", payload, reply_to=self._last)
        except (TypeError, ValueError, AttributeError) as error:
            raise self._broken(f"a turn cannot be recorded: {error}") from error
        ends = turn.terminated or turn.truncated
        if self._journaled and (ends or len(self._steps) == before):
            said = {"terminated": turn.terminated, "truncated": turn.truncated}
            self._add("control", GYM, "", canonical(said), reply_to=self._last)

    def acted(self, seat: str, move: Move, start_ns: int) -> None:
        """Record a move: the action, or the text that was none, and the evidence beside it."""
        self._cost += move.cost
        self._route = move.route or self._route
        actor = self._seats.index(seat)
        tokens = self._tokens(seat, move)
        self._last = len(self._steps)
        if move.action is None:
            note = {"fault": clean(move.fault), "raw": clean(move.raw)}
            self._add("note", actor, seat, canonical(note), start=start_ns, tokens=tokens)
        else:
            payload = msgspec.json.encode(move.action)
            self._add(
                "action", actor, seat, payload, start=start_ns, tokens=tokens, schema=self._schema
            )
        if move.notes:
            notes = {clean(name): clean(text) for name, text in move.notes.items()}
            self._add("note", actor, seat, canonical(notes))
        if self._journaled and move.cost != Cost():
            self._add("note", actor, seat, msgspec.json.encode(move.cost), track=COST)

    def ended(self, evidence: str) -> None:
        """Record the final state that the environment hands the judge.

        Raises:
            GymError: it is no JSON.
        """
        if not evidence:
            return
        try:
            payload = evidence.encode()
            msgspec.json.decode(payload, type=msgspec.Raw)
        except (AttributeError, UnicodeError, msgspec.MsgspecError, RecursionError) as error:
            raise self._broken(f"its evidence is no JSON: {error}") from error
        self._add("note", GYM, "", payload, track="state")

    def done(self) -> Record:
        """Return the finished record.

        Raises:
            Interrupted: it ended sooner than before it was cut off.
        """
        if len(self._steps) < len(self._past):
            raise self._differs(self._past[len(self._steps)], None)
        return self._record("done", None)

    def failed(self, error: BanburyError) -> Record:
        """Return the record of an episode that the infrastructure failed."""
        self._steps += self._past[len(self._steps) :]
        said = clean(str(error))
        cut = said if len(said) <= FAILURE_LIMIT else f"{said[:FAILURE_LIMIT]} ..."
        return self._record("failed", Failure(type(error).__name__, cut))

    def _broken(self, what: str) -> GymError:
        episode = self._episode
        return GymError(what, where=f"gym {episode.gym!r} {episode.gym_version}", do="mend the gym")

    def _record(self, status: Any, failure: Failure | None) -> Record:
        length = clock.mono_ns() - self._origin
        cost = Cost(self._cost.tokens_in, self._cost.tokens_out, length, self._cost.money)
        episode = msgspec.structs.replace(
            self._episode,
            length_ns=length,
            status=status,
            samplers=tuple(self._samplers),
            cost=cost,
            route=self._route,
            truncated=self.truncated,
            failure=failure,
        )
        return Record(episode, tuple(self._steps))

    def _tokens(self, seat: str, move: Move) -> Tokens | None:
        call = move.call
        if call is None:
            return None
        if call.sampler not in self._samplers:
            self._samplers.append(call.sampler)
        before = self._context.get(seat)
        self._context[seat] = np.concatenate(
            [np.asarray(call.prompt, dtype="<u4"), np.asarray(call.completion, dtype="<u4")]
        )
        number = self._samplers.index(call.sampler)
        return pack(number, call.prompt, call.completion, call.logprobs, before)

    def _add(
        self,
        kind: StepKind,
        actor: int,
        seat: str,
        payload: bytes,
        *,
        track: str = MAIN,
        start: int | None = None,
        schema: str = "",
        spans: Any = (),
        tokens: Tokens | None = None,
        reply_to: int | None = None,
    ) -> None:
        end = clock.mono_ns() - self._origin
        begin = end if start is None else start - self._origin
        seq = len(self._steps)
        step = Step(
            seq,
            kind,
            actor,
            seat,
            track,
            begin,
            end,
            payload,
            schema,
            reply_to=reply_to,
            spans=spans,
            tokens=tokens,
        )
        if seq < len(self._past):
            step = self._same(self._past[seq], step)
        self._steps.append(step)

    def _same(self, past: Step, now: Step) -> Step:
        """Return what was recorded before the episode was cut off, if it is the same again.

        Raises:
            Interrupted: it is not.
        """
        if any(getattr(past, field) != getattr(now, field) for field in _CONTENT):
            raise self._differs(past, now)
        return past

    def _differs(self, past: Step, now: Step | None) -> Interrupted:
        return Interrupted(
            f"step {past.seq} came out otherwise when the episode was carried on: "
            f"{shown(past)} before, {shown(now) if now else 'nothing'} now",
            where=f"episode {self._episode.id}, gym {self._episode.gym!r}",
            do="the gym does not do the same twice; the attempt is made anew",
        )


def shown(step: Step) -> str:
    """Return what a step says, in few words."""
    text = step.payload.decode("utf-8", "replace")
    return f"{step.kind} {text if len(text) <= SHOWN else text[:SHOWN] + ' ...'}"


def _finite(reward: float) -> float:
    if not math.isfinite(reward):
        raise ValueError(f"a reward is a finite number, not {reward}")
    return reward
