"""The scribe: turns what happens at a gym into the steps of one episode."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury import clock
from banbury.actors.policy import Call, Move, clean
from banbury.episode import (
    GYM,
    STATE,
    Actor,
    Cost,
    Episode,
    Failure,
    Parent,
    Record,
    RunKey,
    Sampler,
    Seat,
    Status,
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
from banbury.gyms.contract import Action, Gym, Turn, action_schema

FAILURE_LIMIT = 4_000
"""Characters of a failure's message that are kept."""

SHOWN = 500
"""Characters of a step that an error shows."""

MAIN = "main"
COST = "cost"
"""The track of what moves cost, in journaled episodes."""

ARENA = "arena"
ASK = "ask"
"""The tracks of what the arena decided, and of models that a gym asked."""

_CONTENT = ("kind", "actor", "seat", "track", "payload", "schema", "reply_to", "spans")

_FREE = Cost()
_encode = msgspec.json.Encoder().encode


@functools.cache
def _codec(actions: Any) -> tuple[str, Callable[[bytes], Action]]:
    """Return the hash of the actions' schema, and what reads one."""
    return digest(canonical(action_schema(actions))), msgspec.json.Decoder(actions).decode


@functools.cache
def _seats(names: tuple[str, ...]) -> tuple[Seat, ...]:
    return tuple(Seat(name, (i,)) for i, name in enumerate(names))


class _About(NamedTuple):
    actors: tuple[Actor, ...]
    seats: tuple[Seat, ...]
    parents: tuple[Parent, ...]
    tags: tuple[str, ...]


class Scribe:
    """Keeps the steps of one running episode and makes its record.

    Attributes:
        truncated: the actor was stopped, by the gym or the arena.
        fault: why the last move was none.

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
        self.fault = ""
        self._journaled = journaled
        self._past: tuple[Step, ...] = ()
        self._kept = 0
        self._schema, self._decode = _codec(gym.actions)
        self._seats = gym.seats
        self._steps: list[Step] = []
        self._samplers: list[Sampler] = []
        self._context: dict[str, NDArray[np.uint32]] = {}
        self._again: dict[str, tuple[tuple[bytes, ...], int]] = {}
        self._cost = Cost()
        self._route = ""
        self._last: int | None = None
        self._origin = clock.mono_ns()
        self._id = new_id()
        self._anchor = clock.wall_ns()
        self._header = (lab, key, gym.name, gym.version, task.skill)
        self._about = _About(actors, _seats(gym.seats), parents, tags)

    @property
    def id(self) -> str:
        """Return the episode's id."""
        return self._id

    @property
    def episode(self) -> Episode:
        """Return the header so far."""
        return self._made()

    def resume(self, episode: Episode, steps: Sequence[Step]) -> None:
        """Go on with an episode that was cut off: what is recorded now must equal its steps."""
        self._id, self._anchor, self._past = episode.id, episode.anchor_ns, tuple(steps)
        self._about = _About(episode.actors, episode.seats, episode.parents, episode.tags)
        self._samplers, self._route = list(episode.samplers), episode.route
        self._kept = len(steps)
        last = max((step.end_ns for step in steps), default=0)
        self._origin = clock.mono_ns() - max(clock.wall_ns() - episode.anchor_ns, last)

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
                    payload = _encode(seen)
                    self._add(
                        "observation", GYM, seat, payload, spans=seen.media, reply_to=self._last
                    )
            if turn.reward is not None:
                payload = _encode(_finite(turn.reward))
                self._add("reward", GYM, "", payload, reply_to=self._last)
        except (TypeError, ValueError, AttributeError) as error:
            raise self._broken(f"a turn cannot be recorded: {error}") from error
        ends = turn.terminated or turn.truncated
        if self._journaled and (ends or len(self._steps) == before):
            said = {"terminated": turn.terminated, "truncated": turn.truncated}
            self._add("control", GYM, "", canonical(said), reply_to=self._last)

    def acted(self, seat: str, move: Move, start_ns: int) -> Action | None:
        """Record a move: the action, or the text that was none, and the evidence beside it.

        Returns:
            The action as it was recorded; None where the answer was none of the gym's actions.

        Raises:
            TypeError: the action cannot be written as JSON.
        """
        payload, action, fault = self._read(move)
        if move.cost is not _FREE:
            self._cost += move.cost
        self._route = move.route or self._route
        actor = self._seats.index(seat)
        tokens = None if move.call is None else self._tokens(seat, move.call)
        self._last = len(self._steps)
        if action is None:
            self._add("note", actor, seat, payload, start=start_ns, tokens=tokens)
            self.fault = fault
        else:
            self._add(
                "action", actor, seat, payload, start=start_ns, tokens=tokens, schema=self._schema
            )
        if move.notes:
            notes = {clean(name): clean(text) for name, text in move.notes.items()}
            self._add("note", actor, seat, canonical(notes))
        if self._journaled and move.cost != _FREE:
            self._add("note", actor, seat, _encode(move.cost), track=COST)
        return action

    def _read(self, move: Move) -> tuple[bytes, Action | None, str]:
        """Return (payload, action, fault) of a move; what is acted on is what was recorded."""
        raw, fault = move.raw, move.fault
        if move.action is not None:
            try:
                payload = _encode(move.action)
                return payload, self._decode(payload), ""
            except UnicodeEncodeError as error:
                raw, fault = repr(move.action), str(error)
            except msgspec.MsgspecError as error:
                raw, fault = payload.decode(), str(error)
        return canonical({"fault": clean(fault), "raw": clean(raw)}), None, fault

    def repeated(self) -> int:
        """Return how often in a row the last seat to act did the same and saw the same."""
        assert self._last is not None
        said = tuple([s.payload for s in self._steps[self._last :] if s.track == MAIN])
        seat = self._steps[self._last].seat
        before, count = self._again.get(seat, ((), 0))
        count = count + 1 if said == before else 1
        self._again[seat] = (said, count)
        return count

    def cut(self, why: str) -> None:
        """Record that the arena, not the gym, ends the episode, and why."""
        self.truncated = True
        self._add("control", GYM, "", canonical({"truncated": why}), track=ARENA)

    def answered(self, model: str, prompt: str, answer: str, cost: Cost, by: str = "") -> None:
        """Record that the gym asked a model, and which actor answered."""
        said = {"model": clean(model), "prompt": clean(prompt), "answer": clean(answer)}
        said |= {"by": by} if by else {}
        self._cost += cost
        self._add("note", GYM, "", canonical(said), track=ASK)
        if self._journaled and cost != _FREE:
            self._add("note", GYM, "", _encode(cost), track=COST)

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
        self._add("note", GYM, "", payload, track=STATE)

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
        _, _, gym, version, _ = self._header
        return GymError(what, where=f"gym {gym!r} {version}", do="mend the gym")

    def _record(self, status: Status, failure: Failure | None) -> Record:
        length = clock.mono_ns() - self._origin
        cost = self._cost
        # Of a person it is known how long they were at it; they may have been away in between.
        paid = Cost(cost.tokens_in, cost.tokens_out, cost.busy_ns or length, cost.money)
        return Record(self._made(status, length, paid, failure), tuple(self._steps))

    def _made(
        self,
        status: Status = "open",
        length: int = 0,
        cost: Cost = _FREE,
        failure: Failure | None = None,
    ) -> Episode:
        lab, key, gym, version, skill = self._header
        actors, seats, parents, tags = self._about
        return Episode(
            self._id,
            lab,
            key,
            gym,
            version,
            skill,
            self._anchor,
            length,
            status,
            actors,
            seats,
            tuple(self._samplers),
            parents,
            cost=cost,
            route=self._route,
            truncated=self.truncated,
            failure=failure,
            tags=tags,
        )

    def _tokens(self, seat: str, call: Call) -> Tokens:
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
            where=f"episode {self._id}, gym {self._header[2]!r}",
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
