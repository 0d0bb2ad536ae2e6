"""ATIF trajectories as episodes: our own come back as they were, others as good as they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury import clock
from banbury.episode import (
    GYM,
    Actor,
    Cost,
    Episode,
    Money,
    Record,
    RunKey,
    Sampler,
    Seat,
    Span,
    Step,
    StepKind,
    Tokens,
    new_id,
    pack,
)
from banbury.errors import InputError
from banbury.formats.atif import schema
from banbury.formats.atif.writer import OURS
from banbury.formats.chat import MAIN, SAY, doing

SEAT = "solver"


def read(trajectory: schema.Trajectory, *, lab: str, run: str, task: str = "") -> Record:
    """Return a trajectory as an episode with its body, sealed (`done`).

    A trajectory that Banbury wrote gives back the episode that it was, under its own id and key.
    Of any other, the agent is the one actor, at the seat `solver`; `task` and `run` make its key,
    and its gym is `atif`.

    Raises:
        InputError: it was written by Banbury, but altered so that it holds no episode any more.
    """
    schema.check(trajectory)
    ours = (trajectory.extra or {}).get(OURS)
    if isinstance(ours, dict) and "episode" in ours:
        try:
            return _our_own(trajectory, ours)
        except (msgspec.ValidationError, KeyError, TypeError, IndexError, ValueError) as error:
            raise InputError(
                f"the part under extra.{OURS} holds no episode: {error}",
                where=f"trajectory {trajectory.trajectory_id}",
                do=f"read an unaltered copy, or take extra.{OURS} away to read it as foreign",
            ) from error
    return _foreign(trajectory, lab, run, task)


def _our_own(trajectory: schema.Trajectory, ours: dict[str, Any]) -> Record:
    episode = msgspec.convert(ours["episode"], Episode)
    rows = sorted(_rows(trajectory, ours), key=lambda row: int(row["seq"]))
    if [row["seq"] for row in rows] != list(range(len(rows))):
        raise ValueError("steps are missing or doubled")
    context: dict[str, NDArray[np.uint32]] = {}
    steps = []
    for row in rows:
        seat = row.get("seat", "")
        step = Step(
            row["seq"],
            row["kind"],
            row["actor"],
            seat,
            row.get("track", ""),
            row["start_ns"],
            row["end_ns"],
            msgspec.json.encode(row["payload"]),
            row.get("schema", ""),
            row.get("reply_to"),
            row.get("corrects"),
            msgspec.convert(row.get("spans", ()), tuple[Span, ...]),
            _packed(row.get("tokens"), seat, context),
        )
        steps.append(msgspec.convert(msgspec.to_builtins(step), Step))
    return Record(episode, tuple(steps))


def _rows(trajectory: schema.Trajectory, ours: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every step of one of our own trajectories as kind, payload, tokens and own fields."""
    yield from ours.get("events", [])
    for step in trajectory.steps:
        own = dict((step.extra or {})[OURS])
        yield from own.pop("events", [])
        if step.source == "agent":
            yield {"kind": "action", "payload": _acted(step), "tokens": _ids(step, own), **own}
        else:
            role = {"role": step.source} if step.source == "system" else {}
            said = {"text": _plain(step.message), **role}
            yield {"kind": "observation", "payload": said, **own}
        for result in step.observation.results if step.observation else ():
            said = {"text": _plain(result.content), "role": "tool"}
            mine = (result.extra or {})[OURS]
            yield {"kind": "observation", "payload": said, **mine}


def _acted(step: schema.Step) -> dict[str, Any]:
    if step.tool_calls:
        return {"do": step.tool_calls[0].function_name, **step.tool_calls[0].arguments}
    return {"do": SAY, "text": _plain(step.message)}


def _ids(step: schema.Step, own: dict[str, Any]) -> dict[str, Any] | None:
    metrics = step.metrics
    if metrics is None or metrics.completion_token_ids is None:
        return None
    return {
        "sampler": own.get("sampler", 0),
        "prompt": metrics.prompt_token_ids or [],
        "completion": metrics.completion_token_ids,
        "logprobs": metrics.logprobs,
    }


def _packed(
    ids: dict[str, Any] | None, seat: str, context: dict[str, NDArray[np.uint32]]
) -> Tokens | None:
    if ids is None:
        return None
    call = pack(
        ids["sampler"], ids["prompt"], ids["completion"], ids.get("logprobs"), context.get(seat)
    )
    context[seat] = np.asarray([*ids["prompt"], *ids["completion"]], dtype="<u4")
    return call


def _plain(content: schema.Content | None) -> str:
    if isinstance(content, list):
        return "".join(part.text or "" for part in content)
    return content or ""


class _Desk:
    """Builds the steps of a foreign trajectory, times never running backwards."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.samplers: list[Sampler] = []
        self.context: dict[str, NDArray[np.uint32]] = {}
        self._now = 0

    def at(self, ns: int | None) -> None:
        """Set the time of what is added next."""
        self._now = max(self._now, ns or 0)

    def add(
        self,
        kind: StepKind,
        payload: object,
        *,
        track: str = MAIN,
        reply_to: int | None = None,
        tokens: Tokens | None = None,
    ) -> int:
        """Add a step and return its seq."""
        seq, actor = len(self.steps), 0 if kind == "action" else GYM
        data = msgspec.json.encode(payload)
        step = Step(seq, kind, actor, SEAT, track, self._now, self._now, data, "", reply_to)
        self.steps.append(msgspec.structs.replace(step, tokens=tokens))
        return seq


def _foreign(trajectory: schema.Trajectory, lab: str, run: str, task: str) -> Record:
    times = [_ns(step.timestamp) for step in trajectory.steps]
    anchor = next((t for t in times if t is not None), clock.wall_ns())
    desk = _Desk()
    for step, when in zip(trajectory.steps, times, strict=True):
        desk.at(None if when is None else when - anchor)
        _lay(desk, step, trajectory.agent)
    if trajectory.subagent_trajectories:
        below = msgspec.to_builtins(trajectory.subagent_trajectories)
        desk.add("note", {"subagent_trajectories": below}, track="atif")
    agent, final = trajectory.agent, trajectory.final_metrics or schema.FinalMetrics()
    actor = Actor("model", agent.model_name or agent.name, agent.version)
    usd = () if final.total_cost_usd is None else (Money(round(final.total_cost_usd * 1e9), "USD"),)
    cost = Cost(final.total_prompt_tokens or 0, final.total_completion_tokens or 0, 0, usd)
    name = trajectory.trajectory_id or trajectory.session_id or ""
    episode = Episode(
        id=new_id(),
        lab=lab,
        key=RunKey(run, task or name, actor.name),
        gym="atif",
        gym_version=trajectory.schema_version,
        skill="",
        anchor_ns=anchor,
        length_ns=desk.steps[-1].end_ns,
        status="done",
        actors=(actor,),
        seats=(Seat(SEAT, (0,)),),
        samplers=tuple(desk.samplers),
        cost=cost,
    )
    return Record(episode, tuple(desk.steps))


def _lay(desk: _Desk, step: schema.Step, agent: schema.Agent) -> None:
    """Add the steps that one foreign ATIF step stands for."""
    text = _plain(step.message)
    if step.source != "agent":
        desk.add("observation", {"text": text, "role": step.source})
    else:
        if step.reasoning_content:
            desk.add("note", {"reasoning": step.reasoning_content}, track="reasoning")
        tokens = _foreign_tokens(desk, step, agent)
        calls: dict[str, int] = {}
        if text or not step.tool_calls:
            desk.add("action", {"do": SAY, "text": text}, tokens=tokens)
            tokens = None
        for call in step.tool_calls or ():
            payload = doing(call.function_name, call.arguments)
            calls[call.tool_call_id] = desk.add("action", payload, tokens=tokens)
            tokens = None
        for result in step.observation.results if step.observation else ():
            shown = {"text": _plain(result.content), "role": "tool" if calls else "user"}
            desk.add("observation", shown, reply_to=calls.get(result.source_call_id or ""))
        return
    for result in step.observation.results if step.observation else ():
        desk.add("observation", {"text": _plain(result.content), "role": "user"})


def _foreign_tokens(desk: _Desk, step: schema.Step, agent: schema.Agent) -> Tokens | None:
    ids = _ids(step, {})
    if ids is None:
        return None
    sampler = Sampler(step.model_name or agent.model_name or agent.name, agent.version)
    if sampler not in desk.samplers:
        desk.samplers.append(sampler)
    ids["sampler"] = desk.samplers.index(sampler)
    return _packed(ids, SEAT, desk.context)


def _ns(timestamp: str | None) -> int | None:
    if timestamp is None:
        return None
    moment = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1_000_000) * 1000
