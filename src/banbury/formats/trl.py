"""Rows for TRL, in its conversational formats.

- SFT: `{"prompt": [messages], "completion": [messages]}`, one row per action, so that the loss
  falls on that action alone and never on what the gym or another actor said.
- GRPO and other online methods: `{"prompt": [messages]}`.
- Preference (DPO, reward models): `{"prompt", "chosen", "rejected"}`, each a list of messages.

Source of the formats: https://huggingface.co/docs/trl/dataset_formats
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from banbury.episode import Record
from banbury.errors import InputError
from banbury.formats.chat import Message, Said, dump, load, messages, said

Row = dict[str, Any]


def turns(record: Record, seat: str | None = None) -> tuple[tuple[tuple[Message, ...], Said], ...]:
    """Return (all messages before, the action said) of every action at a seat, in order.

    Raises:
        InputError: there is no such seat, or several and none was named.
    """
    spoken = said(record, seat)
    heard = tuple(s.message for s in spoken)
    return tuple((heard[:i], s) for i, s in enumerate(spoken) if s.step.kind == "action")


def sft(record: Record, seat: str | None = None) -> list[Row]:
    """Return one prompt-completion row per action at a seat, in order."""
    return [
        {"prompt": dump(before), "completion": dump([one.message])}
        for before, one in turns(record, seat)
    ]


def prompt_only(record: Record, seat: str | None = None) -> Row:
    """Return the prompt-only row of an episode: all that was shown before the first action.

    Raises:
        InputError: nothing was shown before it.
    """
    shown = []
    for one in said(record, seat):
        if one.step.kind == "action":
            break
        shown.append(one.message)
    if not shown:
        raise InputError(
            "nothing was shown before the first action",
            where=f"episode {record.episode.id}",
            do="leave this episode out of prompts",
        )
    return {"prompt": dump(shown)}


def preference(better: Record, worse: Record, seat: str | None = None) -> Row:
    """Return a preference row of two episodes that begin alike.

    The prompt is what both have in common; it must hold all that was shown before the first
    action of either.

    Raises:
        InputError: they begin differently, or do not differ at all.
    """
    a, b = messages(better, seat), messages(worse, seat)
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    where = f"episodes {better.episode.id} and {worse.episode.id}"
    if n == len(a) or n == len(b):
        raise InputError(
            "two episodes that do not differ hold no preference",
            where=where,
            do="choose two that end differently",
        )
    if a[n].role != "assistant" or b[n].role != "assistant":
        raise InputError(
            "two episodes with different prompts cannot be compared",
            where=where,
            do="choose two attempts at one task with the same wording",
        )
    return {"prompt": dump(a[:n]), "chosen": dump(a[n:]), "rejected": dump(b[n:])}


def read(row: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return the conversation of a row: prompt, then completion, `chosen` or nothing.

    Rows of the one-column format `{"messages": [...]}` are read too.

    Raises:
        InputError: it is no conversational row.
    """
    if "messages" in row:
        return load(row["messages"])
    prompt = row.get("prompt")
    rest = row.get("completion", row.get("chosen", []))
    if not isinstance(prompt, list) or not isinstance(rest, list):
        raise InputError(
            "this row is not conversational",
            where="columns " + ", ".join(sorted(row)),
            do="give lists of messages under prompt and completion, or under messages",
        )
    return load([*prompt, *rest])
