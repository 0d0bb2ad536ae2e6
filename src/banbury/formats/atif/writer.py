"""Episodes as ATIF trajectories, seen from one seat.

What ATIF has no word for (actors, seats, rewards, corrections, notes, tracks that are not words,
judgements, the task's public half) is kept under `extra.banbury`, so that `reader.read` gives
the same episode back. A task's secret never gets here: no argument takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from banbury.episode import NANO, Episode, Judgement, Record, Step, Task, unpack
from banbury.errors import InputError
from banbury.formats.atif import schema
from banbury.formats.chat import MAIN, SAY, decoded, the_seat

OURS = "banbury"
"""The key under `extra` that holds what only Banbury reads."""

Calls = dict[int, tuple[NDArray[np.uint32], NDArray[np.uint32]]]


def write(
    record: Record,
    *,
    seat: str | None = None,
    task: Task | None = None,
    judgements: Sequence[Judgement] = (),
    tokens: bool = True,
) -> schema.Trajectory:
    """Return an episode as a trajectory, checked against the schema's rules.

    Args:
        record: the episode with its body.
        seat: whose trajectory it is; needed where the episode has several.
        task: adds the task's public half, its skill, licence and origin.
        judgements: the verdicts to carry along.
        tokens: carry token ids and log-probabilities where they are known.

    Raises:
        InputError: no such seat, or the episode holds no words.
    """
    name = the_seat(record, seat)
    book = _Book(record, name, _calls(record) if tokens else {})
    for step in record.steps:
        book.add(step)
    if not book.steps:
        raise InputError(
            "an episode without words cannot be an ATIF trajectory",
            where=f"episode {record.episode.id}",
            do="leave it out",
        )
    episode = record.episode
    ours: dict[str, Any] = {
        "episode": msgspec.to_builtins(msgspec.structs.replace(episode, segments=())),
        "seat": name,
        "events": book.before,
        "judgements": msgspec.to_builtins(tuple(judgements)),
    }
    if task is not None:
        ours["task"] = msgspec.to_builtins(task)
    trajectory = schema.Trajectory(
        schema_version=schema.VERSION,
        session_id=episode.id,
        trajectory_id=episode.id,
        agent=_agent(record, name),
        steps=[msgspec.convert(step, schema.Step) for step in book.steps],
        final_metrics=_final(episode, len(book.steps)),
        extra={OURS: ours},
    )
    schema.check(trajectory)
    return trajectory


def dump(trajectory: schema.Trajectory) -> bytes:
    """Return the JSON text of a trajectory: one line, no newline, arguments in their own order."""
    return msgspec.json.encode(trajectory)


class _Book:
    """Lays an episode's steps out as ATIF steps, events between them kept with the one before."""

    def __init__(self, record: Record, seat: str, calls: Calls) -> None:
        self.steps: list[dict[str, Any]] = []
        self.before: list[dict[str, Any]] = []
        self._record = record
        self._seat = seat
        self._calls = calls

    def add(self, step: Step) -> None:
        """Add one step: as an agent's step, as something said to it, or as an event."""
        payload = decoded(step)
        here = step.track == MAIN and step.seat in (self._seat, "")
        if step.kind == "action" and here and step.seat == self._seat:
            self._agent(step, payload)
        elif step.kind == "observation" and here and _worded(payload):
            self._shown(step, payload)
        else:
            self._event(step, payload)

    def _agent(self, step: Step, payload: Any) -> None:
        actor = self._record.episode.actors[step.actor]
        out: dict[str, Any] = {"source": "agent", **self._frame(step)}
        if actor.kind == "model":
            out["llm_call_count"] = 1
            out["model_name"] = actor.name
        else:
            out["llm_call_count"] = 0
        rebuilt = None
        if isinstance(payload, dict) and isinstance(payload.get("do"), str):
            rest = {k: v for k, v in payload.items() if k != "do"}
            if payload["do"] == SAY and set(rest) == {"text"} and isinstance(rest["text"], str):
                out["message"] = rest["text"]
            else:
                call = {"tool_call_id": f"call_{step.seq}", "function_name": payload["do"]}
                out["message"] = ""
                out["tool_calls"] = [{**call, "arguments": rest}]
            rebuilt = payload
        else:
            out["message"] = payload if isinstance(payload, str) else _text(payload)
        ours = self._ours(step)
        if rebuilt is None:
            ours["payload"] = payload
        if actor.kind == "model" and step.seq in self._calls:
            out["metrics"] = self._metrics(step)
            ours["sampler"] = step.tokens.sampler if step.tokens else 0
        elif step.seq in self._calls:
            ours["tokens"] = self._token_lists(step)
        out["extra"] = {OURS: ours}
        self._append(out)

    def _shown(self, step: Step, payload: dict[str, Any]) -> None:
        ours = self._ours(step)
        role = payload.get("role", "user")
        told = {} if role == "user" else {"role": role}
        if payload != {"text": payload["text"], **told} or role not in ("user", "system", "tool"):
            ours["payload"] = payload
        if step.seq in self._calls:
            ours["tokens"] = self._token_lists(step)
        last = self.steps[-1] if self.steps else None
        if role == "tool" and last is not None and last.get("tool_calls"):
            call = last["tool_calls"][0]["tool_call_id"]
            result = {
                "source_call_id": call,
                "content": _content(payload["text"], step),
                "extra": {OURS: ours},
            }
            last.setdefault("observation", {"results": []})["results"].append(result)
            return
        if role == "tool":
            ours["payload"] = payload
        source = "system" if role == "system" else "user"
        message = _content(payload["text"], step)
        out = {"source": source, "message": message, **self._frame(step), "extra": {OURS: ours}}
        self._append(out)

    def _event(self, step: Step, payload: Any) -> None:
        event = {**self._ours(step), "kind": step.kind, "payload": payload}
        if step.seq in self._calls:
            event["tokens"] = self._token_lists(step)
        if self.steps:
            self.steps[-1]["extra"][OURS].setdefault("events", []).append(event)
        else:
            self.before.append(event)

    def _append(self, out: dict[str, Any]) -> None:
        self.steps.append({"step_id": len(self.steps) + 1, **out})

    def _frame(self, step: Step) -> dict[str, Any]:
        ns = self._record.episode.anchor_ns + step.start_ns
        when = datetime.fromtimestamp(ns // NANO, UTC).replace(microsecond=ns % NANO // 1000)
        return {"timestamp": when.isoformat().replace("+00:00", "Z")}

    def _ours(self, step: Step) -> dict[str, Any]:
        """Return the step's own fields, those at their default left out."""
        ours: dict[str, Any] = {
            "seq": step.seq,
            "actor": step.actor,
            "seat": step.seat,
            "track": step.track,
            "start_ns": step.start_ns,
            "end_ns": step.end_ns,
            "schema": step.schema,
            "reply_to": step.reply_to,
            "corrects": step.corrects,
            "spans": msgspec.to_builtins(step.spans),
        }
        return {k: v for k, v in ours.items() if v not in ("", None, [])}

    def _metrics(self, step: Step) -> dict[str, Any]:
        ids = self._token_lists(step)
        out = {
            "prompt_tokens": len(ids["prompt"]),
            "completion_tokens": len(ids["completion"]),
            "prompt_token_ids": ids["prompt"],
            "completion_token_ids": ids["completion"],
        }
        if "logprobs" in ids:
            out["logprobs"] = ids["logprobs"]
        return out

    def _token_lists(self, step: Step) -> dict[str, Any]:
        assert step.tokens is not None, step.seq
        prompt, completion = self._calls[step.seq]
        out: dict[str, Any] = {
            "sampler": step.tokens.sampler,
            "prompt": prompt.tolist(),
            "completion": completion.tolist(),
        }
        logprobs = step.tokens.completion_logprobs
        # JSON has no infinity; a list with holes would be refused by readers.
        if len(logprobs) and bool(np.isfinite(logprobs).all()):
            out["logprobs"] = logprobs.astype(float).tolist()
        return out


def _calls(record: Record) -> Calls:
    """Return the whole prompt and completion of every model call, by seq of its step."""
    out: Calls = {}
    for seat in {s.seat for s in record.steps}:
        steps = [s for s in record.steps if s.seat == seat and s.tokens is not None]
        packed = [s.tokens for s in steps if s.tokens is not None]
        out.update({s.seq: ids for s, ids in zip(steps, unpack(packed), strict=True)})
    return out


def _worded(payload: Any) -> bool:
    return isinstance(payload, dict) and isinstance(payload.get("text"), str)


def _text(payload: Any) -> str:
    return msgspec.json.encode(payload).decode()


def _content(text: str, step: Step) -> str | list[dict[str, Any]]:
    """Return the text, with images and sounds as parts behind it where the step has any."""
    media = []
    for span in step.spans:
        blob = span.blob
        kind = "image" if blob.media in schema.IMAGES else "audio"
        if blob.media in schema.IMAGES + schema.AUDIOS:
            path = f"sha256/{blob.sha256[:2]}/{blob.sha256}"
            media.append({"type": kind, "source": {"media_type": blob.media, "path": path}})
    return [{"type": "text", "text": text}, *media] if media else text


def _agent(record: Record, seat: str) -> schema.Agent:
    episode = record.episode
    index = next((s.actors[0] for s in episode.seats if s.name == seat and s.actors), None)
    if index is None:
        index = next((s.actor for s in record.steps if s.kind == "action" and s.seat == seat), 0)
    actor = episode.actors[index] if 0 <= index < len(episode.actors) else None
    if actor is None:
        return schema.Agent("unknown", "unknown")
    model = actor.name if actor.kind == "model" else None
    extra = {OURS: {"kind": actor.kind}}
    return schema.Agent(actor.name, actor.revision or "unknown", model, extra=extra)


def _final(episode: Episode, steps: int) -> schema.FinalMetrics:
    money = {m.currency: m.nano for m in episode.cost.money}
    return schema.FinalMetrics(
        total_prompt_tokens=episode.cost.tokens_in,
        total_completion_tokens=episode.cost.tokens_out,
        total_cost_usd=money["USD"] / NANO if set(money) == {"USD"} else None,
        total_steps=steps,
    )
