"""The rows of a release: one for each action to train on, with its whole lineage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
import pyarrow as pa

from banbury.episode import Judgement, Record, Task, canonical, digest
from banbury.formats.chat import Message
from banbury.formats.trl import turns

Part = Literal["train", "validation"]
SplitBy = Literal["item", "family", "source"]

COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("id", pa.string()),
    ("skill", pa.string()),
    ("task", pa.string()),
    ("gym", pa.string()),
    ("gym_version", pa.string()),
    ("family", pa.string()),
    ("family_version", pa.string()),
    ("params", pa.string()),
    ("phrasing", pa.string()),
    ("episode", pa.string()),
    ("turn", pa.int32()),
    ("run", pa.string()),
    ("parents", pa.list_(pa.string())),
    ("actor", pa.string()),
    ("actor_kind", pa.string()),
    ("actor_revision", pa.string()),
    ("judge", pa.string()),
    ("judge_hash", pa.string()),
    ("score", pa.float64()),
    ("licence", pa.string()),
    ("consent", pa.string()),
    ("origin_kind", pa.string()),
    ("origin_source", pa.string()),
    ("origin_revision", pa.string()),
    ("origin_parents", pa.list_(pa.string())),
)
"""The columns of lineage, after `prompt` and `completion`."""


class Row(msgspec.Struct, frozen=True):
    """One row: a prompt, the completion to train on, and where both come from.

    Attributes:
        id: SHA-256 of prompt and completion; equal rows are one.
        part: train or validation.
        prompt: the conversation before the action.
        completion: the action.
        lineage: the values of `COLUMNS`, by name.
        by_form: its judge looked at the form alone, since no right answer was known.
    """

    id: str
    part: Part
    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    lineage: dict[str, Any]
    by_form: bool = False


def rows(
    record: Record,
    task: Task,
    judgement: Judgement,
    *,
    seat: str | None,
    validation: float,
    split_by: SplitBy,
) -> Iterator[Row]:
    """Yield a row for every action at a seat, in order.

    Args:
        record: a reviewed episode.
        task: its task.
        judgement: the newest.
        seat: whose actions; the first seat's if None.
        validation: share of groups that go to validation, in [0, 1).
        split_by: what stays together, see `group`.
    """
    seats = [s.name for s in record.episode.seats]
    side = part(group(task, split_by), validation)
    named = seat or (seats[0] if seats else None)
    form = by_form(judgement)
    for turn, (prompt, said) in enumerate(turns(record, named)):
        completion = (said.message,)
        words = msgspec.to_builtins([prompt, completion])
        actor = record.episode.actors[said.step.actor]
        lineage = _lineage(record, task, judgement) | {
            "turn": turn,
            "actor": actor.name,
            "actor_kind": actor.kind,
            "actor_revision": actor.revision,
        }
        id = digest(canonical(words))
        yield Row(id, side, prompt, completion, {"id": id, **lineage}, form)


def by_form(judgement: Judgement) -> bool:
    """Say whether a judge's evidence says that it looked at an answer's form alone."""
    said = msgspec.json.decode(judgement.evidence)
    return isinstance(said, dict) and str(said.get("judged", "")).startswith("only its form")


def group(task: Task, split_by: SplitBy) -> str:
    """Return what a task belongs to: no group is in both train and validation.

    `item` keeps wordings of one item together (for mined work, whole repositories); `family`
    keeps whole families; `source` keeps all of one origin.
    """
    if split_by == "family":
        return f"{task.gym}\n{task.family}"
    if split_by == "source" or task.origin.kind == "mined":
        return f"{task.origin.kind}\n{task.origin.source}"
    params = msgspec.json.decode(task.params) if task.params else {}
    content = params.get("content", params) if isinstance(params, dict) else params
    return f"{task.gym}\n{task.family}\n{canonical(content).decode()}"


def part(group: str, validation: float) -> Part:
    """Return the side of a group: by its hash, so that it never changes between releases."""
    return "validation" if int(digest(group.encode())[:12], 16) / 16**12 < validation else "train"


def table(made: Iterable[Row]) -> pa.Table:
    """Return rows as an Arrow table; tool calls have columns only where there are any."""
    listed = list(made)
    said = [m for row in listed for m in (*row.prompt, *row.completion)]
    message = _message_type(any(m.tool_calls or m.tool_call_id for m in said))
    schema = pa.schema([("prompt", pa.list_(message)), ("completion", pa.list_(message)), *COLUMNS])
    columns = {
        "prompt": [[_plain(m) for m in row.prompt] for row in listed],
        "completion": [[_plain(m) for m in row.completion] for row in listed],
    } | {name: [row.lineage[name] for row in listed] for name, _ in COLUMNS}
    return pa.table(columns, schema=schema)


def _lineage(record: Record, task: Task, judgement: Judgement) -> dict[str, Any]:
    episode, origin = record.episode, task.origin
    return {
        "skill": task.skill,
        "task": task.id,
        "gym": episode.gym,
        "gym_version": episode.gym_version,
        "family": task.family,
        "family_version": task.version,
        "params": task.params,
        "phrasing": task.public.phrasing,
        "episode": episode.id,
        "run": episode.key.run,
        "parents": [p.episode for p in episode.parents],
        "judge": judgement.judge,
        "judge_hash": judgement.judge_hash,
        "score": judgement.score,
        "licence": task.licence,
        "consent": task.consent,
        "origin_kind": origin.kind,
        "origin_source": origin.source,
        "origin_revision": origin.revision,
        "origin_parents": list(origin.parents),
    }


def _message_type(tools: bool) -> pa.DataType:
    plain = [("role", pa.string()), ("content", pa.string())]
    if not tools:
        return pa.struct(plain)
    function = pa.struct([("name", pa.string()), ("arguments", pa.string())])
    call = pa.struct([("id", pa.string()), ("type", pa.string()), ("function", function)])
    return pa.struct([*plain, ("tool_calls", pa.list_(call)), ("tool_call_id", pa.string())])


def _plain(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": message.content,
        "tool_calls": msgspec.to_builtins(list(message.tool_calls)) or None,
        "tool_call_id": message.tool_call_id or None,
    }
