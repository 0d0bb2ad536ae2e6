"""The schema of ATIF, strict: unknown keys are refused, and so is what its rules forbid.

Source: RFC 0001 of Harbor (https://github.com/harbor-framework/harbor), as its validator in
release 0.25.0 has it. Read are versions 1.0 to 1.8, written is 1.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from banbury.errors import InputError

VERSION: Literal["ATIF-v1.8"] = "ATIF-v1.8"
Version = Literal[
    "ATIF-v1.0",
    "ATIF-v1.1",
    "ATIF-v1.2",
    "ATIF-v1.3",
    "ATIF-v1.4",
    "ATIF-v1.5",
    "ATIF-v1.6",
    "ATIF-v1.7",
    "ATIF-v1.8",
]
Extra = dict[str, Any]
Count = Annotated[int, msgspec.Meta(ge=0)]
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
AUDIOS = (
    "audio/wav",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/flac",
    "audio/webm",
    "audio/aiff",
)


class _Strict(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every object of the format."""


class Source(_Strict, frozen=True):
    """Where an image or a sound lies; only a sound has a length in seconds."""

    media_type: str
    path: str
    duration_sec: Annotated[float, msgspec.Meta(ge=0)] | None = None


class Part(_Strict, frozen=True):
    """One part of a message: text, image or audio."""

    type: Literal["text", "image", "audio"]
    text: str | None = None
    source: Source | None = None


Content = str | list[Part]


class ToolCall(_Strict, frozen=True):
    """One tool call of an agent's step."""

    tool_call_id: str
    function_name: str
    arguments: dict[str, Any]
    extra: Extra | None = None


class SubagentRef(_Strict, frozen=True):
    """A pointer to a subagent's trajectory."""

    trajectory_id: str | None = None
    session_id: str | None = None
    trajectory_path: str | None = None
    extra: Extra | None = None


class Result(_Strict, frozen=True):
    """What one call, or the system, brought."""

    source_call_id: str | None = None
    content: Content | None = None
    subagent_trajectory_ref: list[SubagentRef] | None = None
    extra: Extra | None = None


class Observation(_Strict, frozen=True):
    """What came back after an agent's step."""

    results: list[Result]


class Metrics(_Strict, frozen=True):
    """Tokens, log-probabilities and cost of one model call."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    prompt_token_ids: list[int] | None = None
    completion_token_ids: list[int] | None = None
    logprobs: list[float] | None = None
    extra: Extra | None = None


class Step(_Strict, frozen=True):
    """One step; `step_id` counts from 1."""

    step_id: Annotated[int, msgspec.Meta(ge=1)]
    source: Literal["system", "user", "agent"]
    message: Content
    timestamp: str | None = None
    model_name: str | None = None
    reasoning_effort: str | float | None = None
    reasoning_content: str | None = None
    tool_calls: list[ToolCall] | None = None
    observation: Observation | None = None
    metrics: Metrics | None = None
    is_copied_context: bool | None = None
    llm_call_count: Count | None = None
    extra: Extra | None = None


class Agent(_Strict, frozen=True):
    """Who acted."""

    name: str
    version: str
    model_name: str | None = None
    tool_definitions: list[dict[str, Any]] | None = None
    extra: Extra | None = None


class FinalMetrics(_Strict, frozen=True):
    """Sums over the trajectory."""

    total_prompt_tokens: int | None = None
    total_completion_tokens: int | None = None
    total_cached_tokens: int | None = None
    total_cost_usd: float | None = None
    total_steps: Count | None = None
    extra: Extra | None = None


class Trajectory(_Strict, frozen=True):
    """One agent run."""

    schema_version: Version
    agent: Agent
    steps: Annotated[list[Step], msgspec.Meta(min_length=1)]
    session_id: str | None = None
    trajectory_id: str | None = None
    notes: str | None = None
    final_metrics: FinalMetrics | None = None
    continued_trajectory_ref: str | None = None
    extra: Extra | None = None
    subagent_trajectories: list[Trajectory] | None = None


def load(data: bytes | str) -> Trajectory:
    """Return a trajectory from its JSON text, checked.

    Raises:
        InputError: it breaks the schema or one of the format's rules.
    """
    try:
        trajectory = msgspec.json.decode(data, type=Trajectory)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InputError(
            f"this is not an ATIF trajectory: {error}", do=f"write it as {VERSION} or older"
        ) from error
    check(trajectory)
    return trajectory


def check(trajectory: Trajectory) -> None:
    """Hold a trajectory against the rules that a schema cannot say.

    Raises:
        InputError: it breaks one; the first is named with its place.
    """
    for where, what in _broken(trajectory, "$"):
        raise InputError(what, where=where, do="mend it; see RFC 0001 of Harbor")


def _broken(trajectory: Trajectory, at: str) -> Iterator[tuple[str, str]]:
    for i, step in enumerate(trajectory.steps):
        where = f"{at}.steps[{i}]"
        if step.step_id != i + 1:
            yield where, f"step_id must be {i + 1}, counted from 1, not {step.step_id}"
        yield from _broken_step(step, where)
    known: set[str] = set()
    for i, child in enumerate(trajectory.subagent_trajectories or ()):
        where = f"{at}.subagent_trajectories[{i}]"
        if child.trajectory_id is None or child.trajectory_id in known:
            yield where, "an embedded trajectory needs a trajectory_id of its own"
        known.add(child.trajectory_id or "")
        yield from _broken(child, where)


def _broken_step(step: Step, where: str) -> Iterator[tuple[str, str]]:
    if step.timestamp is not None:
        try:
            datetime.fromisoformat(step.timestamp.replace("Z", "+00:00"))
        except ValueError:
            yield where, f"the timestamp {step.timestamp[:40]!r} is not ISO 8601"
    if step.source != "agent":
        only = ("model_name", "reasoning_effort", "reasoning_content", "tool_calls", "metrics")
        for field in only:
            if getattr(step, field) is not None:
                yield where, f"{field} belongs to agent steps only, not to {step.source}"
    elif step.llm_call_count == 0:
        for field in ("metrics", "reasoning_content"):
            if getattr(step, field) is not None:
                yield where, f"{field} cannot be there when llm_call_count is 0"
    yield from _broken_content(step.message, f"{where}.message")
    calls = {call.tool_call_id for call in step.tool_calls or ()}
    for i, result in enumerate(step.observation.results if step.observation else ()):
        here = f"{where}.observation.results[{i}]"
        if result.source_call_id is not None and result.source_call_id not in calls:
            yield here, f"source_call_id {result.source_call_id[:60]!r} is no call of this step"
        yield from _broken_content(result.content or "", f"{here}.content")
        for ref in result.subagent_trajectory_ref or ():
            if ref.trajectory_id is None and ref.trajectory_path is None:
                yield here, "a subagent reference needs a trajectory_id or a trajectory_path"


def _broken_content(content: Content, where: str) -> Iterator[tuple[str, str]]:
    for part in () if isinstance(content, str) else content:
        if part.type == "text":
            if part.text is None or part.source is not None:
                yield where, "a text part has text and no source"
            continue
        if part.source is None or part.text is not None:
            yield where, f"an {part.type} part has a source and no text"
        elif part.source.media_type not in (IMAGES if part.type == "image" else AUDIOS):
            yield where, f"{part.source.media_type!r} is no media type of an {part.type} part"
        elif part.type == "image" and part.source.duration_sec is not None:
            yield where, "an image has no duration"
